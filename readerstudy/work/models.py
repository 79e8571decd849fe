"""What a worker does, whatever it is: the columns that no kind of work can do without.

A kind of work is a model of any stage that inherits from `Work` and names its Celery
task in `bell`. Reports are one kind; leases.py has the rules.
"""

from datetime import timedelta
from typing import ClassVar, Self, TypeVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

Kind = TypeVar("Kind", bound="Work")
# The queues: what a model has to write, and everything else. A worker takes from those
# that it was started with, both unless told otherwise.
CPU, GPU = QUEUES = ("cpu", "gpu")
# After this long without a sign of life a worker counts as gone.
GONE_SECONDS = 15


class WorkQuerySet(models.QuerySet[Kind]):
    def waiting(self) -> Self:
        """What no worker has taken yet."""
        return self.filter(status=Work.Status.QUEUED)

    def held(self) -> Self:
        """What somebody holds back; no worker takes it."""
        return self.filter(status=Work.Status.HELD)

    def running(self) -> Self:
        """What some worker has in hand."""
        return self.filter(status=Work.Status.RUNNING)

    def unfinished(self) -> Self:
        """What waits or is in hand."""
        return self.filter(status__in=Work.UNFINISHED)

    def abandoned(self, lease: timedelta) -> Self:
        """Running work whose lease ran out.

        A lease that reaches further than any lease was given before the clock went
        back: it would keep the work of a dead worker for as long as the clock went.
        """
        ran_out = Q(lease_until__lt=Now()) | Q(lease_until__gt=Now() + lease)
        return self.running().filter(ran_out)

    def unheard(self, silence: timedelta) -> Self:
        """Waiting work whose message was never sent, or sent so long ago."""
        lost = Q(rung_at__lt=Now() - silence) | Q(rung_at__gt=Now())
        return self.waiting().filter(Q(rung_at=None) | lost)


class Work(models.Model):
    """One piece of work. This row, not the queue, is the truth."""

    class Status(models.TextChoices):
        HELD = "held", "Held back"
        QUEUED = "queued", "Waiting"
        RUNNING = "running", "Being written"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    UNFINISHED = (Status.QUEUED, Status.RUNNING)

    # The name of the Celery task that does it; it takes the row's id.
    bell: ClassVar[str] = ""
    # Somebody sits before a page and waits for it: it is done before further reports.
    is_awaited: ClassVar[bool] = False
    # Where its messages go.
    queue: ClassVar[str] = CPU

    status = models.CharField(max_length=8, choices=Status, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_token = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=120, blank=True)
    rung_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True


class WorkerPulseQuerySet(models.QuerySet["WorkerPulse"]):
    def alive(self) -> "WorkerPulseQuerySet":
        """Workers whose sign of life is fresh."""
        gone = timedelta(seconds=GONE_SECONDS)
        return self.filter(seen_at__gte=Now() - gone, seen_at__lte=Now() + gone)

    def serving(self, queue: str) -> "WorkerPulseQuerySet":
        """Workers that take from a queue; one that names none takes from all."""
        names_it = Q(worker__endswith=f"/{queue}") | Q(worker__contains=f"/{queue}/")
        return self.filter(names_it | ~Q(worker__contains="/"))


class WorkerPulse(models.Model):
    """A sign of life of one worker process, renewed every few seconds.

    worker   host:process, then /queue for each queue that it takes from
    """

    worker = models.CharField(max_length=120, unique=True)
    seen_at = models.DateTimeField()

    objects = WorkerPulseQuerySet.as_manager()

    def __str__(self) -> str:
        return self.worker

    @property
    def process(self) -> str:
        """The process, by the name under which it takes work (worker_name)."""
        return self.worker.partition("/")[0]

    @property
    def queues(self) -> list[str]:
        """The queues that it takes from; all of them where it names none."""
        return self.worker.split("/")[1:] or list(QUEUES)
