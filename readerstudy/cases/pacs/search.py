"""Searching a PACS: which studies hold radiographs that fit what is asked for.

Names and dates of birth are never asked for. Servers send them all the same; they are
dropped where an answer is read, and no object here has a place for them.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, TypeVar

from readerstudy.cases.deidentification.profile import CHEST
from readerstudy.cases.dicom import MODALITIES
from readerstudy.cases.pacs.archive import Answer, Archive

Asked = TypeVar("Asked")
Got = TypeVar("Got")
NumberKind = Literal["AccessionNumber", "PatientID"]
BodyParts = Literal["chest_or_unsaid", "chest", "any"]
# A PACS answers in a tenth of a second or so, and a page is waited for.
SEARCH_SECONDS = 60
AT_ONCE = 4
MOST_STUDIES = 500
NO_UID = "without a usable UID"
OTHER_PART = "of another body part"


@dataclass(frozen=True)
class Wanted:
    """What is searched for.

    numbers  accession numbers or patient ids; where there are none, dates and
             modalities choose the studies
    limit    at most so many studies
    """

    since: date | None = None
    until: date | None = None
    modalities: tuple[str, ...] = MODALITIES
    body_parts: BodyParts = "chest_or_unsaid"
    number_kind: NumberKind = "AccessionNumber"
    numbers: tuple[str, ...] = ()
    limit: int = 100

    @property
    def dates(self) -> dict[str, str]:
        """The range of study dates as QIDO-RS writes it; empty for any date."""
        if not self.since and not self.until:
            return {}
        ends = [f"{day:%Y%m%d}" if day else "" for day in (self.since, self.until)]
        return {"StudyDate": "-".join(ends)}


@dataclass(frozen=True)
class FoundSeries:
    uid: str
    modality: str
    body_part: str
    images: int


@dataclass(frozen=True)
class FoundStudy:
    """One study of the PACS with the series that fit.

    left_out  images of it that are not taken, by what they are
    """

    uid: str
    date: str
    accession_number: str
    patient_id: str
    series: tuple[FoundSeries, ...]
    left_out: Counter[str]

    @property
    def images(self) -> int:
        return sum(series.images for series in self.series)


@dataclass
class Found:
    """What a search found.

    studies  those with a series that fits
    others   how many studies have none
    missing  numbers that were asked for and are not in the PACS
    is_cut   there are more studies than were asked for
    """

    studies: list[FoundStudy] = field(default_factory=list)
    others: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    missing: list[str] = field(default_factory=list)
    is_cut: bool = False

    @property
    def images(self) -> int:
        return sum(study.images for study in self.studies)


def search(archive: Archive, wanted: Wanted) -> Found:
    """Ask for studies, then for the series of each. Raises NotNow or Refused."""
    found = Found()
    ask = _by_number if wanted.numbers else _by_date
    by_uid: dict[str, Answer] = {}
    for answer in ask(archive, wanted, found):
        if uid := answer.uid("StudyInstanceUID"):
            by_uid[uid] = answer
        else:
            found.left_out[NO_UID] += answer.number("NumberOfStudyRelatedInstances")
    found.is_cut = found.is_cut or len(by_uid) > wanted.limit
    chosen = sorted(by_uid.items(), key=_newest_first)[: wanted.limit]
    for study in _at_once(lambda pair: _study(archive, wanted, *pair), chosen):
        found.left_out += study.left_out
        if study.series:
            found.studies.append(study)
        else:
            found.others += 1
    return found


def _newest_first(pair: tuple[str, Answer]) -> tuple[int, str]:
    uid, answer = pair
    return -answer.number("StudyDate"), uid


def _at_once(ask: Callable[[Asked], Got], each: Iterable[Asked]) -> Iterator[Got]:
    """The answers in order, a few questions being open at a time."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(ask, each)


def _by_date(archive: Archive, wanted: Wanted, found: Found) -> Iterator[Answer]:
    """Studies of the dates that hold a wanted modality.

    One question a modality: a list of values in one question is not known everywhere.
    """
    for modality in wanted.modalities:
        filters = wanted.dates | {"ModalitiesInStudy": modality}
        answers = archive.studies(filters, limit=wanted.limit + 1)
        found.is_cut = found.is_cut or len(answers) > wanted.limit
        yield from (answer for answer in answers if _is_of_dates(answer, wanted))


def _by_number(archive: Archive, wanted: Wanted, found: Found) -> Iterator[Answer]:
    """The studies of each number, whatever they hold."""

    def ask(number: str) -> list[Answer]:
        filters = wanted.dates | {wanted.number_kind: number}
        answers = archive.studies(filters, limit=wanted.limit + 1)
        # Servers may match loosely: by the beginning, or not at all.
        return [
            answer
            for answer in answers
            if answer.text(wanted.number_kind).casefold() == number.casefold()
            and _is_of_dates(answer, wanted)
        ]

    for number, answers in zip(
        wanted.numbers, _at_once(ask, wanted.numbers), strict=True
    ):
        if not answers:
            found.missing.append(number)
        yield from answers


def _is_of_dates(answer: Answer, wanted: Wanted) -> bool:
    """Whether a study's date is one of those asked for; not every server filters."""
    day = answer.text("StudyDate")
    since = f"{wanted.since:%Y%m%d}" if wanted.since else ""
    until = f"{wanted.until:%Y%m%d}" if wanted.until else "99999999"
    return since <= day <= until


def _study(archive: Archive, wanted: Wanted, uid: str, answer: Answer) -> FoundStudy:
    series: list[FoundSeries] = []
    left_out: Counter[str] = Counter()
    for each in archive.series(uid):
        one = FoundSeries(
            uid=each.uid("SeriesInstanceUID"),
            modality=each.text("Modality").upper()[:16],
            body_part=each.text("BodyPartExamined").upper()[:32],
            images=each.number("NumberOfSeriesRelatedInstances"),
        )
        if reason := _left_out(one, wanted):
            left_out[reason] += one.images
        else:
            series.append(one)
    return FoundStudy(
        uid=uid,
        date=answer.text("StudyDate")[:8],
        accession_number=answer.text("AccessionNumber"),
        patient_id=answer.text("PatientID"),
        series=tuple(series),
        left_out=left_out,
    )


def _left_out(series: FoundSeries, wanted: Wanted) -> str:
    """What a series is if it is not taken; empty if it is."""
    if not series.uid:
        return NO_UID
    if series.modality not in wanted.modalities:
        return f"of modality {series.modality or 'unknown'}"
    if wanted.body_parts == "any" or series.body_part in CHEST:
        return ""
    if not series.body_part and wanted.body_parts == "chest_or_unsaid":
        return ""
    return OTHER_PART if series.body_part else "without a body part"
