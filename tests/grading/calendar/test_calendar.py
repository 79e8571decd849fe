"""Rosa's reading sessions in her own calendar: by a private address, or as a file."""

import datetime

import icalendar
import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from readerstudy.accounts.models import User
from readerstudy.audit.models import Event
from readerstudy.grading.calendar.ics import calendar_of
from readerstudy.grading.calendar.services import revoke
from readerstudy.grading.models import CalendarFeed
from readerstudy.logs import masked
from readerstudy.presentation.models import Slot
from readerstudy.studies.lifecycle import services as lifecycle
from readerstudy.studies.models import Study
from tests import worlds
from tests.blinding.names import NAMES
from tests.people import cora, nils, rosa

pytestmark = pytest.mark.django_db
MINUTES = datetime.timedelta(minutes=15)


@pytest.fixture
def study(settings, tmp_path) -> Study:
    """Two rounds of two cases, two weeks apart at the least."""
    settings.MEDIA_ROOT = tmp_path
    return worlds.open_study(
        cases=2, distance=1, washout_days=14, ends_on=datetime.date(2031, 5, 6)
    )


def events(content: bytes | None = None) -> list[dict[str, object]]:
    """What a calendar program reads: name, time, length and state of each event."""
    calendar = icalendar.Calendar.from_ical(content or calendar_of(rosa().user))
    assert calendar.errors == []
    return [
        {
            "name": str(each["summary"]),
            "at": each.decoded("dtstart"),
            "for": each.decoded("duration") if "duration" in each else None,
            "state": str(each.get("status", "")),
            "uid": str(each["uid"]),
        }
        for each in calendar.walk("vevent")
    ]


def reader(study: Study):
    return study.membership_set.select_related("user", "study").readers().get()


def test_the_sessions_follow_what_she_reads(study):
    first, end = events()
    assert first["name"] == "Reading session 1 of 2: A study"
    assert first["at"] == study.opened_at.replace(microsecond=0)
    assert (first["for"], first["state"]) == (MINUTES, "CONFIRMED")
    assert (end["name"], end["at"]) == (
        "Reading is planned to end: A study",
        datetime.date(2031, 5, 6),
    )
    # The second session has a time once its first radiograph was read before.
    worlds.grade_next(reader(study), "A")
    _, second, _ = events()
    assert second["name"] == "Reading session 2 of 2: A study"
    assert second["state"] == "TENTATIVE"
    worlds.grade_next(reader(study), "D")
    certain, _ = events()
    last = Slot.objects.of_study(study).filter(session=1).last().grade_set.get()
    assert certain["at"] == (last.submitted_at + datetime.timedelta(days=14)).replace(
        microsecond=0
    )
    assert (certain["state"], certain["uid"]) == ("CONFIRMED", second["uid"])
    lifecycle.pause(study=study, actor=cora().user, reason="A server moves.")
    assert events()[0]["state"] == "TENTATIVE"
    worlds.close(study)
    assert events() == []


def test_nothing_in_it_tells_what_is_behind_the_texts(study):
    worlds.grade_next(reader(study), "A")
    before = calendar_of(rosa().user)
    assert before == calendar_of(rosa().user)
    assert not NAMES.search(before)
    names = [arm.name for arm in study.arm_set.all()]
    shown = Slot.objects.of_study(study).values_list("public_id", flat=True)
    assert not any(word.encode() in before for word in [*names, *shown])


def test_the_address_opens_her_calendar_until_it_is_revoked(study):
    page = reverse("calendar:page")
    shown = rosa().client.post(page)
    feed = CalendarFeed.objects.get()
    address = shown.context["address"]
    assert address.startswith("http://testserver/calendar/")
    path = address.removeprefix("http://testserver")
    fetched = Client().get(path)
    assert fetched["Content-Type"] == "text/calendar; charset=utf-8"
    assert fetched.content == calendar_of(rosa().user)
    assert "no-store" in fetched["Cache-Control"]
    # It is shown once, stored as a hash, and kept out of the logs.
    key = path.removeprefix("/calendar/").removesuffix(".ics")
    assert key not in rosa().client.get(page).content.decode()
    assert key not in feed.key_sha256
    assert key not in masked(f"GET {path} 200")
    # A new one takes the place of the old one.
    rosa().client.post(page)
    assert Client().get(path).status_code == 404
    rosa().client.post(reverse("calendar:revoke"))
    assert not CalendarFeed.objects.exists()
    with pytest.raises(ValidationError, match="has no address"):
        revoke(user=rosa().user)
    verbs = Event.objects.filter(verb__startswith="calendar.")
    assert [each.verb for each in verbs] == [
        *["calendar.address_made"] * 2,
        "calendar.address_revoked",
    ]


def test_a_closed_account_has_no_calendar_and_nils_an_empty_one(study):
    address = rosa().client.post(reverse("calendar:page")).context["address"]
    User.objects.filter(username="rosa").update(is_active=False)
    assert Client().get(address).status_code == 404
    answer = nils().client.get(reverse("calendar:download"))
    assert events(answer.content) == []


def test_every_event_leads_to_the_site_where_its_address_is_known(study, settings):
    def addresses() -> set[str]:
        calendar = icalendar.Calendar.from_ical(calendar_of(rosa().user))
        return {str(each.get("url", "")) for each in calendar.walk("vevent")}

    assert addresses() == {""}
    settings.SITE_URL = "https://studies.example.org"
    assert addresses() == {"https://studies.example.org"}
