"""What the readers of a study graded: its presented reports, whatever came since."""

import hashlib
from collections.abc import Mapping

from django.db.models import Max

from readerstudy.presentation.models import PresentedReport
from readerstudy.reports.labels.computing import text_of
from readerstudy.reports.labels.models import MetricTable
from readerstudy.reports.models import Report
from readerstudy.studies.models import Arm, Study


def presented_texts(study: Study) -> dict[str, dict[str, str]]:
    """The texts that were presented by the code of the case, by the names of arms."""
    found: dict[str, dict[str, str]] = {arm.name: {} for arm in study.arm_set.all()}
    rows = PresentedReport.objects.filter(study=study)
    for row in rows.select_related("arm", "case", "report"):
        found[row.arm.name][row.case.code] = text_of(row.report)
    return found


def presented_sha256(study: Study) -> str:
    """SHA-256 of which report was presented where; one query, no text is read."""
    total = hashlib.sha256()
    rows = PresentedReport.objects.filter(study=study).order_by("arm__name", "case_id")
    for arm, case, sha256 in rows.values_list("arm__name", "case", "report__sha256"):
        total.update(f"{arm} {case} {sha256}\n".encode())
    return total.hexdigest()


def doubts(arm: Arm, metrics: Mapping[str, MetricTable]) -> list[str]:
    """A sentence for each metric that may tell of texts which nobody graded.

    A file does not say which text it measured. Where a report had a newer one by then,
    it may well have been that.

    metrics   the table that brought it, by the metric
    """
    rows = PresentedReport.objects.filter(arm=arm)
    graded = dict(rows.values_list("case", "report"))
    found = []
    for metric, table in metrics.items():
        then = Report.objects.filter(
            case__in=graded, source=table.source, created_at__lte=table.made_at
        ).order_by()
        newest = then.values("case").annotate(newest=Max("pk"))
        others = sum(
            report > graded[case]
            for case, report in newest.values_list("case", "newest")
        )
        if others:
            found.append(
                f"{metric} of {arm.name} came in when {others} of the graded reports "
                "had newer ones: it may be of texts that nobody graded."
            )
    return found
