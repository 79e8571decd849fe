"""When a reader reads: each session that is left, as far as its time is known.

Sessions, numbers of pages and times are the reader's own and the same whatever is
behind the texts; nothing here looks at a report, an arm or a grade's letter.
"""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from readerstudy.accounts.models import User
from readerstudy.grading.path import session_opens_at
from readerstudy.presentation.models import Slot
from readerstudy.studies.models import Membership, Study

_QUARTER_MINUTES = 15
_MINUTES_A_PAGE = 1


@dataclass(frozen=True)
class Sitting:
    """One session of one reader that is not read yet.

    opens_at   when it may be read, in UTC
    minutes    how long it takes at a minute a page, in whole quarters of an hour
    is_certain whether that time can't move any more: all before it is read, and the
               study is not paused
    name       an opaque name that stays the same
    """

    reader: Membership
    number: int
    count: int
    opens_at: datetime.datetime
    minutes: int
    is_certain: bool
    name: str


def readings(person: User) -> list[Membership]:
    """The studies that a person reads now, in the order of their codes."""
    reads = Membership.objects.readers().filter(user=person, withdrawal=None)
    now = reads.filter(study__state__in=[Study.State.OPEN, Study.State.PAUSED])
    found = now.select_related("study").defer("study__protocol")
    return sorted(found, key=lambda reader: reader.study.code)


def sittings(reader: Membership) -> Iterator[Sitting]:
    """The sessions that a reader has left; two queries, and one for each session.

    A later session whose wash-out has not begun has no time yet, and is left out.
    """
    slots = Slot.objects.of_reader(reader).select_related("reader__study")
    pages = list(slots.leading().defer("reader__study__protocol"))
    left = list(slots.leading().filter(grade=None))
    count = max((slot.session for slot in pages), default=0)
    is_first = True
    for number in sorted({slot.session for slot in left}):
        own = [slot for slot in left if slot.session == number]
        opens_at = session_opens_at(own[0])
        if opens_at is None and is_first:
            opens_at = reader.study.opened_at
        if opens_at is not None:
            first = next(slot for slot in pages if slot.session == number)
            yield Sitting(
                reader,
                number,
                count,
                opens_at,
                _quarters(len(own)),
                is_first and not reader.study.is_paused,
                first.public_id,
            )
        is_first = False


def _quarters(pages: int) -> int:
    """Minutes for so many pages, upwards to whole quarters of an hour."""
    return -(-pages * _MINUTES_A_PAGE // _QUARTER_MINUTES) * _QUARTER_MINUTES
