"""What the worker does for the export: it builds one bundle, step by step."""

from celery import shared_task
from celery.utils.log import get_task_logger

from readerstudy.export import services
from readerstudy.export.archive import Kept, keep, workshop
from readerstudy.export.bundle import build
from readerstudy.export.models import BundleOrder
from readerstudy.reports import leases
from readerstudy.reports.worker import (
    kept_alive,
    patiently,
    reason_of,
    worker_name,
)

logger = get_task_logger(__name__)


@shared_task(name=BundleOrder.bell)
def build_bundle(order_id: int) -> None:
    """Build the bundle of an order, if nobody else has it."""
    claimed = patiently(
        lambda: leases.claim(BundleOrder, id=order_id, worker=worker_name())
    )
    if claimed is None:
        return
    with kept_alive([claimed]):
        try:
            kept = _built(claimed)
        except Exception as problem:  # every failure must reach its row
            logger.warning("bundle %s failed", order_id, exc_info=True)
            reason = reason_of(problem)
            patiently(lambda: leases.fail(claimed, reason=reason))
            leases.sweep()
            return
        patiently(lambda: services.finish(claimed, kept=kept))


def _built(claimed: leases.Claim) -> Kept:
    orders = BundleOrder.objects.select_related("study")
    order = patiently(lambda: orders.get(pk=claimed.id))

    def tell(number: int, steps: int, title: str) -> None:
        progress = {"step": number, "steps": steps, "doing": title}
        patiently(lambda: leases.held(claimed).update(**progress))

    with workshop() as folder:
        names = build(order.study, folder, checklists=order.checklists, tell=tell)
        return keep(order.study, folder, names)
