"""A person's sessions as a calendar in the form of RFC 5545."""

import datetime
import uuid
from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from readerstudy.accounts.models import User
from readerstudy.grading.calendar.sittings import Sitting, readings, sittings
from readerstudy.studies.models import Study

# How often a calendar comes for changes.
REFRESH = datetime.timedelta(hours=6)
# Names of events follow from names of pages and can't be turned back into them.
_SPACE = uuid.UUID("3c1f5f0e-8f0b-4c53-9a57-6f4f1b0b7f61")


def calendar_of(person: User) -> bytes:
    """Every session that the person has left to read, and the planned ends."""
    calendar = Calendar()
    calendar.add("prodid", "-//readerstudy//reading sessions//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", _("Reading sessions"))
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT6H")
    for reader in readings(person):
        for sitting in sittings(reader):
            calendar.add_component(_session(sitting))
        for end in _ends(reader.study):
            calendar.add_component(end)
    return bytes(calendar.to_ical())


def _session(sitting: Sitting) -> Event:
    study = sitting.reader.study
    words = _("Reading session %(number)d of %(count)d") % {
        "number": sitting.number,
        "count": sitting.count,
    }
    event = _event(study, sitting.name, f"{words}: {study.title}")
    event.add("dtstart", sitting.opens_at.astimezone(datetime.UTC))
    event.add("duration", datetime.timedelta(minutes=sitting.minutes))
    event.add("status", "CONFIRMED" if sitting.is_certain else "TENTATIVE")
    event.add("description", _described(sitting))
    return event


def _described(sitting: Sitting) -> str:
    if sitting.reader.study.is_paused:
        return _("Reading is paused.")
    if not sitting.is_certain:
        return _("May open later: what comes before it is not read yet.")
    return _("Open from this time on; read it when it suits you.")


def _ends(study: Study) -> Iterator[Event]:
    if study.ends_on is None:
        return
    words = _("Reading is planned to end")
    event = _event(study, f"end of {study.code}", f"{words}: {study.title}")
    event.add("dtstart", study.ends_on)
    event.add("transp", "TRANSPARENT")
    yield event


def _event(study: Study, name: str, summary: str) -> Event:
    """An event that is the same, byte for byte, until something of it changes."""
    event = Event()
    event.add("uid", f"{uuid.uuid5(_SPACE, name)}@readerstudy")
    event.add("dtstamp", study.opened_at or study.created_at)
    event.add("summary", summary)
    if settings.SITE_URL:
        event.add("url", settings.SITE_URL)
    return event
