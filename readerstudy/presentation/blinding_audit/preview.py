"""One case's reports before and after a layout, arm by arm."""

from collections.abc import Mapping
from dataclasses import dataclass

from readerstudy.cases.models import Case
from readerstudy.presentation.blind import OFFERED, PROFILES, Body, Profile
from readerstudy.presentation.blinding_audit.texts import laid_out
from readerstudy.reports.models import Report
from readerstudy.studies.models import Arm, Study


@dataclass(frozen=True)
class BeforeAndAfter:
    """A report of an arm as it came, and as a reader would see it."""

    arm: Arm
    raw: list[tuple[str, str]]
    body: Body


@dataclass(frozen=True)
class Preview:
    """What is looked at, and the reports of its case; a study has none without cases.

    choice  case, layout profile and redaction, as the form has them
    """

    choice: dict[str, str]
    profile: Profile
    reports: list[BeforeAndAfter]


def preview_of(study: Study, asked: Mapping[str, str]) -> Preview:
    """What was asked for; where it is not there, the study's own layout, first case."""
    cases = Case.objects.of_study(study)
    case = cases.filter(code=asked.get("case", "")).first() or cases.first()
    key = asked.get("layout_profile", "")
    key = key if key in OFFERED else study.layout_profile
    redaction = asked.get("redaction", "")
    if redaction not in Study.Redaction.values:
        redaction = study.redaction
    choice = {"layout_profile": key, "redaction": redaction}
    reports = [] if case is None else _of_case(study, case, **choice)
    if case is not None:
        choice["case"] = case.code
    return Preview(choice, PROFILES[key], reports)


def _of_case(
    study: Study, case: Case, *, layout_profile: str, redaction: str
) -> list[BeforeAndAfter]:
    held = {
        report.source.name: report
        for report in Report.objects.current()
        .filter(case=case)
        .select_related("source", "case")
    }
    return [
        BeforeAndAfter(
            arm,
            _raw(held[arm.source]),
            laid_out(
                held[arm.source], layout_profile=layout_profile, redaction=redaction
            ),
        )
        for arm in study.arm_set.all()
        if arm.source in held
    ]


def _raw(report: Report) -> list[tuple[str, str]]:
    parts = (
        ("Findings", report.findings),
        ("Impression", report.impression),
        ("Text", report.text),
    )
    return [(name, part) for name, part in parts if part]
