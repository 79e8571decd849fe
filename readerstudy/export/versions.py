"""The rows of every version of every grade, and of the errors marked with each."""

from collections.abc import Iterator
from typing import Any

from readerstudy.analysis.reads import case_labels
from readerstudy.export.columns import CHOICES
from readerstudy.grading.models import ErrorMark, Grade, Preference, Reopening
from readerstudy.presentation.models import Slot
from readerstudy.studies.models import Study

Row = dict[str, Any]
# A reader with the place of a page's leading slot, and a version of its grades.
_PageVersion = tuple[tuple[int, int], int]


def version_rows(study: Study) -> Iterator[Row]:
    """Yield one row per version of a grade, by reader, position and version."""
    labels = case_labels(study)
    preferred = _preferred(study)
    kinds = _kinds(study)
    grades = Grade.objects.of_study(study).select_related(
        "slot__reader", "slot__presented__arm"
    )
    for grade in grades.order_by("slot__reader_id", "slot__position", "version"):
        page = (_page(grade.slot), grade.version)
        yield {
            **_graded(grade, labels),
            "grade": grade.letter,
            "cannot_assess_reason": grade.cannot_assess,
            **{name: grade.answers.get(name, "") for name in CHOICES},
            "preference": preferred.get(page, ""),
            "kind": kinds.get(page, ""),
            "reason": grade.reason,
            "seconds": _seconds(grade.active_ms),
            "wall_seconds": _seconds(grade.wall_ms),
            "idle_seconds": _seconds(grade.idle_ms),
            "idle_threshold_seconds": _seconds(grade.idle_threshold_ms),
            "submitted_at": grade.submitted_at.isoformat(),
            "comment": grade.comment,
        }


def mark_rows(study: Study) -> Iterator[Row]:
    """Yield one row per marked error, by reader, position, version and number."""
    labels = case_labels(study)
    marks = ErrorMark.objects.filter(grade__slot__reader__study=study).select_related(
        "grade__slot__reader", "grade__slot__presented__arm"
    )
    for mark in marks.order_by(
        "grade__slot__reader_id", "grade__slot__position", "grade__version", "number"
    ):
        has_place = mark.sentence is not None
        yield {
            **_graded(mark.grade, labels),
            "number": mark.number,
            "category": mark.category,
            "significant": mark.significant,
            "sentence": mark.sentence,
            "start": mark.start if has_place else "",
            "end": mark.end if has_place else "",
            "quote": mark.quote,
            "replacement": mark.replacement,
        }


def _graded(grade: Grade, labels: dict[int, str]) -> Row:
    """The columns that say which version of which grade it is."""
    slot = grade.slot
    return {
        "reader": slot.reader.reader_code,
        "case": labels[slot.presented.case_id],
        "arm": slot.presented.arm.name,
        "position": slot.position,
        "version": grade.version,
    }


def _page(slot: Slot) -> tuple[int, int]:
    return slot.reader_id, slot.position - 1 if slot.side == 2 else slot.position


def _preferred(study: Study) -> dict[_PageVersion, str]:
    """The arm preferred with each version of a pair's grades, or "equal"."""
    pairs = Slot.objects.of_study(study).exclude(side=None)
    arms = {
        (_page(slot), str(slot.side)): slot.presented.arm.name
        for slot in pairs.select_related("presented__arm")
    }
    found = {}
    choices = Preference.objects.filter(grade__slot__reader__study=study)
    for each in choices.select_related("grade__slot"):
        page = _page(each.grade.slot)
        found[page, each.grade.version] = arms.get((page, each.choice), each.choice)
    return found


def _kinds(study: Study) -> dict[_PageVersion, str]:
    """How each later version came to be; a reopening hangs on the leading slot."""
    reopenings = Reopening.objects.filter(slot__reader__study=study)
    return {
        (_page(each.slot), each.version): each.kind
        for each in reopenings.select_related("slot")
    }


def _seconds(milliseconds: int | None) -> str:
    return "" if milliseconds is None else f"{milliseconds / 1000:.3f}"
