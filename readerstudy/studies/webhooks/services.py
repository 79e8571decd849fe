"""Making, testing, switching and removing webhooks; each leaves an event."""

from collections.abc import Sequence

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from readerstudy.accounts.models import User
from readerstudy.accounts.sealed import sealed
from readerstudy.audit.models import Stream
from readerstudy.audit.services import record
from readerstudy.studies.models import Study
from readerstudy.studies.webhooks.kinds import KINDS, TEST
from readerstudy.studies.webhooks.models import Webhook, WebhookDelivery
from readerstudy.studies.webhooks.signing import new_secret
from readerstudy.work import leases


@transaction.atomic
def create(
    *, study: Study, actor: User, receiver: str, kinds: Sequence[str]
) -> Webhook:
    """Let a receiver be told of what happens from now on.

    The `secret` is known to the returned object alone. Raises ValidationError.
    """
    study = Study.objects.select_for_update().get(pk=study.pk)
    if study.is_archived:
        raise ValidationError("The study is archived; nothing more happens in it.")
    if receiver not in settings.WEBHOOKS.receivers:
        raise ValidationError(
            {"receiver": "The administrator of this site has named no such receiver."}
        )
    if not kinds or not set(kinds) <= KINDS.keys():
        raise ValidationError({"kinds": "Choose at least one kind of event."})
    if Webhook.objects.listed_for(study).filter(receiver=receiver).exists():
        raise ValidationError(
            {"receiver": f"{receiver} has a webhook of this study already."}
        )
    webhook = Webhook(
        study=study,
        receiver=receiver,
        kinds=[kind for kind in KINDS if kind in kinds],
        created_by=actor,
        told_until=_length_of_chain(study),
    )
    webhook.secret = new_secret()
    webhook.secret_sealed = sealed(webhook.secret)
    webhook.full_clean()
    webhook.save()
    _record("webhook.made", webhook, actor, kinds=webhook.kinds)
    return webhook


@transaction.atomic
def remove(*, webhook: Webhook, actor: User) -> Webhook:
    """End a webhook for good; what waits is not sent, and its log stays."""
    current = _locked(webhook)
    current.removed_at = timezone.now()
    current.save(update_fields=["removed_at"])
    _record("webhook.removed", current, actor)
    return current


@transaction.atomic
def switch_on(*, webhook: Webhook, actor: User) -> Webhook:
    """Go on telling; what happened while it was off is not told later."""
    current = _locked(webhook)
    if current.off_at is None:
        raise ValidationError("This webhook is on already.")
    current.off_at, current.off_because, current.failures = None, "", 0
    current.told_until = _length_of_chain(current.study)
    current.save()
    _record("webhook.switched_on", current, actor)
    return current


@transaction.atomic
def test(*, webhook: Webhook, actor: User) -> WebhookDelivery:
    """Send a delivery that tells of nothing; it is tried once."""
    current = _locked(webhook)
    if not current.is_in_force:
        raise ValidationError("Switch the webhook on first.")
    made = WebhookDelivery.objects.create(webhook=current, kind=TEST, at=timezone.now())
    _record("webhook.tested", current, actor, delivery=made.public_id)
    leases.ring_on_commit(WebhookDelivery.objects.filter(pk=made.pk))
    return made


@transaction.atomic
def redeliver(*, delivery: WebhookDelivery, actor: User) -> WebhookDelivery:
    """Send a delivery that is over once more, under the same id."""
    webhook = _locked(delivery.webhook)
    again = WebhookDelivery.objects.select_for_update().get(pk=delivery.pk)
    if not webhook.is_in_force:
        raise ValidationError("Switch the webhook on first.")
    if not again.is_over:
        raise ValidationError("This delivery is on its way already.")
    leases.start_anew(again)
    again.save()
    _record("webhook.redelivered", webhook, actor, delivery=again.public_id)
    leases.ring_on_commit(WebhookDelivery.objects.filter(pk=again.pk))
    return again


def switch_off(webhook: Webhook, because: str) -> None:
    """Note on a locked row that nothing more is told, and why; the system's own act."""
    webhook.off_at, webhook.off_because = timezone.now(), because
    webhook.save()
    _record("webhook.switched_off", webhook, None, because=because)


def _locked(webhook: Webhook) -> Webhook:
    current = (
        Webhook.objects.select_for_update(of=("self",))
        .select_related("study")
        .get(pk=webhook.pk)
    )
    if current.removed_at is not None:
        raise ValidationError("This webhook was removed.")
    return current


def _length_of_chain(study: Study) -> int:
    chain = Stream.objects.filter(name=study.code).values_list("length", flat=True)
    return chain.first() or 0


def _record(
    verb: str, webhook: Webhook, actor: User | None, **detail: str | list[str]
) -> None:
    record(
        actor=actor,
        verb=verb,
        stream=webhook.study.code,
        subject=f"webhook to {webhook.receiver}",
        detail=detail,
    )
