"""What the worker does for webhooks: it looks for news, and tells them."""

from celery import shared_task

from readerstudy.studies.webhooks import delivering
from readerstudy.studies.webhooks.models import WebhookDelivery
from readerstudy.work.pulse import chore
from readerstudy.work.worker import carry_out

LOOK_EVERY_SECONDS = 2.0


@shared_task(name=WebhookDelivery.bell)
def deliver(delivery_id: int) -> None:
    """Make a delivery, if nobody else has it."""
    carry_out(WebhookDelivery, delivery_id, delivering.deliver)


chore(delivering.tell, every=LOOK_EVERY_SECONDS)
chore(delivering.release, every=LOOK_EVERY_SECONDS)
