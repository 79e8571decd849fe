"""A report as a study lays it out, under the profile that its protocol names."""

from typing import cast

from readerstudy.presentation.blind import Body, Redaction, lay_out
from readerstudy.reports.models import Report
from readerstudy.studies.models import Study


def body_in_study(report: Report, study: Study) -> Body:
    """What every reader of a study sees of a report."""
    return lay_out(
        findings=report.findings,
        impression=report.impression,
        text=report.text,
        redaction=cast(Redaction, study.redaction),
        profile=study.layout_profile,
    )
