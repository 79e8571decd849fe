"""Real files through deliveries: Open-i with its archive, broken files, real films."""

import os
from pathlib import Path

import pytest

from readerstudy.cases.intake import services
from readerstudy.cases.models import Case
from readerstudy.reports.models import Report
from tests.cases.intake.deliveries import fates, reasons, taken_in

DATA = Path(os.environ["READERSTUDY_TEST_DATA"])
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _places(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.IMPORT_ROOTS = [str(DATA)]


def brought(folder: str, layout: str):
    delivery = services.open_delivery(
        collection="real", origin="folder", layout=layout, options={}, actor=None
    )
    services.bring_folder(delivery=delivery, path=str(DATA / folder), actor=None)
    return taken_in(delivery)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_open_i_with_its_archive_and_its_table_of_projections():
    delivery = brought("indiana", "openi")
    assert set(Case.objects.values_list("code", flat=True)) == {"CXR25", "CXR54"}
    assert Report.objects.count() == 2
    pictures = {
        name: state for name, state in fates(delivery).items() if "images/" in name
    }
    assert set(pictures.values()) == {"imported"}


def test_films_come_in_and_broken_files_get_a_reason():
    delivery = brought("dicom_cxr", "radiographs")
    assert sorted(fates(delivery).values()) == ["imported"] * 9 + ["refused"] * 2
    warned = delivery.files.all().warned().count()
    assert warned == 6


def test_every_malformed_file_gets_an_outcome():
    for folder in ("dicom_malformed", "image_malformed", "dicom_charset"):
        delivery = brought(folder, "radiographs")
        assert not delivery.files.all().to_do().exists()
        assert all(reasons(delivery).values())
