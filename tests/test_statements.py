"""Statements answer as their querysets do, whatever the values."""

import pytest
from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.db.transaction import TransactionManagementError

from readerstudy.audit.models import Event, Stream, lock_stream
from readerstudy.audit.services import record
from readerstudy.statements import Statement

told = Statement(
    lambda stream, sequence: Event.objects.filter(
        stream=stream, sequence__gt=sequence
    ).order_by("-sequence"),
    numbers=["sequence"],
    words=["stream"],
)
streams = Statement(
    lambda name: (
        Stream.objects.filter(name=name)
        .only("name")
        .annotate(is_used=Exists(Event.objects.filter(stream=OuterRef("pk"))))
    ),
    words=["name"],
)


@pytest.fixture
def events(db):
    for number in range(3):
        record(actor=None, verb=f"verb.{number}", stream="one", detail={"n": number})
    record(actor=None, verb="verb.other", stream="50% of %s")


@pytest.mark.parametrize(
    ("stream", "sequence"), [("one", 0), ("one", 2), ("one", 9), ("50% of %s", 0)]
)
def test_the_rows_are_those_of_the_queryset(events, stream, sequence):
    asked = Event.objects.filter(stream=stream, sequence__gt=sequence)
    found = told.rows(stream=stream, sequence=sequence)
    assert found == list(asked.order_by("-sequence"))
    assert [each.detail for each in found] == [
        each.detail for each in asked.order_by("-sequence")
    ]
    assert told.first(stream=stream, sequence=sequence) == asked.last()


def test_a_quotation_mark_in_a_value_is_only_a_value(events):
    assert told.rows(stream="'; DROP TABLE audit_event; --", sequence=0) == []
    assert Event.objects.count() == 4


def test_annotations_and_columns_left_out_are_as_in_the_queryset(events):
    [found] = streams.rows(name="one")
    assert found.is_used  # type: ignore[attr-defined]
    assert found.get_deferred_fields() == {"length", "head_sha256"}
    assert found.length == 3


def test_a_statement_is_asked_again_after_an_error_in_the_transaction(events):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        told.rows(stream="one", sequence=1)
        1 / 0  # noqa: B018
    assert len(told.rows(stream="one", sequence=1)) == 2


@pytest.mark.django_db(transaction=True)
def test_rows_are_locked_in_a_transaction_only():
    record(actor=None, verb="verb.one", stream="one")
    with pytest.raises(TransactionManagementError):
        lock_stream.rows(name="one")
    with transaction.atomic():
        assert lock_stream.rows(name="one")[0].length == 1


@pytest.mark.django_db(transaction=True)
def test_a_new_connection_learns_the_statement_again():
    record(actor=None, verb="verb.one", stream="one")
    for _ in range(2):
        assert len(told.rows(stream="one", sequence=0)) == 1
        connection.close()
