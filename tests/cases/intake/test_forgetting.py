"""Whose name stands on a delivery's page, and for how long."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from readerstudy.audit.models import Event
from readerstudy.cases.intake import services
from readerstudy.cases.intake.forgetting import forget_when_due, name_instead
from readerstudy.cases.intake.models import DeliveredFile, Delivery
from readerstudy.cases.intake.services import Announced
from readerstudy.cases.models import Case
from tests.cases.intake.deliveries import (
    brought,
    fates,
    film,
    opened,
    taken_in,
    upload,
    zipped,
)
from tests.people import cora

pytestmark = pytest.mark.django_db

FILES = {
    "Doe_John/CXR1.dcm": film(1),
    "Doe_Jane.dcm": b"no radiograph",
    "Doe.Jack": b"no radiograph",
    "Doe list.txt": b"Doe, Jane",
    "Doe.zip": zipped({"Doe_Jim.dcm": b"no radiograph", "Doe_Joe.dcm": film(2)}),
}


def a_day_passes() -> None:
    ended = timezone.now() - timedelta(hours=25)
    Delivery.objects.update(finished_at=ended)


def everything_of(delivery: Delivery) -> str:
    """All that the database holds of a delivery and its files."""
    delivery.refresh_from_db()
    rows = [delivery.__dict__, *DeliveredFile.objects.values()]
    events = Event.objects.values_list("subject", "detail")
    return repr(rows) + repr(list(events))


def test_names_stand_for_a_day_and_are_replaced_then() -> None:
    delivery = brought(FILES, code_from="PatientID")
    assert forget_when_due() == 0
    page = cora().client.get(reverse("cases:intake:delivery", args=[delivery.pk]))
    assert "Doe_Jane.dcm" in page.content.decode()
    a_day_passes()
    assert forget_when_due() == 1
    assert "Doe" not in everything_of(delivery)
    assert fates(delivery)[name_instead("Doe_Jane.dcm")] == "refused"
    # An unknown ending can be a part of a name.
    assert name_instead("Doe_Jane.dcm").endswith(".dcm")
    assert "." not in name_instead("Doe.Jack")
    assert forget_when_due() == 0


def test_a_site_that_keeps_no_names_forgets_them_with_the_end(settings) -> None:
    settings.INTAKE_NAMES_KEPT_HOURS = 0
    assert "Doe" not in everything_of(brought(FILES, code_from="PatientID"))
    delivery = opened(code_from="AccessionNumber")
    upload(delivery, FILES)
    services.cancel(delivery=delivery, actor=cora().user)
    assert "Doe" not in everything_of(delivery)


def test_names_that_are_codes_stay() -> None:
    delivery = brought({"CXR1.dcm": film(1), "CXR2.dcm": b"broken"})
    a_day_passes()
    assert forget_when_due() == 0
    assert set(fates(delivery)) == {"CXR1.dcm", "CXR2.dcm"}


def test_a_file_whose_name_is_forgotten_can_be_chosen_again() -> None:
    files = {"Doe.dcm": b"x" * 9, "Doe2.dcm": film(1)}
    delivery = brought(files, code_from="PatientID")
    a_day_passes()
    forget_when_due()
    services.retry(delivery=delivery, actor=cora().user)
    (row,) = services.announce(delivery=delivery, files=[Announced("Doe.dcm", 9)])
    assert row.state == "expected" and row.name == "Doe.dcm"
    assert delivery.files.count() == 2


def test_an_archive_comes_again_under_its_forgotten_name() -> None:
    content = zipped({"Doe_Jim.dcm": b"broken", "Doe_Joe.dcm": film(2)})
    delivery = brought({"Doe.zip": content}, code_from="PatientID")
    a_day_passes()
    forget_when_due()
    services.retry(delivery=delivery, actor=cora().user)
    upload(delivery, {"Doe.zip": content})
    services.seal(delivery=delivery, actor=cora().user)
    assert sorted(fates(taken_in(delivery)).values()) == [
        "imported",
        "refused",
        "unpacked",
    ]
    assert Case.objects.count() == 1


def test_of_a_folder_its_place_is_forgotten_too(settings, tmp_path) -> None:
    settings.IMPORT_ROOTS = [str(tmp_path)]
    ward = tmp_path / "Doe_Jane"
    ward.mkdir()
    (ward / "Doe.dcm").write_bytes(b"broken")
    delivery = services.open_delivery(
        collection="ward",
        origin="folder",
        layout="radiographs",
        options={"code_from": "PatientID"},
        actor=cora().user,
    )
    services.bring_folder(delivery=delivery, path=str(ward), actor=cora().user)
    taken_in(delivery)
    services.retry(delivery=delivery, actor=cora().user)
    taken_in(delivery)
    a_day_passes()
    forget_when_due()
    assert "Doe" not in everything_of(delivery)
    with pytest.raises(ValidationError, match="forgotten by now where"):
        services.retry(delivery=delivery, actor=cora().user)


def test_what_is_wrong_with_an_archive_quotes_no_name_of_its_members() -> None:
    content = zipped({"Doe_Jane.dcm": film(1)})
    damaged = bytearray(content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        member = archive.infolist()[0]
    damaged[member.header_offset + 30 : member.header_offset + 33] = b"Roe"
    delivery = brought({"a.zip": bytes(damaged)}, code_from="PatientID")
    refused = delivery.files.get(state="refused")
    assert "damaged inside its ZIP" in refused.reason
    assert "Doe" not in refused.reason and "Roe" not in refused.reason


def test_a_failed_delivery_that_goes_on_forgets_again_in_the_end() -> None:
    delivery = opened(code_from="PatientID")
    upload(delivery, {"Doe_Jane.dcm": b"no radiograph", "Doe_Jim.dcm": film(1)})
    services.seal(delivery=delivery, actor=cora().user)
    Delivery.objects.update(status="failed")
    a_day_passes()
    assert forget_when_due() == 1
    assert "Doe_Jane.dcm" in fates(delivery)  # a worker may still take it
    services.retry(delivery=delivery, actor=cora().user)
    taken_in(delivery)
    a_day_passes()
    assert forget_when_due() == 1
    assert "Doe" not in everything_of(delivery)
