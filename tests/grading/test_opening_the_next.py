"""Rosa's grade says which page is on her screen behind it; the server notes that."""

import json

import pytest
from django.urls import reverse

from readerstudy.audit.models import Event
from readerstudy.grading.path import next_slot
from readerstudy.grading.places import slot_after
from readerstudy.presentation.models import Slot
from readerstudy.studies.models import Study
from tests import worlds
from tests.lifted import lifted
from tests.people import rosa

pytestmark = pytest.mark.django_db


@pytest.fixture
def slot(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study()
    return next_slot(study.membership_set.readers().get())


def graded(slot: Slot, opens: str, key: str = "a-key-of-hers") -> str:
    """What the answer says was opened."""
    answer = rosa().client.post(
        reverse("api:grade", args=[slot.public_id]),
        json.dumps({"letter": "B", "idempotency_key": key, "opens": opens}),
        content_type="application/json",
    )
    assert answer.status_code == 201
    opened: str = answer.json()["opened"]
    return opened


def told() -> list[tuple[str, str]]:
    events = Event.objects.filter(verb__in=["grade.submitted", "slot.opened"])
    return list(events.order_by("id").values_list("verb", "subject"))


def test_the_next_page_is_opened_with_the_grade_and_recorded(slot):
    following = slot_after(slot)
    assert graded(slot, following.public_id) == following.public_id
    following.refresh_from_db()
    assert following.opened_at is not None
    assert told()[-2:] == [
        ("grade.submitted", slot.public_id),
        ("slot.opened", following.public_id),
    ]


def test_a_page_that_is_not_next_is_not_opened(slot):
    later = slot_after(slot_after(slot))
    for number, name in enumerate(["", "no-such-page", later.public_id]):
        assert graded(slot, name, key=f"a-key-of-hers-{number}") == ""
        later.refresh_from_db()
        assert later.opened_at is None
        slot = slot_after(slot)
        later = slot_after(later)


def test_the_same_grade_again_opens_nothing_and_is_stored_once(slot):
    following = slot_after(slot)
    graded(slot, following.public_id)
    before = told()
    assert graded(slot, following.public_id) == ""
    assert told() == before


def test_nothing_is_opened_where_another_thing_comes_first(slot):
    """The display is to be checked; the page that is begun is graded to its end."""
    study, following = slot.reader.study, slot_after(slot)
    rosa().client.get(reverse("grading:read", args=[slot.public_id]))
    with lifted("studies_study"):
        Study.objects.filter(pk=study.pk).update(display_check=True)
    assert graded(slot, following.public_id) == ""
    following.refresh_from_db()
    assert following.opened_at is None
