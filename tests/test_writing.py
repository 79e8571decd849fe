"""Prepared statements store and change rows as Django does."""

import datetime

import pytest
from django.db import IntegrityError, connection, transaction

from readerstudy.audit.models import Event, Stream
from readerstudy.audit.services import record
from readerstudy.writing import MOST, Change, Insertion

AT = datetime.datetime(2026, 11, 30, 12, 0, 0, 123456, tzinfo=datetime.UTC)
events_stored = Insertion(Event)
lengths = Change(
    lambda name, least: Stream.objects.filter(name=name, length__gte=least),
    columns=["length", "head_sha256"],
    numbers=["least"],
    words=["name"],
)


def event(stream: Stream, sequence: int, **columns) -> Event:
    told = {"verb": "verb", "at": AT, "sha256": "0" * 64, "previous_sha256": "1" * 64}
    return Event(stream=stream, sequence=sequence, **(told | columns))


@pytest.fixture
def stream(db):
    return Stream.objects.create(name="'50% of %s; --")


@pytest.mark.parametrize("number", [0, 1, 2, MOST, MOST + 1])
def test_rows_are_stored_as_bulk_create_stores_them(stream, number):
    detail = {"word": "% %s 'quoted' \\ ü", "none": None, "list": [1, 2.5, True]}
    rows = [event(stream, place, detail=detail) for place in range(1, number + 1)]
    events_stored.store(rows)
    kept = Event.objects.order_by("sequence")
    assert [each.pk for each in kept] == [each.pk for each in rows]
    assert not any(each._state.adding for each in rows)
    other = Stream.objects.create(name="other")
    Event.objects.bulk_create(event(other, 1, detail=detail) for _ in rows[:1])
    for mine in kept.filter(stream=stream, sequence=1):
        theirs = Event.objects.get(stream=other)
        for field in Event._meta.concrete_fields:
            if field.name not in ("id", "stream"):
                assert getattr(mine, field.attname) == getattr(theirs, field.attname)


def test_sql_null_is_stored_for_a_column_that_says_nothing(stream):
    events_stored.store([event(stream, 1, rows=None)])
    assert Event.objects.filter(rows__isnull=True).exists()


def test_what_the_database_refuses_is_refused(stream):
    events_stored.store([event(stream, 1)])
    with pytest.raises(IntegrityError), transaction.atomic():
        events_stored.store([event(stream, 2), event(stream, 1)])
    assert Event.objects.count() == 1


def test_a_change_reaches_the_rows_of_its_query_alone(stream):
    Stream.objects.create(name="other", length=9)
    reached = {"length": 7, "head_sha256": "%s'"}
    assert lengths.apply(reached, name=stream.name, least=1) == 0
    assert lengths.apply(reached, name=stream.name, least=0) == 1
    assert set(Stream.objects.values_list("name", "length", "head_sha256")) == {
        (stream.name, 7, "%s'"),
        ("other", 9, "0" * 64),
    }


def test_a_column_that_is_not_named_is_no_change(stream):
    with pytest.raises(KeyError):
        lengths.apply({"length": 7}, name=stream.name, least=0)


@pytest.mark.django_db(transaction=True)
def test_a_new_connection_learns_the_statements_again():
    for number in (1, 2):
        record(actor=None, verb="verb.one", stream="one")
        assert Stream.objects.get(name="one").length == number
        connection.close()
