"""What the record of events tells of a delivery: what came in, and that it gave up."""

from readerstudy.audit.services import record
from readerstudy.cases import imports
from readerstudy.cases.intake.fates import STATES
from readerstudy.cases.intake.models import DeliveredFile, Delivery


def tell_import(delivery: Delivery) -> None:
    """Leave an event of what came in since the last one, and have it searched for
    burned-in text; within the caller's transaction, which holds the row.

    A delivery that was cancelled, that failed, or that was tried again tells of each
    file once.
    """
    counts = delivery.files.all().counts()
    now = {outcome.value: counts[state] for outcome, state in STATES.items()}
    new = {
        outcome: max(0, count - delivery.told.get(outcome, 0))
        for outcome, count in now.items()
    }
    refused = counts[DeliveredFile.State.REFUSED]
    imports.record_import(
        delivery.collection.name, new | {"refused": refused, "delivery": delivery.pk}
    )
    Delivery.objects.filter(pk=delivery.pk).update(told=now)
    delivery.told = now


def tell_failure(delivery: Delivery, reason: str) -> None:
    """Leave an event of a delivery that gave up, and of what it had brought in."""
    tell_import(delivery)
    record(
        actor=None,
        verb="delivery.failed",
        subject=delivery.collection.name,
        detail={"delivery": delivery.pk, "reason": reason[:500]},
    )
