"""What the sources of a study's arms have written: as a whole, and samples."""

from dataclasses import dataclass

from readerstudy.reports.models import Report, ReportQuerySet
from readerstudy.reports.quality import Quality, Text, quality_of
from readerstudy.studies.models import Arm, Study

SAMPLED = 6


@dataclass(frozen=True)
class Sample:
    """The newest reports of an arm, and what is conspicuous in all of them."""

    arm: Arm
    quality: Quality
    newest: list[Report]


def qualities(study: Study) -> list[tuple[Arm, Quality]]:
    """What is conspicuous in each arm's texts on the study's cases; a query an arm."""
    return [(arm, _quality(study, arm)) for arm in study.arm_set.all()]


def samples(study: Study) -> list[Sample]:
    """The same with the newest reports of each arm."""
    return [
        Sample(
            arm,
            quality,
            list(
                _reports(study, arm)
                .select_related("case__image")
                .order_by("-id")[:SAMPLED]
            ),
        )
        for arm, quality in qualities(study)
    ]


def _quality(study: Study, arm: Arm) -> Quality:
    reports = _reports(study, arm).select_related("case").order_by("case__code")
    return quality_of(
        [
            Text(each.case.code, each.whole_text, each.provenance.get("finish", ""))
            for each in reports
        ]
    )


def _reports(study: Study, arm: Arm) -> ReportQuerySet:
    return Report.objects.current().filter(
        source__name=arm.source, case__studycase__case_set__study=study
    )
