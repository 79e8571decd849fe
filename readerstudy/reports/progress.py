"""How far the model's writing is: counts, failures by reason, time left."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import QuerySet

from readerstudy.reports.models import Job
from readerstudy.work.models import WorkerPulse

# The pace is taken from the latest finished jobs only: it follows the present.
PACE_WINDOW = 20
# Reasons that stay, however often one tries.
REFUSED = (
    "Refused: the model would not write about this radiograph, however it was asked."
)
NOT_CONFIRMED = (
    "Not sent: nobody has confirmed, or somebody has taken back, that radiographs of "
    "this collection may leave the server. That is done on the collection's page."
)
# So many cases of a failure are named.
NAMED = 8


@dataclass(frozen=True)
class Failure:
    """One reason, how many jobs it stopped, and the cases of some of them."""

    reason: str
    count: int
    cases: tuple[str, ...]

    @property
    def some(self) -> str:
        """The first of the cases, by their codes."""
        left = self.count - len(self.cases)
        return ", ".join(self.cases) + (f" and {left} more" if left else "")


@dataclass(frozen=True)
class JobProgress:
    """Counts of jobs by state.

    seconds_each  of one report at the present pace of all workers; None where nothing
                  tells it
    """

    total: int
    held: int
    queued: int
    running: int
    done: int
    failed: int
    failures: tuple[Failure, ...]
    seconds_each: float | None
    workers: int

    @property
    def seconds_left(self) -> float | None:
        """Until what waits or is in hand is written; None where it can't be told."""
        left = self.queued + self.running
        return self.seconds_each * left if left and self.seconds_each else None

    @property
    def per_minute(self) -> float | None:
        return 60 / self.seconds_each if self.seconds_each else None

    @property
    def is_moving(self) -> bool:
        """Whether anything waits for a worker or is in hand."""
        return self.queued + self.running > 0

    @property
    def is_paused(self) -> bool:
        """Whether somebody holds reports back, and nothing is in hand any more."""
        return self.held > 0 and not self.is_moving

    @property
    def finished(self) -> bool:
        return self.done + self.failed == self.total

    @property
    def waiting_for_a_worker(self) -> bool:
        return self.is_moving and self.workers == 0


def progress_of(jobs: QuerySet[Job]) -> JobProgress:
    """Count the jobs of a queryset; five small queries."""
    states = Counter(jobs.values_list("status", flat=True))
    return JobProgress(
        total=states.total(),
        held=states[Job.Status.HELD],
        queued=states[Job.Status.QUEUED],
        running=states[Job.Status.RUNNING],
        done=states[Job.Status.DONE],
        failed=states[Job.Status.FAILED],
        failures=_failures(jobs),
        seconds_each=_seconds_each(jobs),
        workers=WorkerPulse.objects.alive().serving(Job.queue).count(),
    )


def _failures(jobs: QuerySet[Job]) -> tuple[Failure, ...]:
    """The reasons, the commonest first, with the cases of each."""
    failed = jobs.filter(status=Job.Status.FAILED).order_by("case__code")
    cases: dict[str, list[str]] = {}
    for reason, code in failed.values_list("failure", "case__code"):
        cases.setdefault(reason, []).append(code)
    found = [
        Failure(reason, len(codes), tuple(codes[:NAMED]))
        for reason, codes in cases.items()
    ]
    return tuple(sorted(found, key=lambda each: -each.count))


def _seconds_each(jobs: QuerySet[Job]) -> float | None:
    """The time in which workers were at the latest reports, for each of them.

    Times in which nobody wrote, as in a pause, do not count.
    """
    done = jobs.filter(status=Job.Status.DONE, started_at__isnull=False)
    latest = done.order_by("-finished_at").values_list("started_at", flat=True)
    first = min(filter(None, latest[:PACE_WINDOW]), default=None)
    if first is None:
        return None
    # Reports of a batch begin together: the earliest batch counts whole or not at all.
    spans = done.filter(started_at__gte=first).order_by("started_at")
    seconds, count, until = 0.0, 0, first
    for begun, ended in spans.values_list("started_at", "finished_at"):
        if begun is None or ended is None:
            continue
        seconds += max(0.0, (ended - max(begun, until)).total_seconds())
        until, count = max(until, ended), count + 1
    return seconds / count if count else None
