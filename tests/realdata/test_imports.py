"""Real radiographs, reports and broken files: what is good comes in, the rest is told.

READERSTUDY_TEST_DATA names the folder.
"""

import contextlib
import io
import json
import os
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from readerstudy.cases.bitmaps import read_bitmap
from readerstudy.cases.dicom import read_dicom
from readerstudy.cases.frames import render_8bit
from readerstudy.cases.models import Case
from readerstudy.cases.radiograph import Refused
from readerstudy.reports.models import Report

DATA = Path(os.environ["READERSTUDY_TEST_DATA"])


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def said_by(command, *words):
    output = io.StringIO()
    with contextlib.suppress(CommandError):
        call_command(command, *map(str, words), "--json", stdout=output)
    return json.loads(output.getvalue())


@pytest.mark.django_db
def test_every_radiograph_comes_in_and_every_other_file_gets_a_reason():
    said = said_by("import_dicom", DATA / "dicom_cxr")
    assert (said["imported"], said["refused"]) == (9, 2)


@pytest.mark.django_db
@pytest.mark.parametrize("folder", ["dicom_malformed", "dicom_charset"])
def test_malformed_files_are_refused_one_by_one(folder):
    said = said_by("import_dicom", DATA / folder)
    assert said["imported"] == 0
    assert said["refused"] > 10
    assert all(each["reason"].endswith(".") for each in said["reasons"])


@pytest.mark.parametrize(
    "path",
    sorted(DATA.glob("image_malformed/*")),
    ids=lambda path: path.name,
)
def test_a_malformed_picture_is_read_or_refused(path):
    for read in (read_bitmap, read_dicom):
        try:
            read(path.read_bytes())
        except Refused as refusal:
            assert refusal.reason.endswith(".")


@pytest.mark.parametrize(
    "path", sorted(DATA.glob("cxr_png/**/*.png")), ids=lambda path: path.name
)
def test_a_real_picture_renders_at_its_size(path):
    frame = read_bitmap(path.read_bytes()).frame
    assert render_8bit(frame).shape == (frame.rows, frame.columns)


@pytest.mark.django_db
def test_the_indiana_archive_comes_in_with_sections_and_views():
    folder = DATA / "indiana"
    said = said_by(
        "import_openi",
        folder,
        "--images",
        folder / "images",
        "--projections",
        folder / "indiana_projections.csv",
    )
    assert (said["imported"], said["refused"]) == (2, 0)
    assert said["no_image"] > 2000
    assert set(Case.objects.values_list("code", "image__view")) == {
        ("CXR25", "frontal"),
        ("CXR54", "frontal"),
    }
    assert all(report.impression for report in Report.objects.all())
