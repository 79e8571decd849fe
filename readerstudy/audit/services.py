"""The one door through which events are appended."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils import timezone

from readerstudy.accounts.models import User
from readerstudy.audit import origin
from readerstudy.audit.models import Event, Stream, lock_stream
from readerstudy.audit.rows import Rows, sealed
from readerstudy.writing import Change, Insertion

SITE = "site"
# An event stays small enough to be read; what is more goes on in the next ones.
ROWS_OF_AN_EVENT = 2000
CONTINUED = "rows.continued"
Told = dict[str, str | None]

_events_stored = Insertion(Event)
_stream_moved = Change(
    lambda name: Stream.objects.filter(name=name),
    columns=["length", "head_sha256"],
    words=["name"],
)


@dataclass(frozen=True)
class Entry:
    """What one event is to say; as `record` takes it."""

    verb: str
    subject: str = ""
    detail: dict[str, Any] = field(default_factory=dict)
    rows: Rows = ()
    gone: Sequence[str] = ()


def record(
    *,
    actor: User | None,
    verb: str,
    stream: str = SITE,
    subject: str = "",
    detail: dict[str, Any] | None = None,
    rows: Rows = (),
    gone: list[str] | None = None,
) -> Event:
    """Append an event to a stream, in the transaction of the change it tells of.

    `actor` is None where the system itself acted. `rows` came or changed with it, each
    of a table of covered.py; `gone` are the names (rows.py) of those that went. The
    stream's row is locked until the surrounding transaction ends, so sequences have no
    gaps. Of a command on the server the detail names the system's user.
    """
    entry = Entry(verb, subject, detail or {}, rows, gone or ())
    return record_together([entry], actor=actor, stream=stream)[0]


@transaction.atomic(savepoint=False)
def record_together(
    entries: Sequence[Entry], *, actor: User | None, stream: str = SITE
) -> list[Event]:
    """Append what one person did at once, in this order; as `record` does with each.

    What a long entry goes on with stands behind it.
    """
    head = lock_stream.first(name=stream)
    if head is None:
        Stream.objects.get_or_create(name=stream)
        head = Stream.objects.select_for_update().get(name=stream)
    events = [event for entry in entries for event in _events(head, actor, entry)]
    _events_stored.store(events)
    reached = {"length": head.length, "head_sha256": head.head_sha256}
    _stream_moved.apply(reached, name=stream)
    return events


def _events(head: Stream, actor: User | None, entry: Entry) -> Iterator[Event]:
    """The events that tell of an entry; `head` moves on unsaved."""
    told: Told = dict.fromkeys(entry.gone)
    told |= dict(sealed(entry.rows))
    event = _next(head, actor, entry, entry.detail | origin.told(), told)
    yield event
    for start in range(ROWS_OF_AN_EVENT, len(told), ROWS_OF_AN_EVENT):
        more = Entry(CONTINUED, entry.subject)
        yield _next(head, actor, more, {"of": event.sequence}, told, start)


def _next(
    head: Stream,
    actor: User | None,
    entry: Entry,
    detail: dict[str, Any],
    told: Told,
    start: int = 0,
) -> Event:
    """An event, not stored yet, that tells of some of the rows; `head` moves on."""
    part = dict(islice(told.items(), start, start + ROWS_OF_AN_EVENT))
    event = Event(
        stream=head,
        sequence=head.length + 1,
        at=timezone.now(),
        actor=actor,
        verb=entry.verb,
        subject=entry.subject[:200],
        detail=detail,
        rows=part or None,
        previous_sha256=head.head_sha256,
    )
    event.sha256 = event.digest()
    head.length, head.head_sha256 = event.sequence, event.sha256
    return event
