"""The door to webhooks: a study's coordinators, as `access` has it.

`access` itself holds no more than a screen can show.
"""

from django.shortcuts import get_object_or_404

from readerstudy.access import AnyRequest, study_for_coordinator
from readerstudy.studies.webhooks.models import Webhook, WebhookDelivery


def webhook_for_coordinator(request: AnyRequest, code: str, webhook_id: int) -> Webhook:
    """A webhook of a study that was not removed, for the study's coordinators."""
    study = study_for_coordinator(request, code)
    found = Webhook.objects.listed_for(study).select_related("study", "created_by")
    return get_object_or_404(found, pk=webhook_id)


def webhook_delivery_for_coordinator(
    request: AnyRequest, code: str, delivery_id: int
) -> WebhookDelivery:
    """What a webhook of a study told or has to tell, for the study's coordinators."""
    study = study_for_coordinator(request, code)
    return get_object_or_404(
        WebhookDelivery.objects.select_related("webhook__study"),
        pk=delivery_id,
        webhook__in=Webhook.objects.listed_for(study),
    )
