"""What a worker makes of a delivery, file by file."""

import pytest

from readerstudy.cases.intake import services, staging
from readerstudy.cases.intake.models import Delivery
from readerstudy.cases.models import Case, Image
from tests.cases.intake.deliveries import (
    brought,
    fates,
    film,
    opened,
    picture,
    reasons,
    taken_in,
    upload,
    zipped,
)
from tests.people import cora

pytestmark = pytest.mark.django_db


def test_radiographs_become_cases_and_the_rest_is_told_apart() -> None:
    delivery = brought(
        {
            "clinic/CXR1.dcm": film(1),
            "clinic/CXR2.png": picture(2),
            "clinic/CXR3.jpg": picture(3, "JPEG"),
            "clinic/again.dcm": film(1),
            "clinic/notes.txt": b"Cora was here.",
            "clinic/DICOMDIR": b"an index",
            "clinic/broken.dcm": b"no radiograph at all",
        }
    )
    assert delivery.status == Delivery.Status.DONE
    assert fates(delivery) == {
        "clinic/CXR1.dcm": "imported",
        "clinic/CXR2.png": "imported",
        "clinic/CXR3.jpg": "imported",
        "clinic/again.dcm": "there",
        "clinic/notes.txt": "aside",
        "clinic/DICOMDIR": "aside",
        "clinic/broken.dcm": "refused",
    }
    assert set(reasons(delivery)) == {"clinic/broken.dcm"}
    assert set(Case.objects.values_list("code", flat=True)) == {"CXR1", "CXR2", "CXR3"}
    again = delivery.files.get(name="clinic/again.dcm")
    assert again.case is not None and again.case.code == "CXR1"


def test_an_archives_members_are_files_of_their_own() -> None:
    delivery = brought(
        {
            "clinic.zip": zipped(
                {
                    "a/CXR1.dcm": film(1),
                    "../../CXR2.dcm": film(2),
                    "__MACOSX/a/._CXR1.dcm": b"a fork",
                    "inner.zip": zipped({"CXR3.dcm": film(3)}),
                }
            )
        }
    )
    assert fates(delivery) == {
        "clinic.zip": "unpacked",
        "clinic.zip/a/CXR1.dcm": "imported",
        "clinic.zip/CXR2.dcm": "imported",
        "clinic.zip/__MACOSX/a/._CXR1.dcm": "aside",
        "clinic.zip/inner.zip": "refused",
    }
    assert "archive inside an archive" in reasons(delivery)["clinic.zip/inner.zip"]


def test_staged_bytes_are_gone_once_a_delivery_is_over() -> None:
    delivery = opened()
    (row,) = upload(delivery, {"CXR1.dcm": film(1)})
    assert staging.path_of(row).exists()
    services.seal(delivery=delivery, actor=cora().user)
    taken_in(delivery)
    assert not staging.folder_of(delivery.pk).exists()
    assert Image.objects.count() == 1
