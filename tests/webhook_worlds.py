"""Webhooks for tests, beside tests/worlds.py."""

from readerstudy.accounts.sealed import sealed
from readerstudy.studies.models import Study, Webhook, WebhookDelivery
from readerstudy.studies.webhooks.signing import new_secret
from tests.people import cora


def undelivered(study: Study) -> WebhookDelivery:
    """What a webhook of a study, in any state, could not deliver; made once."""
    made, _ = Webhook.objects.get_or_create(
        study=study,
        receiver="registry",
        defaults={
            "kinds": ["study.opened"],
            "secret_sealed": sealed(new_secret()),
            "created_by": cora().user,
            "told_until": 0,
        },
    )
    told, _ = WebhookDelivery.objects.get_or_create(
        webhook=made,
        sequence=1,
        defaults={
            "kind": "study.opened",
            "at": study.created_at,
            "status": WebhookDelivery.Status.FAILED,
            "failure": "The receiver does not answer.",
        },
    )
    return told
