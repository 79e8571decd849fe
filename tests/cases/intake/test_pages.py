"""Cora brings cases in through the pages; every answer is a page or a sentence."""

import csv
import json
import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from readerstudy.cases.intake import services
from readerstudy.cases.intake.models import DeliveredFile, Delivery
from readerstudy.cases.models import Case
from tests.cases.intake.deliveries import brought, film, opened, taken_in
from tests.people import cora

pytestmark = pytest.mark.django_db
FORM = {
    "collection": "ward 7",
    "origin": "upload",
    "layout": "radiographs",
    "code_from": "stem",
}


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def page(name: str, delivery: Delivery, query: str = "") -> str:
    address = reverse(f"cases:intake:{name}", args=[delivery.pk])
    answer = cora().client.get(f"{address}{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def announce(client: Client, delivery: Delivery, files: object) -> dict:
    answer = client.post(
        reverse("cases:intake:announce", args=[delivery.pk]),
        json.dumps({"files": files}),
        content_type="application/json",
    )
    return {"status": answer.status_code} | answer.json()


def put(client: Client, url: str, offset: object, content: bytes) -> tuple[int, dict]:
    answer = client.put(
        f"{url}?offset={offset}", content, content_type="application/octet-stream"
    )
    return answer.status_code, answer.json()


def test_from_the_form_to_the_outcome() -> None:
    client = cora().client
    begun = client.post(reverse("cases:intake:bring_in"), FORM)
    delivery = Delivery.objects.get()
    assert begun["Location"] == reverse("cases:intake:delivery", args=[delivery.pk])
    assert "Choose files or archives" in page("delivery", delivery)
    content = film(1)
    told = announce(client, delivery, [{"name": "CXR1.dcm", "size": len(content)}])
    (file,) = told["files"]
    assert (file["received"], file["is_whole"]) == (0, False)
    assert put(client, file["url"], 0, content[:500]) == (
        200,
        {"received": 500, "is_whole": False},
    )
    assert put(client, file["url"], 0, content[:500])[0] == 200
    assert put(client, file["url"], 900, content[900:]) == (409, {"received": 500})
    assert "1 has not come whole" in page("standing", delivery)
    client.post(reverse("cases:intake:seal", args=[delivery.pk]))
    delivery.refresh_from_db()
    assert delivery.is_held
    assert put(client, file["url"], 500, content[500:])[1]["is_whole"]
    assert "All are here" in page("standing", delivery)
    client.post(reverse("cases:intake:seal", args=[delivery.pk]))
    assert "None has shown itself" in page("delivery", delivery)
    taken_in(delivery)
    assert "1 imported, 0 already there" in page("delivery", delivery)
    assert Case.objects.get().code == "CXR1"


def test_a_chunk_larger_than_djangos_limit_of_memory_passes(settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    client, delivery = cora().client, opened()
    (file,) = announce(client, delivery, [{"name": "a", "size": 5000}])["files"]
    assert put(client, file["url"], 0, bytes(5000))[0] == 200


@pytest.mark.parametrize(
    "files",
    [
        None,
        "CXR1.dcm",
        [{"name": "a"}],
        [{"name": "a", "size": "many"}],
        [{"name": "a", "size": -5}],
        [{"name": "a", "size": 10**13}],
        [{"name": "a", "size": 5, "mark": "x" * 101}],
        [{"name": "a", "size": 5, "mark": "\u00e9"}],
        ["a"],
        [{"name": str(n), "size": 1} for n in range(501)],
    ],
)
def test_what_is_no_announcement_gets_a_sentence(files) -> None:
    told = announce(cora().client, opened(), files)
    assert told["status"] == 400 and told["detail"].endswith(".")
    assert not DeliveredFile.objects.exists()


@pytest.mark.parametrize("offset", ["", "-1", "x", "1" * 30, "\u0663"])
def test_an_offset_that_is_none_gets_a_sentence(offset) -> None:
    delivery = opened()
    (file,) = announce(cora().client, delivery, [{"name": "a", "size": 9}])["files"]
    assert put(cora().client, file["url"], offset, b"x")[0] == 400


def test_a_full_disk_is_told_apart(settings) -> None:
    delivery = opened()
    (file,) = announce(cora().client, delivery, [{"name": "a", "size": 9}])["files"]
    settings.INTAKE_KEPT_FREE_BYTES = 10**18
    status, said = put(cora().client, file["url"], 0, b"x")
    assert status == 507 and "nearly full" in said["detail"]


def test_a_chunk_without_a_token_is_refused() -> None:
    delivery = opened()
    (file,) = announce(cora().client, delivery, [{"name": "a", "size": 9}])["files"]
    client = Client(enforce_csrf_checks=True)
    client.force_login(cora().user)
    answer = client.put(f"{file['url']}?offset=0", b"x")
    assert answer.status_code == 403


def rows(delivery: Delivery) -> Iterator[dict[str, str]]:
    address = reverse("cases:intake:outcome", args=[delivery.pk])
    answer = cora().client.get(address)
    text = b"".join(answer.streaming_content).decode()
    return csv.DictReader(text.splitlines())


def test_the_outcome_can_be_taken_away_and_runs_in_no_spreadsheet() -> None:
    delivery = brought({"=1+1.dcm": film(1), "b.dcm": b"broken"})
    told = {row["file"]: row for row in rows(delivery)}
    assert told["'=1+1.dcm"]["case"] == "'=1+1"
    assert told["b.dcm"]["outcome"] == "Refused" and told["b.dcm"]["reason"]


def test_the_list_is_filtered_and_paged() -> None:
    delivery = brought({"CXR1.dcm": film(1), "b.dcm": b"broken", "c.txt": b"note"})
    assert "CXR1.dcm" not in page("delivery", delivery, "?state=refused")
    assert "c.txt" in page("delivery", delivery, "?state=aside")
    assert "None." in page("delivery", delivery, "?state=warned")
    assert "CXR1.dcm" in page("delivery", delivery, "?state=nonsense&after=999999")
    for number in range(150):
        delivery.files.create(name=f"x{number}", state="refused", reason="No.")
    first = page("delivery", delivery, "?state=refused")
    after = re.search(r"after=(\d+)", first)
    assert after and "First page" not in first
    last = page("delivery", delivery, f"?state=refused&after={after[1]}")
    assert "x149" not in last and "x99" in last and "Next page" not in last
    assert first.count("<tr>") + last.count("<tr>") == 151 + 2
    for nonsense in ("-1", "1" * 30, "x", "²"):
        again = page("delivery", delivery, f"?state=refused&after={nonsense}")
        assert "First page" not in again


def test_cancel_and_try_again_from_the_page() -> None:
    delivery = brought({"b.dcm": b"broken"})
    assert "Upload what was refused again" in page("delivery", delivery)
    cora().client.post(reverse("cases:intake:retry", args=[delivery.pk]))
    assert "1 has not come whole" in page("delivery", delivery)
    cora().client.post(reverse("cases:intake:cancel", args=[delivery.pk]))
    assert services.CANCELLED in page("delivery", delivery)


def test_folders_are_looked_through(settings, tmp_path) -> None:
    client = cora().client
    client.post(reverse("cases:intake:bring_in"), FORM | {"origin": "folder"})
    delivery = Delivery.objects.get()
    assert "IMPORT_ROOTS" in page("folder", delivery)
    (tmp_path / "ward").mkdir()
    (tmp_path / "ward" / "CXR1.dcm").write_bytes(film(1))
    settings.IMPORT_ROOTS = [str(tmp_path / "ward")]
    assert str(tmp_path / "ward") in page("folder", delivery)
    assert "1 file" in page("folder", delivery, f"?path={tmp_path / 'ward'}")
    assert "outside the folders" in page("folder", delivery, "?path=/etc")
    client.post(
        reverse("cases:intake:folder", args=[delivery.pk]),
        {"path": str(tmp_path / "ward")},
    )
    taken_in(delivery)
    assert Case.objects.get().code == "CXR1"


def test_deliveries_are_listed_with_their_numbers() -> None:
    brought({"CXR1.dcm": film(1), "b.dcm": b"broken"})
    answer = cora().client.get(reverse("cases:intake:deliveries"))
    assert "chest clinic" in answer.content.decode()


def test_a_bad_form_is_shown_again_with_what_was_typed() -> None:
    answer = cora().client.post(
        reverse("cases:intake:bring_in"), FORM | {"collection": "a\u200bb"}
    )
    assert "one line of letters" in answer.content.decode()
    assert not Delivery.objects.exists()
