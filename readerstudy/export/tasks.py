"""What the worker does for the export: it builds one bundle, step by step, and takes in
one packed study."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.core.exceptions import ValidationError

from readerstudy.cases.intake import staging
from readerstudy.export import services
from readerstudy.export.archive import Kept, keep, remove_unnamed, workshop
from readerstudy.export.bundle import build
from readerstudy.export.models import Arrival, BundleOrder
from readerstudy.export.moving import arriving
from readerstudy.export.moving.unpacking import keep_radiographs
from readerstudy.work import leases
from readerstudy.work.pulse import chore
from readerstudy.work.worker import Told, carry_out, patiently

SWEEP_SECONDS = 6 * 3600.0


@shared_task(name=BundleOrder.bell)
def build_bundle(order_id: int) -> None:
    """Build the bundle of an order, if nobody else has it."""
    carry_out(BundleOrder, order_id, _build)


@shared_task(name="export.sweep_bundles")
def sweep_bundles() -> None:
    """Remove bundles that no row names, and packed studies that nobody took in."""
    remove_unnamed(timedelta(days=settings.LEFTOVERS_KEPT_DAYS))
    arriving.sweep()


chore(sweep_bundles, every=SWEEP_SECONDS)


def _build(claimed: leases.Claim) -> None:
    kept = _built(claimed)
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


@shared_task(name=Arrival.bell)
def take_in(arrival_id: int) -> None:
    """Look at a packed study, or store it where it was confirmed."""
    carry_out(Arrival, arrival_id, _take_in)


def _take_in(claimed: leases.Claim) -> None:
    arrivals = Arrival.objects.select_related("asked_by")
    arrival = patiently(lambda: arrivals.get(pk=claimed.id))
    try:
        with arriving.opened(arrival) as packed:
            if not arrival.is_sure:
                patiently(
                    lambda: arriving.show(claimed, arrival=arrival, packed=packed)
                )
                return

            def tell(done: int) -> None:
                patiently(lambda: leases.held(claimed).update(done=done))

            keep_radiographs(packed=packed, code=arrival.code, tell=tell)
            patiently(lambda: arriving.finish(claimed, packed=packed))
    except OSError as problem:
        if problem.errno in staging.NO_ROOM:
            raise Told(" ".join(staging.DiskFull().messages)) from problem
        raise
    except ValidationError as refusal:
        reason = " ".join(refusal.messages)
        patiently(lambda: leases.fail(claimed, reason=reason, for_good=True))
