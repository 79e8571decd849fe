"""The texts of a study as its readers would see them, and what names them."""

from collections.abc import Iterator
from typing import cast

from readerstudy.cases.models import Case
from readerstudy.presentation.blind import Body, Redaction, lay_out
from readerstudy.presentation.blinding_audit.reading.audit import VERSION
from readerstudy.presentation.blinding_audit.reading.texts import ArmText
from readerstudy.presentation.levelling import parts_of
from readerstudy.reports.models import Report
from readerstudy.studies.models import Study
from readerstudy.studies.protocol import canonical_json, sha256_of


def reports_of(study: Study) -> list[tuple[str, Report]]:
    """The current report of every case and arm, with the arm's name; two queries."""
    arm_of = dict(study.arm_set.values_list("source", "name"))
    reports = (
        Report.objects.current()
        .filter(case__in=Case.objects.of_study(study).order_by())
        .filter(source__name__in=arm_of)
        .select_related("source", "case")
        .order_by("case__code", "source__name")
    )
    return [(arm_of[report.source.name], report) for report in reports]


def laid_out(report: Report, *, layout_profile: str, redaction: str) -> Body:
    """A report as readers would see it under a layout."""
    return lay_out(
        findings=report.findings,
        impression=report.impression,
        text=report.text,
        redaction=cast(Redaction, redaction),
        profile=layout_profile,
    )


def audited_texts(
    reports: list[tuple[str, Report]], *, layout_profile: str, redaction: str
) -> Iterator[ArmText]:
    """What the statistical reader reads: the laid-out sentences by case and arm."""
    for arm, report in reports:
        body = laid_out(report, layout_profile=layout_profile, redaction=redaction)
        sentences = [line for part in body.sections for line in part.sentences]
        yield ArmText(report.case.code, arm, tuple(sentences))


def digest_of(study: Study, *, layout_profile: str, redaction: str) -> str:
    """What an audit of the study as it is now would read; three queries.

    Raw text and layout determine the laid-out text, so hashing these is as good as
    laying everything out again.
    """
    arm_of = dict(study.arm_set.values_list("source", "name"))
    rows = (
        Report.objects.current()
        .filter(case__in=Case.objects.of_study(study).order_by())
        .filter(source__name__in=arm_of)
        .values_list("case__code", "source__name", "sha256")
    )
    return named(
        sorted([case, arm_of[source], sha256] for case, source, sha256 in rows),
        sorted(arm_of.values()),
        layout_profile=layout_profile,
        redaction=redaction,
    )


def digest_of_reports(
    reports: list[tuple[str, Report]],
    study: Study,
    *,
    layout_profile: str,
    redaction: str,
) -> str:
    """The digest of reports that were fetched already."""
    rows = [[report.case.code, arm, report.sha256] for arm, report in reports]
    arms = sorted(study.arm_set.values_list("name", flat=True))
    return named(sorted(rows), arms, layout_profile=layout_profile, redaction=redaction)


def named(
    texts: list[list[str]], arms: list[str], *, layout_profile: str, redaction: str
) -> str:
    """One hash of texts, arms, layout and of the audit's own version."""
    whole = {
        "texts": texts,
        "arms": arms,
        "layout_profile": layout_profile,
        "redaction": redaction,
        "audit": VERSION,
    }
    return sha256_of(canonical_json(whole))


def without_both_parts(study: Study) -> list[Report]:
    """The reports that cannot be shown as findings and impression."""
    return [
        report
        for _, report in reports_of(study)
        if parts_of(report.findings, report.impression, report.text) is None
    ]
