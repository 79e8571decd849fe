"""Open-i and MIMIC-CXR through the page: cases with their reports and views."""

import pytest
from django.db import connection

from readerstudy.cases.intake import services, staging
from readerstudy.cases.intake.layouts import next_file
from readerstudy.cases.intake.models import DeliveredFile, Delivery
from readerstudy.cases.intake.tasks import take_in
from readerstudy.cases.models import Case
from readerstudy.reports.models import Report
from tests.cases.intake.deliveries import (
    fates,
    film,
    opened,
    picture,
    reasons,
    taken_in,
    upload,
    zipped,
)
from tests.cases.test_import_openi import xml
from tests.people import cora

pytestmark = pytest.mark.django_db

REPORT = b"""                                 FINAL REPORT
 EXAMINATION:  CHEST (PA AND LAT)

 INDICATION:  ___F with cough  // pneumonia?

 COMPARISON:  None.

 FINDINGS:

 The lungs are clear.
 The heart is normal.

 IMPRESSION:

 No acute process.
"""
STUDY = "files/p10/p10000032/s50414267"
FRONTAL, LATERAL = "02aa804e-bde0afdd", "174413ec-4ec4c1f7"
METADATA = (
    f"dicom_id,subject_id,ViewPosition\n{FRONTAL},10000032,PA\n"
    f"{LATERAL},10000032,LATERAL\n"
).encode()


def brought(layout: str, files: dict[str, bytes]) -> Delivery:
    delivery = opened("archive", layout)
    upload(delivery, files)
    services.seal(delivery=delivery, actor=cora().user)
    return taken_in(delivery)


def test_a_study_of_mimic_is_one_case_with_its_report_and_its_frontal_view() -> None:
    delivery = brought(
        "mimic",
        {
            f"{STUDY}/{LATERAL}.jpg": picture(1, "JPEG"),
            f"{STUDY}/{FRONTAL}.dcm": film(2),
            f"{STUDY}.txt": REPORT,
            "mimic-cxr-2.0.0-metadata.csv": METADATA,
            "files/p10/p10000032/s50414268/aa.jpg": picture(3, "JPEG"),
            "files/p10/p10000032/s50414269.txt": REPORT,
        },
    )
    assert fates(delivery) == {
        f"{STUDY}/{LATERAL}.jpg": "imported",
        f"{STUDY}/{FRONTAL}.dcm": "imported",
        f"{STUDY}.txt": "imported",
        "mimic-cxr-2.0.0-metadata.csv": "aside",
        "files/p10/p10000032/s50414268/aa.jpg": "aside",
        "files/p10/p10000032/s50414269.txt": "aside",
    }
    case = Case.objects.get()
    assert case.code == "s50414267"
    assert case.image is not None and case.image.name == FRONTAL
    assert case.image.view_reason == "table of metadata"
    assert case.indication == "___F with cough  // pneumonia?"
    report = Report.objects.get()
    assert report.findings == "The lungs are clear.\nThe heart is normal."
    assert report.impression == "No acute process."
    assert report.source.name == "ground_truth"


def test_open_i_comes_in_from_archives_in_any_order() -> None:
    delivery = brought(
        "openi",
        {
            "a_pictures.zip": zipped(
                {
                    "CXR2_IM-0001-1001.png": picture(1),
                    "CXR2_IM-0001-2001.png": picture(2),
                    "CXR9_IM-0001-1001.png": picture(9),
                }
            ),
            "reports.zip": zipped(
                {
                    "ecgen-radiology/2.xml": xml(2).encode(),
                    "ecgen-radiology/3.xml": xml(3).encode(),
                    "ecgen-radiology/4.xml": b"<eCitation>",
                    "__MACOSX/._2.xml": b"a fork",
                }
            ),
            "projections.csv": b"uid,filename,projection\n"
            b"2,2_IM-0001-1001.dcm.png,Lateral\n2,2_IM-0001-2001.dcm.png,Frontal\n",
        },
    )
    states = fates(delivery)
    assert states["reports.zip/ecgen-radiology/2.xml"] == "imported"
    assert states["a_pictures.zip/CXR2_IM-0001-2001.png"] == "imported"
    assert states["reports.zip/ecgen-radiology/3.xml"] == "aside"
    assert states["a_pictures.zip/CXR9_IM-0001-1001.png"] == "aside"
    assert list(reasons(delivery)) == ["reports.zip/ecgen-radiology/4.xml"]
    case = Case.objects.get()
    assert case.stratum == "normal"
    assert case.image is not None and case.image.name == "CXR2_IM-0001-2001"
    assert Report.objects.get().impression == "Normal."


def test_a_delivery_with_reports_keeps_originals_where_the_site_asks(
    settings, tmp_path
) -> None:
    settings.MEDIA_ROOT, settings.KEEP_ORIGINALS = tmp_path, True
    brought("mimic", {f"{STUDY}/{FRONTAL}.dcm": film(2), f"{STUDY}.txt": REPORT})
    (kept,) = (tmp_path / "originals").iterdir()
    assert kept.read_bytes() == film(2)


def test_a_study_with_a_broken_image_is_refused_as_a_whole() -> None:
    delivery = brought(
        "mimic",
        {
            f"{STUDY}/{FRONTAL}.dcm": film(2),
            f"{STUDY}/{LATERAL}.dcm": b"no radiograph",
            f"{STUDY}.txt": REPORT,
        },
    )
    assert set(fates(delivery).values()) == {"refused"}
    assert f"Its image {LATERAL}" in reasons(delivery)[f"{STUDY}.txt"]
    assert not Case.objects.exists() and not Report.objects.exists()


def test_the_same_studies_again_are_there_already() -> None:
    files = {f"{STUDY}/{FRONTAL}.dcm": film(2), f"{STUDY}.txt": REPORT}
    brought("mimic", files)
    assert set(fates(brought("mimic", files)).values()) == {"there"}
    assert Report.objects.count() == Case.objects.count() == 1


def test_a_table_that_is_none_is_refused_and_the_studies_still_come_in() -> None:
    delivery = brought(
        "mimic",
        {
            f"{STUDY}/{FRONTAL}.dcm": film(2),
            f"{STUDY}.txt": REPORT,
            "metadata.csv": b"a,b\n1,2\n",
        },
    )
    assert fates(delivery)[f"{STUDY}.txt"] == "imported"
    assert "no columns dicom_id" in reasons(delivery)["metadata.csv"]


def test_a_file_that_is_only_called_an_archive_keeps_no_report_from_coming_in() -> None:
    delivery = brought(
        "mimic",
        {
            f"{STUDY}/{FRONTAL}.dcm": film(2),
            f"{STUDY}.txt": REPORT,
            "a.zip": b"no archive",
        },
    )
    assert fates(delivery) == {
        f"{STUDY}/{FRONTAL}.dcm": "imported",
        f"{STUDY}.txt": "imported",
        "a.zip": "aside",
    }


def test_a_table_that_comes_again_is_read_again(settings) -> None:
    """Its row is the same, its bytes are not."""
    studies = [f"files/p10/p10000032/s5041426{number}" for number in (7, 8)]
    settings.INTAKE_SLICE_SECONDS = 0
    delivery = opened("archive", "mimic")
    wrong = METADATA.replace(f"{FRONTAL},10000032,PA".encode(), b"other,10000032,PA")
    upload(
        delivery,
        {
            "metadata.csv": wrong,
            f"{studies[0]}/{LATERAL}.dcm": film(2),
            f"{studies[0]}.txt": REPORT,
            f"{studies[1]}/{FRONTAL}.dcm": film(3),
            f"{studies[1]}.txt": REPORT,
        },
    )
    services.seal(delivery=delivery, actor=cora().user)
    take_in(delivery.pk)
    table = delivery.files.get(name="metadata.csv")
    path = staging.path_of(table)
    path.write_bytes(METADATA + b"\n")
    taken_in(delivery)
    second = Case.objects.get(code="s50414268")
    assert second.image is not None
    assert second.image.view_reason == "table of metadata"
    assert second.image.view == "frontal"


@pytest.mark.parametrize("layout", ["mimic", "openi"])
def test_what_comes_next_is_found_without_looking_at_all(layout: str) -> None:
    delivery = opened("archive", layout)
    upload(delivery, {"b.xml": b"<a/>", "a.txt": REPORT, "c.zip": b"x", "d.png": b"x"})
    first = next_file(delivery)
    assert first is not None and first.name == "c.zip"
    names = list(delivery.files.all().to_do().values_list("name", flat=True))
    assert names[1] == ("b.xml" if layout == "openi" else "a.txt")
    delivery.files.bulk_create(
        DeliveredFile(delivery=delivery, name=f"{n}.png", state="received", turn=3)
        for n in range(3000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    plan = delivery.files.all().to_do()[:1].explain()
    assert "delivered_next" in plan and "Sort" not in plan and "TEMP" not in plan
