"""What studies of MIMIC-CXR are here: examinations with a ground-truth report."""

from readerstudy.cases.mimic import read_report
from readerstudy.reports.examinations import Examination
from readerstudy.reports.services import UploadedReport


def examination_of(study: str, content: bytes) -> Examination:
    """A study ("p10000032/s50414267") with its text report. Raises Refused."""
    code = study.rpartition("/")[2]
    report = read_report(content)
    return Examination(
        code=code,
        report=UploadedReport(
            code,
            findings=report.findings,
            impression=report.impression,
            text=report.text,
        ),
        origin="MIMIC-CXR",
        indication=report.indication,
    )
