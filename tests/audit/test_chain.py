"""The record of a study is append-only, and a break in it is found."""

import pytest
from django.db import DatabaseError, connection, transaction

from readerstudy.audit.models import Event, Stream
from readerstudy.audit.services import record
from readerstudy.audit.verifying import first_break
from tests.people import cora

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def three_events():
    return [
        record(
            actor=cora().user, verb="study.settings", stream="s", subject=str(number)
        )
        for number in range(3)
    ]


def without_trigger(statement):
    """Run a statement as someone who owns the database would."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER USER")
        else:
            for name in ("append_only", "kept"):
                cursor.execute(f"DROP TRIGGER IF EXISTS audit_event_{name}")
        cursor.execute(statement)


def test_a_chain_is_numbered_and_whole():
    events = three_events()
    assert [event.sequence for event in events] == [1, 2, 3]
    assert first_break("s") is None
    assert first_break("another stream") is None


def test_the_database_refuses_to_alter_an_event():
    three_events()
    with pytest.raises(DatabaseError, match="never altered"), transaction.atomic():
        Event.objects.update(verb="nothing.happened")


def test_the_database_refuses_to_delete_an_event():
    three_events()
    with pytest.raises(DatabaseError, match="never deleted"), transaction.atomic():
        Event.objects.filter(sequence=3).delete()


def test_an_altered_event_is_named():
    three_events()
    without_trigger("UPDATE audit_event SET subject = 'other' WHERE sequence = 2")
    assert first_break("s") == 2


def test_a_removed_event_is_named_also_at_the_end():
    three_events()
    without_trigger("DELETE FROM audit_event WHERE sequence = 3")
    assert first_break("s") == 3
    without_trigger("DELETE FROM audit_event WHERE sequence = 1")
    assert first_break("s") == 1


def test_events_of_a_write_that_fails_are_not_kept():
    with pytest.raises(RuntimeError), transaction.atomic():
        three_events()
        raise RuntimeError
    assert not Event.objects.exists()
    assert not Stream.objects.exists()
