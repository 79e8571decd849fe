"""What a worker makes of a delivery, file by file."""

import io
import tarfile
import zipfile

import pytest
from pydicom import dcmread

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
    assert list(reasons(delivery)) == ["clinic/broken.dcm"], reasons(delivery)
    assert fates(delivery) == {
        "clinic/CXR1.dcm": "imported",
        "clinic/CXR2.png": "imported",
        "clinic/CXR3.jpg": "imported",
        "clinic/again.dcm": "there",
        "clinic/notes.txt": "aside",
        "clinic/DICOMDIR": "aside",
        "clinic/broken.dcm": "refused",
    }
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


def test_pseudonymised_cases_keep_no_file_name() -> None:
    delivery = brought(
        {"Doe_John/CXR1.dcm": film(1), "Doe_Jane.png": picture(1)},
        code_from="PatientID",
    )
    taken = delivery.files.get(state="imported")
    assert taken.case is not None
    assert "Doe" not in taken.name and taken.name.startswith(taken.sha256[:12])
    assert Image.objects.get().name == taken.sha256[:12]
    # No case stands with the name of what was refused.
    assert list(reasons(delivery)) == ["Doe_Jane.png"]


def test_the_folder_names_the_case_where_it_is_asked_to() -> None:
    brought({"P1/a.dcm": film(1), "P1/b.dcm": film(2)}, code_from="parent")
    assert Case.objects.get().code == "P1"
    assert Image.objects.count() == 2


def test_two_files_of_one_name_do_not_become_one_case() -> None:
    delivery = brought({"P1/CXR1.dcm": film(1), "P2/CXR1.dcm": film(2)})
    assert fates(delivery) == {"P1/CXR1.dcm": "imported", "P2/CXR1.dcm": "refused"}
    assert "another radiograph under the case code CXR1" in str(reasons(delivery))


def test_files_without_bytes_and_hostile_names_are_told() -> None:
    delivery = brought(
        {"empty.dcm": b"", "a\u202eb\u0007.dcm": film(1), "../up/CXR2.dcm": film(2)}
    )
    assert fates(delivery) == {
        "empty.dcm": "refused",
        "a\\u202eb\\x07.dcm": "imported",
        "up/CXR2.dcm": "imported",
    }
    assert reasons(delivery) == {"empty.dcm": "It is empty."}


def bomb() -> bytes:
    """A small ZIP whose one member says that it holds 600 MiB, and does."""

    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("huge.dcm", "w") as member:
            for _ in range(600):
                member.write(bytes(1024**2))
        archive.writestr("CXR1.dcm", film(1))
    return stream.getvalue()


@pytest.mark.slow
def test_a_zip_bomb_costs_a_sentence() -> None:
    delivery = brought({"bomb.zip": bomb()})
    assert fates(delivery)["bomb.zip/CXR1.dcm"] == "imported"
    assert "It is too large: 600 MiB" in reasons(delivery)["bomb.zip/huge.dcm"]


def test_archives_that_are_damaged_encrypted_or_empty_are_told() -> None:
    whole = zipped({"CXR1.dcm": film(1)})
    delivery = brought({"cut.zip": whole[: len(whole) // 2], "none.zip": zipped({})})
    assert "damaged ZIP archive" in reasons(delivery)["cut.zip"]
    assert fates(delivery)["none.zip"] == "aside"


def test_members_of_one_name_stay_apart() -> None:

    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for seed in (1, 2):
            info = tarfile.TarInfo("../CXR1.dcm")
            info.size = len(film(seed))
            archive.addfile(info, io.BytesIO(film(seed)))
    delivery = brought({"a.tgz": stream.getvalue()})
    assert fates(delivery) == {
        "a.tgz": "unpacked",
        "a.tgz/CXR1.dcm": "imported",
        "a.tgz/CXR1 (2).dcm": "imported",
    }


def test_an_archive_half_listed_by_a_killed_worker_is_listed_to_its_end() -> None:
    delivery = opened()
    (row,) = upload(
        delivery, {"a.zip": zipped({f"CXR{n}.dcm": film(n) for n in range(4)})}
    )
    # What the killed worker left.
    delivery.files.create(
        archive=row, name="a.zip/CXR1.dcm", address="1", state="received"
    )
    services.seal(delivery=delivery, actor=cora().user)
    assert list(fates(taken_in(delivery)).values()).count("imported") == 4


def test_a_lateral_view_is_flagged() -> None:

    data = dcmread(io.BytesIO(film(1)))
    data.ViewPosition = "LL"
    stream = io.BytesIO()
    data.save_as(stream)
    delivery = brought({"CXR1.dcm": stream.getvalue()})
    assert "lateral" in delivery.files.get().warnings[0]
