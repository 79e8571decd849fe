"""Cora imports a part of MIMIC-CXR: studies in folders, reports by their sections."""

import gzip
import io
import json

import pytest
from django.core.management import CommandError, call_command

from readerstudy.cases.mimic import read_report, read_views, study_of, view_of
from readerstudy.cases.models import Case, HeaderRecord
from readerstudy.cases.radiograph import Refused
from readerstudy.reports.models import Report
from tests.cases.intake.deliveries import film, picture
from tests.cases.intake.test_reported_layouts import (
    FRONTAL,
    LATERAL,
    METADATA,
    REPORT,
    STUDY,
)


@pytest.fixture
def tree(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    tree = tmp_path / "mimic"
    (tree / STUDY).mkdir(parents=True)
    (tree / f"{STUDY}.txt").write_bytes(REPORT)
    (tree / STUDY / f"{FRONTAL}.dcm").write_bytes(film(1))
    (tree / STUDY / f"{LATERAL}.jpg").write_bytes(picture(2, "JPEG"))
    (tree / "files/p10/p10000032/s50414270.txt").write_bytes(REPORT)
    return tree


def imported(tree, *words):
    output = io.StringIO()
    call_command("import_mimic", str(tree), "--json", *words, stdout=output)
    return json.loads(output.getvalue())


@pytest.mark.django_db
def test_a_tree_is_counted_study_by_study_and_comes_in_once(tree) -> None:
    (tree / "mimic-cxr-2.0.0-metadata.csv.gz").write_bytes(gzip.compress(METADATA))
    said = imported(tree)
    assert (said["imported"], said["no_image"], said["refused"]) == (1, 1, 0)
    again = imported(tree, "--strict")
    assert (again["imported"], again["already_there"]) == (0, 1)
    case = Case.objects.get()
    assert case.image is not None and case.image.name == FRONTAL
    assert case.images.get(name=LATERAL).view == "lateral"
    assert Report.objects.get().provenance["origin"] == "MIMIC-CXR"


@pytest.mark.django_db
def test_strict_stores_nothing_where_one_study_is_refused(tree) -> None:
    (tree / STUDY / "broken.dcm").write_bytes(b"no radiograph")
    with pytest.raises(CommandError, match="takes all or none"):
        imported(tree, "--strict")
    assert not Case.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("table", "sentence"),
    [(b"a,b\n1,2\n", "no columns dicom_id"), (b"\x1f\x8bxx", "is damaged")],
)
def test_a_bad_table_stops_the_command_before_anything(tree, table, sentence) -> None:
    (tree / "metadata.csv").write_bytes(table)
    with pytest.raises(CommandError, match=sentence):
        imported(tree)
    assert not Case.objects.exists()


@pytest.mark.django_db
def test_a_folder_without_reports_is_told(tmp_path) -> None:
    with pytest.raises(CommandError, match="no report such as"):
        imported(tmp_path)
    with pytest.raises(CommandError, match="There is no folder"):
        imported(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("text", "findings", "impression", "whole"),
    [
        ("FINDINGS: Clear.\nIMPRESSION: Normal.", "Clear.", "Normal.", ""),
        (" Findings:\n Clear.\n Conclusion:\n Normal.", "Clear.", "Normal.", ""),
        ("FINDINGS AND IMPRESSION: Clear.", "Clear.", "", ""),
        ("PA AND LATERAL VIEWS OF THE CHEST: Clear.", "Clear.", "", ""),
        (
            "EXAM: CHEST.\nIMPRESSION: Clear.\nDr. A: told.",
            "",
            "Clear.\nDr. A: told.",
            "",
        ),
        ("FINAL REPORT\n The lungs are clear.", "", "", "The lungs are clear."),
    ],
)
def test_sections_are_told_by_their_headings(text, findings, impression, whole) -> None:
    report = read_report(text.encode())
    assert (report.findings, report.impression, report.text) == (
        findings,
        impression,
        whole,
    )


def test_what_is_no_report_is_refused() -> None:
    with pytest.raises(Refused, match="empty"):
        read_report(b" \n")
    with pytest.raises(Refused, match="no report"):
        read_report(b"x" * 200_000)


def test_names_and_positions_are_read() -> None:
    assert study_of(f"a/{STUDY}/x.dcm") == study_of(f"{STUDY}.txt")
    assert study_of("p10000032/notes.txt") == ""
    assert [view_of(word) for word in ("PA", "ap", "AP AXIAL", "LL", "LAO", "")] == [
        *("frontal", "frontal", "frontal", "lateral", None, None)
    ]
    assert read_views(METADATA, "t")[LATERAL] == "lateral"


@pytest.mark.django_db
def test_originals_are_kept_of_these_too_where_the_site_asks(tree, settings) -> None:
    imported(tree)
    assert not (settings.MEDIA_ROOT / "originals").exists()
    settings.KEEP_ORIGINALS = True
    imported(tree, "--collection", "kept")
    kept = {path.read_bytes() for path in (settings.MEDIA_ROOT / "originals").iterdir()}
    assert kept == {film(1), picture(2, "JPEG")}
    record = HeaderRecord.objects.get(image__case__collection__name="kept")
    assert record.original_is_kept
