"""While the database is away every address answers 503 with a sentence, and when to try
again; a fault of the program itself stays a 500."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connection, transaction
from django.urls import reverse

from readerstudy.media_store import StoreAway
from readerstudy.presentation.models import Slot
from readerstudy.unavailable import away
from tests import worlds
from tests.people import rosa

GRADE = {"letter": "A", "idempotency_key": "key-one-two", "comment": ""}


@contextmanager
def database_away(problem: type[Exception], after: int = 0) -> Iterator[None]:
    """Every statement fails, but for so many in the beginning."""
    seen = 0

    def fail(execute: Any, *statement: Any) -> Any:
        nonlocal seen
        seen += 1
        if seen > after:
            raise problem("server closed the connection unexpectedly\nby a secret")
        return execute(*statement)

    with connection.execute_wrapper(fail):
        yield


@pytest.fixture
def client(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    worlds.open_study()
    browser = rosa().client
    browser.raise_request_exception = False
    return browser


def assert_honest(answer) -> None:
    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert answer["Cache-Control"] == "no-store"
    assert b"cannot reach its database" in answer.content
    assert b"secret" not in answer.content


@pytest.mark.parametrize("after", range(0, 12, 2))
@pytest.mark.parametrize("problem", [OperationalError, InterfaceError])
def test_a_page_says_that_it_comes_back(client, problem, after):
    """At whatever point of the request the database is missed."""
    with database_away(problem, after):
        answer = client.get(reverse("home"))
    if answer.status_code == 200:  # it took no more statements than that
        assert after > 2
        return
    assert_honest(answer)
    assert b'http-equiv="refresh"' in answer.content
    assert answer["Content-Security-Policy"]


def test_a_form_is_not_sent_again_by_itself(client):
    slot = Slot.objects.first()
    with database_away(OperationalError):
        answer = client.post(reverse("grading:read", args=[slot.public_id]), GRADE)
    assert_honest(answer)
    assert b"may not have been stored" in answer.content
    assert b"http-equiv" not in answer.content


@pytest.mark.parametrize("after", range(0, 20, 4))
def test_a_grade_is_answered_in_json_and_goes_through_later(client, after):
    slot = Slot.objects.first()
    address = reverse("api:grade", args=[slot.public_id])
    send = {"data": GRADE, "content_type": "application/json"}
    # As the real database does with a transaction that lost its connection.
    with transaction.atomic():
        with database_away(OperationalError, after):
            answer = client.post(address, **send)
        transaction.set_rollback(True)
    assert_honest(answer)
    assert "send it again" in answer.json()["detail"]
    assert client.post(address, **send).status_code == 201


def test_a_script_of_a_page_is_answered_in_json(client):
    with database_away(OperationalError):
        answer = client.get(reverse("home"), headers={"Accept": "application/json"})
    assert_honest(answer)
    assert answer.json()


def test_an_outage_is_a_line_in_the_log_and_no_traceback(client, caplog):
    with database_away(OperationalError):
        client.get(reverse("home"))
    said = [record.getMessage() for record in caplog.records]
    expected = "the database is away: server closed the connection unexpectedly"
    assert expected in said


def test_a_fault_of_the_program_is_no_outage(client, monkeypatch):
    def broken(*arguments: Any) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr("readerstudy.grading.views.my_studies", broken)
    answer = client.get(reverse("home"))
    assert answer.status_code == 500
    assert "Retry-After" not in answer


def test_what_came_of_an_outage_is_an_outage():
    try:
        try:
            raise OperationalError("away")
        except OperationalError:
            raise KeyError("what was not found") from None
    except KeyError as problem:
        assert away(problem) == "database"
    assert away(KeyError("another")) == away(None) == ""


def test_a_store_that_is_away_is_not_taken_for_the_database(
    client, monkeypatch, caplog
):
    """However the view came to say so: here by a fault of its own."""

    def broken(*arguments: Any) -> None:
        try:
            raise StoreAway("The object store does not answer: at a secret place")
        except StoreAway as problem:
            raise RuntimeError("no picture") from problem

    monkeypatch.setattr("readerstudy.grading.views.my_studies", broken)
    page = client.get(reverse("home"))
    script = client.get(reverse("home"), headers={"Accept": "application/json"})
    for answer in (page, script):
        assert (answer.status_code, answer["Retry-After"]) == (503, "5")
        assert b"cannot reach its store of radiographs" in answer.content
        assert b"database" not in answer.content
        assert b"secret" not in answer.content
    assert "send it again" in script.json()["detail"]
    assert "the store is away" in caplog.text
