"""What administrators change: work that failed for good gets another try."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from readerstudy.accounts.models import User
from readerstudy.audit.services import record
from readerstudy.work import leases
from readerstudy.work.models import Work

# More are tried again by asking once more; one transaction stays short.
MOST_AT_ONCE = 1000


@transaction.atomic
def retry(*, kind: type[Work], ids: Sequence[int] | None, actor: User) -> int:
    """Put failed work of a kind back into the queue with fresh attempts.

    ids  which; None for all of it, at most MOST_AT_ONCE. Returns how many there were.
    Raises ValidationError where the same was asked for anew in the meantime.
    """
    failed = leases.rows(kind).select_for_update().filter(status=Work.Status.FAILED)
    if ids is not None:
        failed = failed.filter(pk__in=ids)
    taken = list(failed.order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE])
    again = leases.rows(kind).filter(pk__in=taken)
    try:
        with transaction.atomic():
            leases.queue_anew(again)
    except IntegrityError:
        raise ValidationError(
            "The same work was asked for again since it failed, and only one of it may "
            "wait. Try single ones again."
        ) from None
    if taken:
        detail = {"kind": kind._meta.label_lower, "pieces": len(taken)}
        record(actor=actor, verb="work.retried", detail=detail)
    leases.ring_on_commit(again)
    return len(taken)
