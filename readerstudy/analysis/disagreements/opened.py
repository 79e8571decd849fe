"""A case opened: all reports on it as readers saw them, with everything they said."""

from collections import defaultdict
from dataclasses import dataclass

from readerstudy.analysis.disagreements.marked import (
    Mark,
    Piece,
    marked_sentences,
    sentences_of,
)
from readerstudy.analysis.reads import LeftOut
from readerstudy.cases.models import Case
from readerstudy.grading.models import ErrorMark, Grade, Preference, SourceGuess
from readerstudy.presentation.models import PresentedReport, Slot
from readerstudy.studies.instruments import ERROR_CATEGORIES, INSTRUMENTS
from readerstudy.studies.models import Study


@dataclass(frozen=True)
class Opinion:
    """What one reader said of one report; letter and reason are empty ungraded."""

    reader: str
    letter: str
    cannot_assess: str
    seconds: str
    version: int
    reason: str
    comment: str
    answers: tuple[tuple[str, str], ...]
    guess: str
    left_out: tuple[str, ...]
    marks: int


@dataclass(frozen=True)
class OpenedReport:
    """One report with its arm unblinded, its text with marks, and the opinions."""

    arm_id: int
    arm: str
    is_reference: bool
    sentences: list[list[Piece]]
    marks: tuple[Mark, ...]
    opinions: tuple[Opinion, ...]


@dataclass(frozen=True)
class Preferred:
    """Which report of a pair a reader preferred."""

    reader: str
    choice: str


@dataclass(frozen=True)
class Opened:
    """Everything about a case; a handful of queries whatever it holds."""

    reports: tuple[OpenedReport, ...]
    preferences: tuple[Preferred, ...]


def opened(study: Study, case: Case) -> Opened:
    """Everything that is known of a case of a closed study."""
    slots = list(
        Slot.objects.of_study(study)
        .filter(presented__case=case)
        .select_related("reader", "presented__arm")
        .order_by("reader_id", "repeat")
    )
    grades = {
        grade.slot_id: grade
        for grade in Grade.objects.current()
        .filter(slot__in=slots)
        .prefetch_related("marks")
    }
    guesses = {
        each.slot_id: each for each in SourceGuess.objects.filter(slot__in=slots)
    }
    left_out = LeftOut(study)
    of_report: dict[int, list[Slot]] = defaultdict(list)
    for slot in slots:
        of_report[slot.presented_id].append(slot)
    presented = (
        PresentedReport.objects.filter(study=study, case=case)
        .select_related("arm")
        .order_by("arm__position")
    )
    reports = tuple(
        _report(each, of_report[each.pk], grades, guesses, left_out)
        for each in presented
    )
    return Opened(reports, _preferences(slots, grades))


def _report(
    presented: PresentedReport,
    slots: list[Slot],
    grades: dict[int, Grade],
    guesses: dict[int, SourceGuess],
    left_out: LeftOut,
) -> OpenedReport:
    marks: list[Mark] = []
    for slot in slots:
        if slot.pk in grades:
            for each in grades[slot.pk].marks.all():
                marks.append(_mark(each, len(marks) + 1, _reader(slot)))
    return OpenedReport(
        arm_id=presented.arm_id,
        arm=presented.arm.label,
        is_reference=presented.arm.is_reference,
        sentences=marked_sentences(sentences_of(presented.body), marks),
        marks=tuple(marks),
        opinions=tuple(
            _opinion(slot, grades.get(slot.pk), guesses.get(slot.pk), left_out)
            for slot in slots
        ),
    )


def _reader(slot: Slot) -> str:
    """The reader's code; where the report had come again, that is said."""
    return (
        f"{slot.reader.reader_code}, again" if slot.repeat else slot.reader.reader_code
    )


def _mark(mark: ErrorMark, number: int, reader: str) -> Mark:
    return Mark(
        number=number,
        reader=reader,
        category=str(ERROR_CATEGORIES.get(mark.category, mark.category)),
        is_significant=mark.significant,
        quote=mark.quote,
        replacement=mark.replacement,
        sentence=mark.sentence,
        start=mark.start,
        end=mark.end,
    )


def _opinion(
    slot: Slot, grade: Grade | None, guess: SourceGuess | None, left_out: LeftOut
) -> Opinion:
    active = grade.active_ms if grade else None
    return Opinion(
        reader=_reader(slot),
        letter=grade.letter if grade else "",
        cannot_assess=grade.cannot_assess.replace("_", " ") if grade else "",
        seconds="" if active is None else f"{active / 1000:.0f}",
        version=grade.version if grade else 0,
        reason=grade.reason if grade else "",
        comment=grade.comment if grade else "",
        answers=_answers(grade) if grade else (),
        guess=(
            f"{guess.get_source_display().lower()}, sure {guess.confidence} of 5"
            if guess
            else ""
        ),
        left_out=tuple(left_out.reasons(slot)),
        marks=len(grade.marks.all()) if grade else 0,
    )


def _answers(grade: Grade) -> tuple[tuple[str, str], ...]:
    """The answers beside the grade, each with its question."""
    return tuple(
        (str(INSTRUMENTS[name].question), str(value).replace("_", " "))
        for name, value in grade.answers.items()
        if name in INSTRUMENTS
    )


def _preferences(slots: list[Slot], grades: dict[int, Grade]) -> tuple[Preferred, ...]:
    """Each reader's preference, by the label of the arm; one query."""
    arms = {
        (slot.reader_id, str(slot.side)): slot.presented.arm.label for slot in slots
    }
    by_grade = {grades[slot.pk].pk: slot for slot in slots if slot.pk in grades}
    chosen = Preference.objects.filter(grade__in=by_grade).order_by("grade__slot")
    found = []
    for each in chosen:
        slot = by_grade[each.grade_id]
        label = arms.get((slot.reader_id, each.choice), "both alike")
        found.append(Preferred(slot.reader.reader_code, label))
    return tuple(found)
