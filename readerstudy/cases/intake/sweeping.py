"""What is left lying about: deliveries that nobody came back to, and bytes of no use.

Everything here is done by any worker at any time, also by several at once.
"""

import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError

from readerstudy.audit.services import record
from readerstudy.cases.intake import services, staging
from readerstudy.cases.intake.forgetting import forget_when_due
from readerstudy.cases.intake.models import DeliveredFile, Delivery
from readerstudy.cases.leftovers import remove_leftovers

DAY = timedelta(days=1)


def sweep() -> dict[str, int]:
    """Sweep everything once; returns how much of each kind was swept."""
    swept = {
        "deliveries_ended": _end_forsaken(),
        "deliveries_whose_names_were_forgotten": forget_when_due(),
        "staged_files": _remove_staged(),
        **remove_leftovers(timedelta(days=settings.LEFTOVERS_KEPT_DAYS)),
    }
    if any(swept.values()):
        record(actor=None, verb="intake.swept", detail=swept)
    return swept


def _end_forsaken() -> int:
    """End deliveries that wait for somebody who does not come; what is in stays."""
    age = timedelta(days=settings.INTAKE_KEPT_DAYS)
    ended = 0
    for delivery in Delivery.objects.forsaken(age):
        if _newest(staging.folder_of(delivery.pk)) > time.time() - age.total_seconds():
            continue  # its bytes still come
        try:
            services.cancel(
                delivery=delivery,
                actor=None,
                reason=f"Nobody came back to it for {settings.INTAKE_KEPT_DAYS} days: "
                "what had not been taken in was left out.",
            )
        except ValidationError:
            continue  # another worker was faster
        ended += 1
    return ended


def _newest(folder: Path) -> float:
    """When something in a folder was last written; 0 where there is nothing."""
    return max((written for _, written in _files_in(folder)), default=0.0)


def _files_in(folder: Path) -> list[tuple[Path, float]]:
    """The files in a folder, and when each was last written.

    What another worker has removed in between, the folder itself too, is left out.
    """
    found = []
    with suppress(FileNotFoundError):
        for path in list(folder.iterdir()):
            with suppress(FileNotFoundError):
                found.append((path, path.stat().st_mtime))
    return found


def _remove_staged() -> int:
    """Remove bytes of uploads that are over, or of which nothing is known."""
    removed = 0
    for folder in staging.folders():
        delivery = int(folder.name)
        status = Delivery.objects.filter(pk=delivery).values_list("status", flat=True)
        is_over = status.first() in (None, Delivery.Status.DONE)
        needed = set() if is_over else _needed(delivery)
        for path, written in _files_in(folder):
            is_old = written < time.time() - DAY.total_seconds()
            if is_old and path.name not in needed:
                path.unlink(missing_ok=True)
                removed += 1
        if is_over and not _files_in(folder):
            staging.remove_all(delivery)
    return removed


def _needed(delivery: int) -> set[str]:
    """The names of staged files that somebody still writes or a worker will read."""
    files = DeliveredFile.objects.filter(delivery=delivery)
    own = files.filter(
        state__in=(DeliveredFile.State.EXPECTED, DeliveredFile.State.RECEIVED)
    )
    members = files.to_do().order_by()
    archives = members.values_list("archive", flat=True).distinct()
    ids = {*own.values_list("pk", flat=True), *archives}
    return {str(each) for each in ids if each is not None}
