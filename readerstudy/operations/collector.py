"""Rows of work, workers and disks as metrics, whenever they are asked for.

Only unfinished work is counted, which the table of reports has an index of: a site with
millions of reports answers as fast as a new one.
"""

import shutil
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import DatabaseError
from django.db.models import Count, Min, Q
from django.db.models.functions import Now
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from readerstudy.operations import checks
from readerstudy.operations.findings import Finding
from readerstudy.operations.published import of_workers
from readerstudy.work import leases
from readerstudy.work.models import Work, WorkerPulse


class SiteCollector(Collector):
    """The metrics of the whole site; every web process tells the same."""

    def collect(self) -> Iterable[Metric]:
        found = checks.neighbours()
        yield _checked(found)
        yield from _of_disks()
        if any(each.is_wrong for each in found if each.about == "database"):
            return
        try:
            yield from _of_work()
            yield from of_workers()
        except DatabaseError:
            return  # it has gone since it was asked; the checks say so the next time


def _gauge(name: str, meaning: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"readerstudy_{name}", meaning, labels=labels)


def _checked(found: list[Finding]) -> Metric:
    metric = _gauge("check_ok", "Whether a check of /readyz holds.", "check")
    for each in found:
        metric.add_metric([each.about], 0.0 if each.is_wrong else 1.0)
    return metric


def _of_disks() -> Iterator[Metric]:
    free = _gauge("disk_free_bytes", "Room on the disk of a folder.", "folder")
    size = _gauge("disk_bytes", "Size of the disk of a folder.", "folder")
    for name, folder in zip(("data", "media"), checks.folders(), strict=False):
        usage = shutil.disk_usage(folder)
        free.add_metric([name], usage.free)
        size.add_metric([name], usage.total)
    yield free
    yield size


def _of_work() -> Iterator[Metric]:
    waiting = _gauge("work_waiting", "Work that no worker has taken yet.", "kind")
    running = _gauge("work_running", "Work that a worker has in hand.", "kind")
    oldest = _gauge(
        "work_oldest_seconds", "Age of what was asked for first and waits.", "kind"
    )
    expired = _gauge(
        "work_expired", "Work in hand whose lease ran out and was not freed.", "kind"
    )
    for kind in leases.kinds():
        name = [kind._meta.label_lower]
        row = unfinished(kind)
        waiting.add_metric(name, row["waiting"])
        running.add_metric(name, row["running"])
        expired.add_metric(name, row["expired"])
        oldest.add_metric(name, _age(row["oldest"]))
    alive = _gauge("workers", "Workers that have shown themselves of late.")
    alive.add_metric([], WorkerPulse.objects.alive().count())
    yield from (waiting, running, oldest, expired, alive)


def unfinished(kind: type[Work]) -> dict[str, Any]:
    """Counts of a kind's unfinished work, and since when the oldest waits; a query."""
    is_waiting = Q(status=Work.Status.QUEUED)
    is_running = Q(status=Work.Status.RUNNING)
    found: dict[str, Any] = (
        leases.rows(kind)
        .unfinished()
        .aggregate(
            waiting=Count("pk", filter=is_waiting),
            running=Count("pk", filter=is_running),
            expired=Count("pk", filter=is_running & Q(lease_until__lt=Now())),
            oldest=Min("created_at", filter=is_waiting),
        )
    )
    return found


def _age(since: datetime | None) -> float:
    """Seconds since then; 0 where nothing waits."""
    if since is None:
        return 0.0
    return max(0.0, (timezone.now() - since).total_seconds())
