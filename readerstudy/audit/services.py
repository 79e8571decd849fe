"""The one door through which events are appended."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from readerstudy.accounts.models import User
from readerstudy.audit.models import Event, Stream, lock_stream

SITE = "site"


@transaction.atomic(savepoint=False)
def record(
    *,
    actor: User | None,
    verb: str,
    stream: str = SITE,
    subject: str = "",
    detail: dict[str, Any] | None = None,
) -> Event:
    """Append an event to a stream, in the transaction of the change it tells of.

    `actor` is None where the system itself acted. The stream's row is locked until
    the surrounding transaction ends, so sequences have no gaps.
    """
    head = lock_stream.first(name=stream)
    if head is None:
        Stream.objects.get_or_create(name=stream)
        head = Stream.objects.select_for_update().get(name=stream)
    event = Event(
        stream=head,
        sequence=head.length + 1,
        at=timezone.now(),
        actor=actor,
        verb=verb,
        subject=subject[:200],
        detail=detail or {},
        previous_sha256=head.head_sha256,
    )
    event.sha256 = event.digest()
    event.save(force_insert=True)
    head.length, head.head_sha256 = event.sequence, event.sha256
    head.save()
    return event


def first_break(stream: str) -> int | None:
    """Return the sequence at which a stream's chain is broken, or None."""
    expected, previous = 1, "0" * 64
    for event in Event.objects.of_stream(stream):
        intact = (
            event.sequence == expected
            and event.previous_sha256 == previous
            and event.digest() == event.sha256
        )
        if not intact:
            return expected
        expected, previous = expected + 1, event.sha256
    head = Stream.objects.filter(name=stream).first()
    if head and (head.length, head.head_sha256) != (expected - 1, previous):
        return expected
    return None
