"""Rosa's grade says which page is on her screen behind it; the server notes that, and
sends the page behind that one along."""

import json
import re
from typing import Any

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
# The form's token is another one each time it is sent.
PASSING = re.compile(r"(?<=csrfmiddlewaretoken)[^>]*")


@pytest.fixture
def slot(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study()
    return next_slot(study.membership_set.readers().get())


def answered(
    slot: Slot, opens: str, key: str = "a-key-of-hers", *, ahead: bool = False
) -> dict[str, Any]:
    """What is answered to her grade."""
    content = {"letter": "B", "idempotency_key": key, "opens": opens, "ahead": ahead}
    answer = rosa().client.post(
        reverse("api:grade", args=[slot.public_id]),
        json.dumps(content),
        content_type="application/json",
    )
    assert answer.status_code == 201
    said: dict[str, Any] = answer.json()
    return said


def graded(slot: Slot, opens: str, key: str = "a-key-of-hers") -> str:
    """What the answer says was opened."""
    opened: str = answered(slot, opens, key)["opened"]
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


def test_the_same_grade_again_is_answered_alike_and_stored_once(slot):
    following = slot_after(slot)
    first = answered(slot, following.public_id, ahead=True)
    before = told()
    again = answered(slot, following.public_id, ahead=True)
    assert PASSING.sub("", str(again)) == PASSING.sub("", str(first))
    assert told() == before


def test_the_same_grade_again_opens_nothing_that_was_not_opened(slot):
    graded(slot, "")
    before = told()
    assert graded(slot, slot_after(slot).public_id) == ""
    assert told() == before


def test_the_page_behind_the_next_one_comes_along_as_it_would_be_fetched(slot):
    following = slot_after(slot)
    said = answered(slot, following.public_id, ahead=True)
    fetched = rosa().client.get(
        reverse("grading:following", args=[following.public_id])
    )
    ahead = slot_after(following)
    assert ahead.public_id in said["ahead"]
    page = fetched.content.decode()
    assert PASSING.sub("", said["ahead"]) == PASSING.sub("", page)
    ahead.refresh_from_db()
    assert ahead.opened_at is None


def test_behind_the_last_page_of_a_session_nothing_comes_along(slot):
    behind = slot
    while slot_after(slot_after(behind)):
        answered(behind, slot_after(behind).public_id, f"key-{behind.public_id}")
        behind = slot_after(behind)
    last = slot_after(behind)
    said = answered(behind, last.public_id, "the-last-key", ahead=True)
    assert (said["opened"], said["ahead"]) == (last.public_id, None)


def test_no_page_comes_along_where_none_was_opened(slot):
    said = answered(slot, slot_after(slot_after(slot)).public_id, ahead=True)
    assert (said["opened"], "ahead" in said) == ("", False)


def test_nothing_is_opened_where_another_thing_comes_first(slot):
    """The display is to be checked; the page that is begun is graded to its end."""
    study, following = slot.reader.study, slot_after(slot)
    rosa().client.get(reverse("grading:read", args=[slot.public_id]))
    with lifted("studies_study"):
        Study.objects.filter(pk=study.pk).update(display_check=True)
    assert graded(slot, following.public_id) == ""
    following.refresh_from_db()
    assert following.opened_at is None
