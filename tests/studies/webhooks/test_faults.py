"""A delivery while the database stumbles, or while Cora asks for the same one: what
the receiver answered is kept, and neither waits for the other for ever."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import OperationalError, connection, transaction

from readerstudy.studies.webhooks import services
from readerstudy.studies.webhooks.models import Webhook, WebhookDelivery
from readerstudy.studies.webhooks.receivers import configured
from readerstudy.studies.webhooks.tasks import deliver
from tests import worlds
from tests.installation import wait_until
from tests.people import cora
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


def waiting(settings: Any, address: str, tries: int = 8) -> WebhookDelivery:
    """A delivery that no worker has taken yet."""
    settings.WEBHOOKS = configured(
        receivers=f"registry={address}", tries=tries, wait=60, failures=20
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


def somebody_waits() -> bool:
    """Whether a lock is waited for; asked within the transaction that has it."""
    if connection.vendor != "postgresql":
        return True  # a transaction has this database to itself
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


def test_cora_and_a_worker_at_the_same_delivery_do_not_wait_for_each_other(
    settings, received, caplog
):
    person, row = cora().user, waiting(settings, received.address("/500"), tries=1)

    def work() -> None:
        try:
            deliver(row.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():
            Webhook.objects.select_for_update().get()
            working = thread.submit(work)
            wait_until(somebody_waits, "a worker that wants to note what came of it")
            with pytest.raises(ValidationError, match="on its way already"):
                services.redeliver(delivery=row, actor=person)
        working.result(60)
    row.refresh_from_db()
    assert (row.status, row.answered, row.webhook.failures) == ("failed", 500, 1)
    assert "trying again" not in caplog.text
    assert len(received.requests()) == 1
