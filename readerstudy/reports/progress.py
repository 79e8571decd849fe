"""How far the model's writing is: counts, failures by reason, time left."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Max, Min, QuerySet

from readerstudy.reports.models import Job
from readerstudy.work.models import WorkerPulse

# The pace is taken from the latest finished jobs only: it follows the present.
PACE_WINDOW = 20


@dataclass(frozen=True)
class Failure:
    """One reason and how many jobs it stopped."""

    reason: str
    count: int


@dataclass(frozen=True)
class JobProgress:
    """Counts of jobs by state; `seconds_left` is None where it can't be told."""

    total: int
    queued: int
    running: int
    done: int
    failed: int
    failures: tuple[Failure, ...]
    seconds_left: float | None
    workers: int

    @property
    def finished(self) -> bool:
        return self.done + self.failed == self.total

    @property
    def waiting_for_a_worker(self) -> bool:
        return not self.finished and self.workers == 0


def progress_of(jobs: QuerySet[Job]) -> JobProgress:
    """Count the jobs of a queryset; five small queries."""
    states = Counter(jobs.values_list("status", flat=True))
    failed = jobs.filter(status=Job.Status.FAILED)
    reasons = Counter(failed.values_list("failure", flat=True))
    left = states[Job.Status.QUEUED] + states[Job.Status.RUNNING]
    return JobProgress(
        total=states.total(),
        queued=states[Job.Status.QUEUED],
        running=states[Job.Status.RUNNING],
        done=states[Job.Status.DONE],
        failed=states[Job.Status.FAILED],
        failures=tuple(Failure(*pair) for pair in reasons.most_common()),
        seconds_left=_seconds_left(jobs, left),
        workers=WorkerPulse.objects.alive().count(),
    )


def _seconds_left(jobs: QuerySet[Job], left: int) -> float | None:
    latest = (
        jobs.filter(status=Job.Status.DONE)
        .order_by("-finished_at")
        .values_list("id", flat=True)[:PACE_WINDOW]
    )
    span = Job.objects.filter(pk__in=list(latest)).aggregate(
        first=Min("started_at"), last=Max("finished_at")
    )
    if not left or span["first"] is None or span["last"] is None:
        return None
    seconds: float = (span["last"] - span["first"]).total_seconds()
    # Reports of a batch begin together: the earliest batch counts whole or not at all.
    written = jobs.filter(status=Job.Status.DONE, started_at__gte=span["first"]).count()
    return seconds / written * left
