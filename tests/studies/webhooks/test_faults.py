"""The database stumbles while a delivery is made: what the receiver answered is kept,
and nothing is sent twice for it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection

from readerstudy.studies.webhooks.models import WebhookDelivery
from readerstudy.studies.webhooks.receivers import configured
from readerstudy.studies.webhooks.tasks import deliver
from tests import worlds
from tests.studies.webhooks.receivers import Inbox, inbox
from tests.webhook_worlds import undelivered

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def received(tmp_path_factory):
    with inbox(tmp_path_factory.mktemp("receiver")).listening() as listening:
        yield listening


@pytest.fixture(autouse=True)
def _media(settings, tmp_path, received: Inbox) -> None:
    settings.MEDIA_ROOT = tmp_path
    received.file.unlink(missing_ok=True)


def waiting(settings: Any, address: str) -> WebhookDelivery:
    """A delivery that no worker has taken yet."""
    settings.WEBHOOKS = configured(
        receivers=f"registry={address}", tries=8, wait=60, failures=20
    )
    made = undelivered(worlds.frozen_study(cases=2))
    made.status, made.failure = WebhookDelivery.Status.QUEUED, ""
    made.save()
    return made


def missed_once(moment: Callable[[str], bool]) -> Callable[..., Any]:
    """The database is away for the first statement at a moment, and then there."""
    seen: list[str] = []

    def execute(go_on: Any, statement: str, *rest: Any) -> Any:
        if not seen and moment(statement):
            seen.append(statement)
            raise OperationalError("server closed the connection unexpectedly")
        return go_on(statement, *rest)

    return execute


def test_a_database_that_is_missed_before_the_call_costs_no_attempt(settings, received):
    settings.JOB_MAXIMUM_ATTEMPTS = 1
    row = waiting(settings, received.address("/told"))
    with connection.execute_wrapper(
        missed_once(lambda statement: 'JOIN "studies_webhook"' in statement)
    ):
        deliver(row.pk)
    row.refresh_from_db()
    assert (row.status, row.attempts, row.failure) == ("done", 1, "")
    assert len(received.requests()) == 1


@pytest.mark.parametrize(
    ("path", "status", "answered"), [("/told", "done", 204), ("/500", "held", 500)]
)
def test_an_answer_is_kept_though_the_database_is_missed_after_the_call(
    settings, received, path, status, answered
):
    settings.JOB_MAXIMUM_ATTEMPTS = 1
    row = waiting(settings, received.address(path))
    with connection.execute_wrapper(missed_once(lambda _: bool(received.requests()))):
        deliver(row.pk)
    row.refresh_from_db()
    assert (row.status, row.answered, row.attempts) == (status, answered, 1)
    assert len(received.requests()) == 1
