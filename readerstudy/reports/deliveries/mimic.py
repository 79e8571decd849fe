"""MIMIC-CXR's layout: a folder of images a study, and its report beside the folder."""

from readerstudy.cases.apart.texts import read_views_apart
from readerstudy.cases.intake.layouts import Layout
from readerstudy.cases.intake.models import DeliveredFile
from readerstudy.cases.mimic import PICTURES, TABLES, dicom_id, study_of
from readerstudy.cases.radiograph import Refused
from readerstudy.reports.deliveries.taking import Kind
from readerstudy.reports.examinations import METADATA, Examination
from readerstudy.reports.mimic import examination_of


def _read(file: DeliveredFile, content: bytes) -> tuple[Examination, tuple[str, ...]]:
    if not file.key:
        raise Refused(
            "It is no report of MIMIC-CXR: those are named like "
            "p10000032/s50414267.txt."
        )
    return examination_of(file.key, content), (file.key,)


_KIND = Kind(
    reports=(".txt",),
    pictures=PICTURES,
    tables=TABLES,
    table=METADATA,
    read=_read,
    picture=dicom_id,
    read_views=read_views_apart,
)
LAYOUT = Layout(key_of=study_of, take=_KIND.take, turn_of=_KIND.turn_of)
