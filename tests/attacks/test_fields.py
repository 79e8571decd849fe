"""What the API hands out: the fields that each role may have, and not one more."""

import pytest
from django.urls import reverse

from tests import worlds
from tests.people import anya, cora, rosa

pytestmark = pytest.mark.django_db
JSON = {"content_type": "application/json"}
RADIOGRAPH = {
    *("rows", "columns", "windows", "auto", "padding", "spacing", "maximum"),
    *("preview", "orientation"),
}


def test_a_reader_gets_these_fields_and_no_others():
    study = worlds.open_study(undo_seconds=120)
    worlds.practice_case(study)
    client = rosa().client
    reader = study.membership_set.readers().get()
    worlds.prepare(reader)
    slot = worlds.next_slot(reader)

    def of_slot(name, *more):
        return reverse(f"api:{name}", args=[slot.public_id, *more])

    listed = client.get(reverse("api:studies")).json()
    assert [set(each) for each in listed] == [{"code", "title", "state", "role"}]
    image = client.get(of_slot("image", 0)).json()
    practised = client.get(reverse("api:practice_image", args=[study.code, 1])).json()
    assert set(image) == set(practised) == RADIOGRAPH
    assert set(client.post(of_slot("open")).json()) == {"opened_at"}
    draft = client.put(of_slot("draft"), {"letter": "A"}, **JSON)
    assert set(draft.json()) == {"saved_at"}
    body = {"letter": "A", "idempotency_key": "a-key-of-a-client"}
    graded = client.post(of_slot("grade"), body, **JSON)
    assert set(graded.json()) == {
        *("version", "letter", "submitted_at", "undo_until", "next_url"),
        "opened",
    }
    assert set(client.post(of_slot("undo")).json()) == {"version", "url"}
    refused = client.post(of_slot("grade"), {"letter": "Z"}, **JSON)
    assert set(refused.json()) <= {"letter", "idempotency_key"}
    for answer in (image, practised):
        told = str(answer)
        for hidden in ("CXR", "phantoms", ".png", "sha256", "PatientID"):
            assert hidden not in told


def test_a_coordinator_and_an_analyst_get_what_is_described():
    study = worlds.closed_study(cases=2, distance=1)
    for someone in (cora(), anya()):
        listed = someone.client.get(reverse("api:tables", args=[study.code])).json()
        assert {frozenset(each) for each in listed} == {
            frozenset(("name", "meaning", "kinds", "columns"))
        }
        for table in listed:
            path = reverse("api:table", args=[study.code, f"{table['name']}.csv"])
            answer = someone.client.get(path)
            content = b"".join(answer) if answer.streaming else answer.content
            header = content.decode().splitlines()[0].split(",")
            assert set(header) <= {name.strip('"') for name in table["columns"]}, path
