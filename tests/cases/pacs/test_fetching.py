"""Radiographs are fetched from a real PACS, whatever becomes of it meanwhile."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client
from pydicom.uid import (
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
    generate_uid,
)

from readerstudy.audit.models import Event
from readerstudy.cases.imports import pseudonymiser
from readerstudy.cases.intake import services
from readerstudy.cases.intake.models import DeliveredFile, Delivery
from readerstudy.cases.intake.services import Announced
from readerstudy.cases.intake.tasks import PATIENCE, take_in
from readerstudy.cases.models import Case, Image
from readerstudy.cases.pacs.archive import Archive
from readerstudy.cases.pacs.search import Wanted, search
from readerstudy.cases.pacs.services import order_radiographs
from tests.cases.intake.deliveries import fates, reasons, taken_in
from tests.cases.pacs.archives import radiograph, server_of
from tests.orthanc import PASSWORD, Orthanc
from tests.people import cora

pytestmark = [pytest.mark.pacs, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def orthanc(settings: Any) -> Iterator[Orthanc]:
    with Orthanc() as server:
        settings.DICOMWEB_SERVERS = {"archive": server_of(server)}
        yield server


def order(orthanc: Orthanc, **options: Any) -> Delivery:
    """Search for everything and order what was found, as the page does."""
    server = server_of(orthanc)
    found = search(Archive(server, seconds=60), Wanted(body_parts="any"))
    return order_radiographs(
        server=server,
        studies=[
            (study.uid, [series.uid for series in study.series])
            for study in found.studies
        ],
        actor=cora().user,
        **{
            "collection": "clinic",
            "code_from": "AccessionNumber",
            "take_burned_in": False,
        }
        | options,
    )


def codes() -> set[str]:
    return set(Case.objects.values_list("code", flat=True))


def test_a_study_becomes_a_case_under_a_pseudonym(orthanc: Orthanc) -> None:
    one = generate_uid()
    orthanc.store(
        radiograph(1, study=one, accession="ACC-1", instance="1.2.3"),
        radiograph(2, study=one, accession="ACC-1", modality="CT"),
        radiograph(3, study=one, accession="ACC-1", instance="1.2.4"),
    )
    delivery = taken_in(order(orthanc))
    assert delivery.status == Delivery.Status.DONE
    assert sorted(fates(delivery).values()) == ["imported", "imported"]
    assert codes() == {pseudonymiser()("ACC-1")}
    assert Image.objects.count() == 2
    assert delivery.options["server"] == "archive"


def test_what_is_stored_of_it_names_nobody(orthanc: Orthanc) -> None:
    orthanc.store(radiograph(1, accession="ACC-1", patient="H-1", study="1.2.840.99"))
    delivery = taken_in(order(orthanc))
    stored = [
        *Image.objects.values(),
        *Case.objects.values(),
        *Delivery.objects.values(),
        *DeliveredFile.objects.values(),
        *Event.objects.values(),
    ]
    assert delivery.files.get().case is not None
    for secret in ("ACC-1", "H-1", "Erika", "19640812", "1.2.840.99", PASSWORD):
        assert secret not in str(stored)


@pytest.mark.parametrize(
    ("code_from", "number"), [("PatientID", "H-1"), ("parent", "1.2.840.99")]
)
def test_codes_may_come_from_the_patient_or_the_study(
    orthanc: Orthanc, code_from: str, number: str
) -> None:
    orthanc.store(radiograph(1, accession="ACC-1", patient="H-1", study="1.2.840.99"))
    taken_in(order(orthanc, code_from=code_from))
    assert codes() == {pseudonymiser()(number)}


def test_every_syntax_comes_as_the_pacs_keeps_it(orthanc: Orthanc) -> None:
    syntaxes = [None, RLELossless, JPEGLSLossless, JPEG2000Lossless]
    orthanc.store(
        *[
            radiograph(seed, bits=bits, compress=syntax)
            for seed, (bits, syntax) in enumerate(
                [(bits, syntax) for bits in (12, 16) for syntax in syntaxes], 1
            )
        ]
    )
    delivery = taken_in(order(orthanc))
    assert reasons(delivery) == {}
    kept = Image.objects.values_list("header__TransferSyntaxUID", flat=True)
    assert sorted(kept) == sorted(
        2 * ["1.2.840.10008.1.2.1", *[str(each) for each in syntaxes if each]]
    )
    assert {image.header["BitsStored"] for image in Image.objects.all()} == {12, 16}


def test_the_same_order_again_brings_nothing_twice(orthanc: Orthanc) -> None:
    orthanc.store(radiograph(1), radiograph(2))
    taken_in(order(orthanc))
    again = taken_in(order(orthanc))
    assert set(fates(again).values()) == {"there"}
    assert Image.objects.count() == 2


def test_a_pacs_that_is_killed_makes_the_delivery_wait_and_refuses_nothing(
    orthanc: Orthanc,
) -> None:
    orthanc.store(*[radiograph(seed) for seed in range(1, 4)])
    delivery = order(orthanc)
    orthanc.kill()
    take_in(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.status == Delivery.Status.QUEUED
    assert delivery.attempts == 0
    assert delivery.note == (
        "The PACS archive does not answer. It is tried again every few seconds."
    )
    assert set(fates(delivery).values()) == {"received"}
    orthanc.start()
    taken_in(delivery)
    assert delivery.status == Delivery.Status.DONE
    assert (delivery.note, delivery.waits_since) == ("", None)
    assert set(fates(delivery).values()) == {"imported"}
    assert len(codes()) == 3


def test_a_pacs_that_stays_away_fails_it_and_it_can_be_tried_again(
    orthanc: Orthanc,
) -> None:
    orthanc.store(radiograph(1))
    delivery = order(orthanc)
    orthanc.kill()
    take_in(delivery.pk)
    long_ago = Now() - PATIENCE - timedelta(minutes=1)
    Delivery.objects.filter(pk=delivery.pk).update(waits_since=long_ago)
    take_in(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.status == Delivery.Status.FAILED
    assert "tried again and again for 12 hours" in delivery.failure
    orthanc.start()
    services.retry(delivery=delivery, actor=cora().user)
    taken_in(delivery)
    assert delivery.status == Delivery.Status.DONE
    assert len(codes()) == 1


def test_a_password_that_was_changed_makes_it_wait(
    orthanc: Orthanc, settings: Any
) -> None:
    orthanc.store(radiograph(1))
    delivery = order(orthanc)
    settings.DICOMWEB_SERVERS = {"archive": server_of(orthanc, password="old")}
    take_in(delivery.pk)
    delivery.refresh_from_db()
    assert "does not accept this site's user and password" in delivery.note
    settings.DICOMWEB_SERVERS = {"archive": server_of(orthanc)}
    assert taken_in(delivery).status == Delivery.Status.DONE


def test_a_pacs_that_is_no_longer_named_makes_it_wait(
    orthanc: Orthanc, settings: Any
) -> None:
    orthanc.store(radiograph(1))
    delivery = order(orthanc)
    settings.DICOMWEB_SERVERS = {}
    take_in(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.note.startswith("No PACS named archive is set up")


def test_what_was_deleted_meanwhile_is_refused_and_the_rest_goes_on(
    orthanc: Orthanc,
) -> None:
    orthanc.store(radiograph(1, instance="1.2.3"), radiograph(2))
    delivery = order(orthanc)
    orthanc.forget("1.2.3")
    taken_in(delivery)
    assert sorted(fates(delivery).values()) == ["imported", "refused"]
    [reason] = reasons(delivery).values()
    assert reason == "The PACS archive does not have it, or not any more."


def test_what_is_no_radiograph_after_all_is_refused(orthanc: Orthanc) -> None:
    orthanc.store(radiograph(1))
    delivery = order(orthanc, code_from="parent")
    [row] = delivery.files.all()
    bad = services.open_delivery(
        collection="clinic",
        origin="dicomweb",
        layout="radiographs",
        options={"server": "archive"},
        actor=cora().user,
    )
    addresses = ["http://127.0.0.1/", "studies/1/../../../instances", row.address[:-1]]
    services.announce(
        delivery=bad,
        files=[Announced(f"{n}.dcm", address=a) for n, a in enumerate(addresses)],
    )
    services.seal(delivery=bad, actor=cora().user)
    taken_in(bad)
    assert set(fates(bad).values()) == {"refused"}


# --- From the page ---

ASKED = {
    "server": "archive",
    "since": "2024-01-01",
    "modalities": ["CR", "DX"],
    "body_parts": "any",
    "number_kind": "AccessionNumber",
    "limit": "100",
    "found_in": "archive",
    "collection": "clinic",
    "code_from": "AccessionNumber",
    "do": "fetch",
}


def chosen(client: Client) -> list[str]:
    """What the tick boxes of a search send."""
    page = client.post("/cases/pacs/", ASKED | {"do": "search"}).content.decode()
    return [part.split('"')[0] for part in page.split('name="study" value="')[1:]]


def test_cora_fetches_one_of_two_studies(orthanc: Orthanc) -> None:
    orthanc.store(
        radiograph(1, accession="ACC-1"),
        radiograph(2, accession="ACC-2", date="20240601"),
    )
    client = cora().client
    newest, _ = chosen(client)
    answer = client.post("/cases/pacs/", ASKED | {"study": [newest]})
    delivery = Delivery.objects.get()
    assert answer.status_code == 302
    assert answer["Location"].endswith(f"/{delivery.pk}/")
    assert delivery.asked_by == cora().user
    taken_in(delivery)
    assert codes() == {pseudonymiser()("ACC-2")}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"study": []}, "Choose the studies that are to be fetched."),
        ({"study": ["../../etc"]}, "is not from a search"),
        ({"collection": ""}, "This field is required."),
        ({"collection": "a\nb"}, "one line"),
        ({"code_from": "stem"}, "Select a valid choice"),
        ({"found_in": "http://elsewhere.example"}, "Nothing was fetched."),
        ({"study": ["1.2.3/1.2.4"]}, "There is nothing to bring in yet"),
    ],
)
def test_what_cannot_be_fetched_is_told_and_the_search_is_shown_again(
    orthanc: Orthanc, changes: dict[str, Any], sentence: str
) -> None:
    orthanc.store(radiograph(1))
    client = cora().client
    page = client.post(
        "/cases/pacs/", ASKED | {"study": chosen(client)} | changes
    ).content.decode()
    assert sentence in page
    assert "1 study with 1 radiograph" in page
    assert not Delivery.objects.exists()


def test_a_pacs_that_goes_away_before_the_order_is_told(orthanc: Orthanc) -> None:
    orthanc.store(radiograph(1))
    client = cora().client
    studies = chosen(client)
    orthanc.kill()
    page = client.post("/cases/pacs/", ASKED | {"study": studies}).content.decode()
    assert "The PACS archive does not answer." in page
    assert not Delivery.objects.exists()
