"""Reads that are stored already: put into the tables in bulk, as the services would.

Runs inside the site (`Site.shell`). Every read has its slot, visit, grade and event;
the chain of events holds. Triggers and foreign keys are not asked, row by row, about a
million rows that are right by the way in which they are made.
"""

from collections.abc import Iterator, Sequence

from django.db import connection, transaction
from django.utils import timezone

from load.world import CODE
from readerstudy.accounts.models import User
from readerstudy.audit.models import Event, Stream
from readerstudy.presentation.models import Slot
from readerstudy.studies.models import Membership, Study
from tests.people import person

_SLOTS = """
INSERT INTO presentation_slot
    (public_id, reader_id, presented_id, position, session, side, repeat, opened_at)
SELECT substr(md5(reader.id || '-' || slot.position), 1, 16), reader.id,
    slot.presented_id, slot.position, slot.session, slot.side, slot.repeat, NULL
FROM studies_membership reader CROSS JOIN presentation_slot slot
WHERE reader.id = ANY(%s) AND slot.reader_id = %s
"""
_OPENED = """
UPDATE presentation_slot SET opened_at = now()
WHERE reader_id = ANY(%s) AND position <= %s
"""
_VISITS = """
INSERT INTO grading_visit
    (slot_id, key, version, began_at, client_began_at, events)
SELECT id, 'stored-' || id, 1, now(), now(),
    '[[0, "shown", ""], [1, "painted", ""], [20000, "submit", ""]]'
FROM presentation_slot WHERE reader_id = ANY(%s) AND position <= %s
"""
_GRADES = """
INSERT INTO grading_grade
    (slot_id, version, letter, cannot_assess, answers, comment, reason, active_ms,
     wall_ms, idle_ms, idle_threshold_ms, idempotency_key, body_sha256, submitted_at)
SELECT id, 1, substr('ABCD', 1 + id::int %% 4, 1), '', '{}', '', '', 19999, 19999, 0,
    120000, 'stored-' || id, md5(id::text) || md5(id::text), now()
FROM presentation_slot WHERE reader_id = ANY(%s) AND position <= %s
"""


def begin(last: int) -> int:
    """Let everybody have read up to a place of the list; return how many reads."""
    readers = Membership.objects.filter(study__code=CODE).readers()
    keys = list(readers.values_list("pk", flat=True))
    with transaction.atomic():
        _store(keys, last)
    return last * len(keys)


def grow(readers: int) -> int:
    """Add so many readers who have read their whole list; return how many reads."""
    study = Study.objects.get(code=CODE)
    first = study.membership_set.readers()[0]
    there = Membership.objects.filter(study=study).count()
    with transaction.atomic():
        users = User.objects.bulk_create(
            User(username=f"stored{number}") for number in range(there, there + readers)
        )
        keys = [
            each.pk
            for each in Membership.objects.bulk_create(
                Membership(
                    study=study,
                    user=user,
                    role=Membership.Role.READER,
                    reader_code=f"S{number}",
                )
                for number, user in enumerate(users, there)
            )
        ]
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(_SLOTS, [keys, first.pk])
        length = Slot.objects.filter(reader=first).count()
        _store(keys, length)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return length * readers


def _store(readers: Sequence[int], last: int) -> None:
    """Let readers have read their lists up to a place."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in (_OPENED, _VISITS, _GRADES):
            cursor.execute(statement, [list(readers), last])
    slots = Slot.objects.filter(reader__in=readers, position__lte=last)
    names = slots.order_by("position", "reader").values_list("public_id", flat=True)
    fields = [each for each in Event._meta.concrete_fields if not each.primary_key]
    columns = [field.column or field.name for field in fields]
    copy = f"COPY audit_event ({', '.join(columns)}) FROM STDIN"
    told, actor = list(names), person("Rosa").user
    head = Stream.objects.select_for_update().get(name=CODE)
    with connection.cursor() as cursor, cursor.copy(copy) as rows:
        for event in _events(told, head, actor):
            rows.write_row(_row(event))
    head.save()


def _events(names: Sequence[str], head: Stream, actor: User) -> Iterator[Event]:
    """An event for each page, each with the hash of the one before it."""
    at = timezone.now()
    for name in names:
        event = Event(
            stream=head,
            sequence=head.length + 1,
            at=at,
            actor=actor,
            verb="grade.submitted",
            subject=name,
            detail={"version": 1},
            previous_sha256=head.head_sha256,
        )
        event.sha256 = event.digest()
        head.length, head.head_sha256 = event.sequence, event.sha256
        yield event


def _row(event: Event) -> list[object]:
    """The columns of an event as COPY takes them."""
    fields = [each for each in Event._meta.concrete_fields if not each.primary_key]
    prepared = (
        each.get_db_prep_save(getattr(event, each.attname), connection)
        for each in fields
    )
    return list(prepared)
