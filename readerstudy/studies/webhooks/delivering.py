"""From the study's chain of events to the receiver: told, tried again, given up.

The chain itself is the outbox. A webhook remembers how far it has looked; whoever
looks further writes the deliveries in the same transaction, so none is lost or doubled,
whatever dies. A delivery is sent at least once: a worker that dies after the call is
followed by another, with the same id.
"""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from readerstudy.accounts.sealed import opened
from readerstudy.audit.models import Event
from readerstudy.studies.webhooks.kinds import body_of
from readerstudy.studies.webhooks.models import Webhook, WebhookDelivery
from readerstudy.studies.webhooks.receivers import GROWTH, LONGEST_WAIT_SECONDS
from readerstudy.studies.webhooks.sending import Answer, post
from readerstudy.studies.webhooks.services import switch_off
from readerstudy.studies.webhooks.signing import PREFIX, headers_of
from readerstudy.work import leases
from readerstudy.work.worker import patiently

EVENTS_AT_ONCE = 500
_NEW_WEBHOOK = "Make a new webhook."
_OFF = "The webhook is switched off or removed; it was not sent."


def tell() -> int:
    """Write deliveries for what happened since each webhook last looked."""
    told = 0
    for webhook_id in Webhook.objects.with_news().values_list("pk", flat=True):
        told += _tell(webhook_id)
    return told


@transaction.atomic
def _tell(webhook_id: int) -> int:
    news = Webhook.objects.with_news().select_related("study")
    webhook = news.select_for_update(of=("self",)).filter(pk=webhook_id).first()
    if webhook is None:
        return 0
    chain = Event.objects.of_stream(webhook.study.code)
    events = list(
        chain.filter(sequence__gt=webhook.told_until).values_list(
            "sequence", "verb", "at"
        )[:EVENTS_AT_ONCE]
    )
    if not events:
        return 0
    made = WebhookDelivery.objects.bulk_create(
        WebhookDelivery(webhook=webhook, sequence=sequence, kind=verb, at=at)
        for sequence, verb, at in events
        if verb in webhook.kinds
    )
    webhook.told_until = events[-1][0]
    webhook.save(update_fields=["told_until"])
    ids = [each.pk for each in made]
    leases.ring_on_commit(WebhookDelivery.objects.filter(pk__in=ids))
    return len(made)


@transaction.atomic
def release() -> int:
    """Put what has waited long enough before the workers again."""
    due = list(
        WebhookDelivery.objects.due()
        .select_for_update(skip_locked=True)
        .values_list("pk", flat=True)[: leases.RINGS_PER_SWEEP]
    )
    rows = WebhookDelivery.objects.filter(pk__in=due)
    rows.update(status=WebhookDelivery.Status.QUEUED, due_at=None)
    leases.ring_on_commit(rows)
    return len(due)


def deliver(claimed: leases.Claim) -> None:
    """Call the receiver, and note what came of it."""
    deliveries = WebhookDelivery.objects.select_related("webhook__study")
    delivery = patiently(lambda: deliveries.get(pk=claimed.id))
    webhook = delivery.webhook
    address = settings.WEBHOOKS.receivers.get(webhook.receiver)
    secret = opened(
        webhook.secret_sealed,
        what=f"The secret of webhook {webhook.pk} to {webhook.receiver}",
        remedy=_NEW_WEBHOOK,
    )
    if not webhook.is_in_force:
        _fail_for_good(claimed, _OFF)
    elif address is None:
        reason = f"The settings name no receiver {webhook.receiver} any more."
        _keep(claimed, webhook.pk, Answer(None, 0, reason))
    elif not secret.startswith(PREFIX):
        reason = f"Its secret was stored under another SECRET_KEY. {_NEW_WEBHOOK}"
        _fail_for_good(claimed, reason)
    else:
        _keep(claimed, webhook.pk, _called(delivery, address, secret))


def _fail_for_good(claimed: leases.Claim, reason: str) -> None:
    patiently(lambda: leases.fail(claimed, reason=reason, for_good=True))


def _keep(claimed: leases.Claim, webhook_id: int, answer: Answer) -> None:
    """Note an answer once the database is there: it is not asked of the receiver twice.

    To fail here instead would count as an attempt, and at once bring the next.
    """
    patiently(lambda: _settle(claimed, webhook_id, answer))


def _called(delivery: WebhookDelivery, address: str, secret: str) -> Answer:
    body = body_of(
        public_id=delivery.public_id,
        kind=delivery.kind,
        study=delivery.webhook.study.code,
        at=delivery.at,
    )
    headers = headers_of(
        secret=secret,
        public_id=delivery.public_id,
        seconds=int(timezone.now().timestamp()),
        body=body,
    )
    return post(address, headers=headers, body=body)


@transaction.atomic
def _settle(claimed: leases.Claim, webhook_id: int, answer: Answer) -> None:
    """Note an answer, if the claim still holds."""
    # First the webhook, then its delivery: as in services.redeliver, or each could
    # wait for the other.
    locked = Webhook.objects.select_for_update(of=("self",)).select_related("study")
    webhook = locked.get(pk=webhook_id)
    row: WebhookDelivery | None = leases.held(claimed).select_for_update().first()
    if row is None:
        return
    row.answered, row.milliseconds = answer.status, answer.milliseconds
    if not answer.failure:
        leases.finish(row)
        webhook.failures = 0
        webhook.save(update_fields=["failures"])
    elif row.is_test or answer.is_gone or row.attempts >= settings.WEBHOOKS.tries:
        _give_up(row, webhook, answer)
    else:
        row.status, row.failure = WebhookDelivery.Status.HELD, answer.failure
        leases.count_ended(row, "tried_again")
        wait = settings.WEBHOOKS.wait * GROWTH ** (row.attempts - 1)
        row.due_at = Now() + timedelta(seconds=min(wait, LONGEST_WAIT_SECONDS))
    row.save()


def _give_up(row: WebhookDelivery, webhook: Webhook, answer: Answer) -> None:
    """Fail for good; after so many in a row the webhook, locked, is switched off."""
    leases.give_up(row, answer.failure)
    if row.is_test:
        return
    webhook.failures += 1
    webhook.save(update_fields=["failures"])
    if not webhook.is_in_force:
        return
    if answer.is_gone:
        switch_off(webhook, "The receiver says that it is gone for good (HTTP 410).")
    elif webhook.failures >= settings.WEBHOOKS.failures:
        switch_off(
            webhook,
            f"{webhook.failures} deliveries in a row did not arrive, the last because: "
            f"{answer.failure}",
        )
