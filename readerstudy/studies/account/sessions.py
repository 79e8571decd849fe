"""How long a session lasts, and which sessions a person has."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.utils.translation import gettext as _

from readerstudy.accounts.models import User

BEGAN, SEEN, OWES = "began_at", "seen_at", "owes_second_factor"
# A session is written for its own sake once a minute, whatever is asked in it.
_NOTED_EVERY = 60


def begin(session: SessionBase, *, owes: bool = False) -> None:
    """Start the two clocks of a session; `owes`: its person lacks a second factor."""
    session[BEGAN] = session[SEEN] = int(time.time())
    session[OWES] = owes


def is_over(session: SessionBase, now: float) -> bool:
    """Whether it lay idle for too long or has lasted for too long."""
    idle: float = now - session.get(SEEN, now)
    age: float = now - session.get(BEGAN, now)
    return bool(
        idle > settings.SESSION_IDLE_SECONDS or age > settings.SESSION_COOKIE_AGE
    )


def is_to_be_noted(session: SessionBase, now: float) -> bool:
    """Whether a sign of life is to be written: once a minute, and at first."""
    return BEGAN not in session or now - session[SEEN] >= _NOTED_EVERY


def note(session: SessionBase, now: float) -> None:
    """Write a sign of life; a session from before there were limits begins now."""
    session.setdefault(BEGAN, int(now))
    session[SEEN] = int(now)


@dataclass(frozen=True)
class Place:
    """Where a person is signed in."""

    number: int
    address: str
    browser: str
    began_at: datetime
    seen_at: datetime
    is_this: bool


def places_of(request: HttpRequest, user: User) -> list[Place]:
    """Every place at which the person is signed in now, this one first.

    A session whose password is an older one has ended already.
    """
    places = []
    for kept in UserSession.objects.purge_and_list(user):
        session = SessionStore(kept.session_key)
        seen = session.get(SEEN, kept.created_at.timestamp())
        if is_over(session, time.time()):
            continue
        places.append(
            Place(
                number=kept.pk,
                address=kept.ip,
                browser=browser_in(kept.user_agent),
                began_at=kept.created_at,
                seen_at=datetime.fromtimestamp(seen, UTC),
                is_this=kept.session_key == request.session.session_key,
            )
        )
    return sorted(places, key=lambda place: (not place.is_this, -place.number))


def browser_in(words: str) -> str:
    """What a browser and its system are called, from what it says of itself."""
    # The order matters: each of these names the next one too.
    browsers = ("Edg", "OPR", "Firefox", "Chrome", "Safari")
    names = {"Edg": "Edge", "OPR": "Opera"}
    systems = ("Windows", "Android", "iPhone", "iPad", "Mac OS X", "Linux")
    browser = next((word for word in browsers if f"{word}/" in words), "")
    system = next((word for word in systems if word in words), "")
    if not browser:
        return _("another program")
    named = {"browser": names.get(browser, browser), "system": system}
    return _("%(browser)s on %(system)s") % named if system else named["browser"]
