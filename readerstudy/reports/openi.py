"""What Open-i's studies are here: examinations with a ground-truth report."""

from readerstudy.cases.openi import OpeniStudy
from readerstudy.reports.examinations import Examination
from readerstudy.reports.services import UploadedReport


def examination_of(study: OpeniStudy) -> Examination:
    """A study of Open-i as it is stored."""
    return Examination(
        code=study.code,
        report=UploadedReport(
            study.code, findings=study.findings, impression=study.impression
        ),
        origin="Open-i",
        stratum=study.stratum,
        indication=study.indication,
    )
