"""What the page of work shows: each kind's queue, what failed, and the workers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from readerstudy.operations.collector import unfinished
from readerstudy.work import leases
from readerstudy.work.models import Work, WorkerPulse

FAILED_PER_PAGE = 25
# What the tables are called here, each of them.
NAMES = {
    "cases.textscan": "Searches for burned-in text",
    "cases.delivery": "Deliveries of files",
    "reports.turn": "Questions at the console",
    "reports.labelling": "Labelling of reports",
    "reports.labelstoring": "Storing of labels",
    "reports.tableimport": "Tables of reports",
    "reports.job": "Reports to be written",
    "reports.selftest": "Self-tests of sources",
    "presentation.blindingaudit": "Audits of the blinding",
    "grading.reminder": "Letters of reminder",
    "analysis.findingsjob": "Comparisons of findings",
    "analysis.metricagreement": "Agreement of metrics with grades",
    "analysis.analysisjob": "Analyses",
    "export.bundleorder": "Bundles for export",
    "export.arrival": "Packed studies on their way in",
    "studies.webhookdelivery": "Messages to webhooks",
}


def name_of(kind: type[Work]) -> str:
    """What administrators call a kind of work."""
    return NAMES[kind._meta.label_lower]


@dataclass(frozen=True)
class Kind:
    """A kind of work and how much of it there is.

    label   names it in addresses and forms
    oldest  since when the first one waits
    """

    label: str
    name: str
    waiting: int
    running: int
    held: int
    failed: int
    oldest: Any


def kinds() -> list[Kind]:
    """Every kind of work; two queries each."""
    found = []
    for kind in leases.kinds():
        row = unfinished(kind)
        rest = _counted(kind)
        found.append(
            Kind(
                kind._meta.label_lower,
                name_of(kind),
                row["waiting"],
                row["running"],
                rest.get(Work.Status.HELD, 0),
                rest.get(Work.Status.FAILED, 0),
                row["oldest"],
            )
        )
    return found


def left_over(kind: type[Work]) -> Any:
    """The counts as a query: one row a status."""
    rows = leases.rows(kind).filter(status__in=(Work.Status.HELD, Work.Status.FAILED))
    return rows.order_by().values("status").annotate(rows=Count("pk"))


def _counted(kind: type[Work]) -> dict[str, int]:
    """How many rows are held or failed; what is done is not read for it."""
    return dict(left_over(kind).values_list("status", "rows"))


def kind_of(label: str) -> type[Work] | None:
    """The kind of work of a label; None where there is none."""
    named = {kind._meta.label_lower: kind for kind in leases.kinds()}
    return named.get(label)


def failed(kind: type[Work], before: int | None) -> tuple[Sequence[Work], int | None]:
    """A page of what failed, newest first, and where the next one begins.

    before  only rows with a smaller number: a page costs the same wherever it lies
    """
    found = leases.rows(kind).filter(status=Work.Status.FAILED).order_by("-pk")
    if before is not None:
        found = found.filter(pk__lt=before)
    page = list(found[: FAILED_PER_PAGE + 1])
    has_more = len(page) > FAILED_PER_PAGE
    page = page[:FAILED_PER_PAGE]
    return page, page[-1].pk if has_more else None


def workers() -> list[dict[str, Any]]:
    """The workers of the last hour, with what they have in hand; a query a kind."""
    alive = set(WorkerPulse.objects.alive().values_list("pk", flat=True))
    busy: dict[str, int] = {}
    for kind in leases.kinds():
        in_hand = leases.rows(kind).running().values("worker")
        for row in in_hand.annotate(pieces=Count("pk")).order_by():
            busy[row["worker"]] = busy.get(row["worker"], 0) + row["pieces"]
    return [
        {
            "pulse": pulse,
            "is_alive": pulse.pk in alive,
            "in_hand": busy.get(pulse.process, 0),
        }
        for pulse in WorkerPulse.objects.order_by("worker")
    ]
