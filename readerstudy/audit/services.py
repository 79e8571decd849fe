"""The one door through which events are appended."""

from itertools import islice
from typing import Any

from django.db import transaction
from django.utils import timezone

from readerstudy.accounts.models import User
from readerstudy.audit import origin
from readerstudy.audit.models import Event, Stream, lock_stream
from readerstudy.audit.rows import Rows, sealed

SITE = "site"
# An event stays small enough to be read; what is more goes on in the next ones.
ROWS_OF_AN_EVENT = 2000
CONTINUED = "rows.continued"
Told = dict[str, str | None]


@transaction.atomic(savepoint=False)
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
    head = lock_stream.first(name=stream)
    if head is None:
        Stream.objects.get_or_create(name=stream)
        head = Stream.objects.select_for_update().get(name=stream)
    told: Told = dict.fromkeys(gone or ())
    told |= dict(sealed(rows))
    event = _append(head, actor, verb, subject, (detail or {}) | origin.told(), told)
    for start in range(ROWS_OF_AN_EVENT, len(told), ROWS_OF_AN_EVENT):
        more = {"of": event.sequence}
        _append(head, actor, CONTINUED, subject, more, told, start)
    head.save()
    return event


def _append(
    head: Stream,
    actor: User | None,
    verb: str,
    subject: str,
    detail: dict[str, Any],
    told: Told,
    start: int = 0,
) -> Event:
    """Append an event that tells of some of the rows; `head` moves on unsaved."""
    part = dict(islice(told.items(), start, start + ROWS_OF_AN_EVENT))
    event = Event(
        stream=head,
        sequence=head.length + 1,
        at=timezone.now(),
        actor=actor,
        verb=verb,
        subject=subject[:200],
        detail=detail,
        rows=part or None,
        previous_sha256=head.head_sha256,
    )
    event.sha256 = event.digest()
    event.save(force_insert=True)
    head.length, head.head_sha256 = event.sequence, event.sha256
    return event
