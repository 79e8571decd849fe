"""Open-i's layout: XML reports that name their images, wherever these lie."""

from readerstudy.cases.apart.texts import read_projections_apart, read_study_apart
from readerstudy.cases.intake.layouts import Layout
from readerstudy.cases.intake.models import DeliveredFile
from readerstudy.cases.openi import image_name
from readerstudy.reports.deliveries.taking import Kind
from readerstudy.reports.examinations import PROJECTIONS, Examination
from readerstudy.reports.openi import examination_of

LONGEST_KEY = 120


def _name(path: str) -> str:
    return image_name(path.rpartition("/")[2])[:LONGEST_KEY]


def _read(file: DeliveredFile, content: bytes) -> tuple[Examination, tuple[str, ...]]:
    study = read_study_apart(content)
    return examination_of(study), tuple(dict.fromkeys(map(_name, study.images)))


_KIND = Kind(
    reports=(".xml",),
    pictures=(".png", ".jpg", ".jpeg", ".dcm", ".dicom"),
    tables=("projections.csv",),
    table=PROJECTIONS,
    read=_read,
    picture=_name,
    read_views=read_projections_apart,
)
LAYOUT = Layout(key_of=_name, take=_KIND.take, turn_of=_KIND.turn_of)
