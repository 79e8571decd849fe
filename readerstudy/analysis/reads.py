"""The reads of a study as one tidy table: a row per dealt slot, graded or not.

The table's CSV text is the only way into the statistics, on the results page and for
`analyse_reads` alike, so both give the same numbers to the last digit.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from readerstudy.analysis.models import Exclusion
from readerstudy.csv_text import csv_text
from readerstudy.grading.models import Grade, Preference, SourceGuess
from readerstudy.presentation.models import Slot
from readerstudy.studies.instruments import ERROR_CATEGORIES, INSTRUMENTS
from readerstudy.studies.models import Study, Withdrawal

# Nobody grades a report in less.
SEEN_SECONDS = 1
READ_COLUMNS = {
    "study": "Code of the study",
    "reader": "Reader, R1, R2, ... in the order in which they joined",
    "case": "Case, C1, C2, ... ; cases.csv has the codes",
    "stratum": "normal, abnormal or unknown",
    "arm": "Name of the arm: the source of the graded report",
    "grade": "A, B, C or D of the newest version; empty where none was given",
    "repeat": "1 where the reader reads the same report again, else 0",
    "included": "1 where the read counts in the analysis, else 0",
    "exclusion_reason": "Why a read does not count; empty where it does",
    "cannot_assess_reason": "Why a reader could not grade; empty where graded",
    "position": "Place in the reader's whole list, from 1",
    "period": "Number of the reading session, from 1",
    "seconds": "Active reading time in seconds over all versions: page in front, "
    "hands on, not idle; of a pair, the time of both reports",
    "wall_seconds": "Seconds since the radiograph was shown in full, over all visits",
    "version": "Version of the grade; above 1 where it was changed",
    "guess_source": "Whom the reader took for its author after the session: person or "
    "model; empty where not asked",
    "guess_confidence": "How sure of that, from 1 (a mere guess) to 5 (certain); "
    "empty where not asked",
    "preference": "Of a pair: the arm preferred, or equal; else empty",
    "side": "Of a pair: 1 or 2, where the report stood; else empty",
    "idle_seconds": "Part of wall_seconds without a sign of the reader",
    "idle_threshold_seconds": "After so long without a sign a reader counts as idle",
    "server_seconds": "From the opening to the first submission by the server's clock; "
    "empty where the server was not told of the opening",
    "submitted_at": "Time of the submission, ISO 8601, UTC",
    **{
        each.name: f"Answer to: {each.question}"
        for each in INSTRUMENTS.values()
        if each.kind == "choice"
    },
    **{
        f"errors_{name}": f"Errors marked: {words}; empty where not asked"
        for name, words in ERROR_CATEGORIES.items()
    },
    "errors_significant": "Of all marked errors, those that matter clinically",
    "reason": "Why the grade was changed; empty in the first version",
    "comment": "The reader's comment; leading apostrophes: see csv in manifest.json",
}


_CHOICES = [each.name for each in INSTRUMENTS.values() if each.kind == "choice"]
_ERRORS = [*(f"errors_{name}" for name in ERROR_CATEGORIES), "errors_significant"]
_OF_A_GRADE = (
    "grade",
    "cannot_assess_reason",
    "version",
    "submitted_at",
    "reason",
    "comment",
    "seconds",
    "wall_seconds",
    "idle_seconds",
    "idle_threshold_seconds",
    "server_seconds",
    *_CHOICES,
    *_ERRORS,
)
_UNGRADED = dict.fromkeys(_OF_A_GRADE, "")


def case_labels(study: Study) -> dict[int, str]:
    """Opaque labels for the cases of a study by primary key, in order of codes."""
    ids = list(
        study.presentedreport_set.order_by("case__code")
        .values_list("case_id", flat=True)
        .distinct()
    )
    width = len(str(len(ids)))
    return {case_id: f"C{number:0{width}d}" for number, case_id in enumerate(ids, 1)}


def read_rows(study: Study) -> Iterator[dict[str, Any]]:
    """Yield one row per slot, by reader and position; a handful of queries."""
    labels = case_labels(study)
    versions: dict[int, list[Grade]] = defaultdict(list)
    for grade in Grade.objects.of_study(study).prefetch_related("marks"):
        versions[grade.slot_id].append(grade)
    guesses = {guess.slot_id: guess for guess in SourceGuess.objects.of_study(study)}
    preferred = _preferred(study)
    left_out = LeftOut(study)
    slots = (
        Slot.objects.of_study(study)
        .select_related("reader", "presented__arm", "presented__case")
        .order_by("reader_id", "position")
    )
    for slot in slots:
        yield {
            "study": study.code,
            "reader": slot.reader.reader_code,
            "case": labels[slot.presented.case_id],
            "stratum": slot.presented.case.stratum,
            "arm": slot.presented.arm.name,
            "repeat": slot.repeat,
            **_counting(left_out.reasons(slot)),
            "position": slot.position,
            "period": slot.session,
            "side": slot.side or "",
            **_guessed(guesses.get(slot.pk)),
            "preference": preferred.get((slot.reader_id, slot.presented.case_id), ""),
            **(
                _graded(study, slot, versions[slot.pk])
                if slot.pk in versions
                else _UNGRADED
            ),
        }


class LeftOut:
    """The reasons for which reads of a study do not count; two queries."""

    def __init__(self, study: Study) -> None:
        self._reasons: dict[tuple[str, int | None], str] = {}
        withdrawn = Withdrawal.objects.filter(
            reader__study=study, rule=Withdrawal.Rule.EXCLUDED
        )
        for left in withdrawn:
            reason = f"The reader withdrew: {left.reason}"
            self._reasons[Exclusion.Scope.READER, left.reader_id] = reason
        for each in Exclusion.objects.filter(study=study).in_force().order_by("id"):
            target = each.reader_id or each.case_id or each.slot_id
            known = self._reasons.get((each.scope, target))
            both = f"{known}; {each.reason}" if known else each.reason
            self._reasons[each.scope, target] = both

    def reasons(self, slot: Slot) -> list[str]:
        """Why a read is left out, each reason once; empty where it counts."""
        if not self._reasons:
            return []
        scope = Exclusion.Scope
        named = (
            (scope.READER, slot.reader_id),
            (scope.CASE, slot.presented.case_id),
            (scope.READ, slot.pk),
        )
        found = [self._reasons[key] for key in named if key in self._reasons]
        return list(dict.fromkeys(found))


def _counting(reasons: list[str]) -> dict[str, Any]:
    """The columns that say whether a read counts, and why not."""
    return {"included": 0 if reasons else 1, "exclusion_reason": "; ".join(reasons)}


def _graded(study: Study, slot: Slot, versions: list[Grade]) -> dict[str, Any]:
    """The columns that come of a grade: its newest version, and all of its times."""
    grade = versions[-1]
    return {
        "grade": grade.letter,
        "cannot_assess_reason": grade.cannot_assess,
        "seconds": _seconds(_sum(each.active_ms for each in versions)),
        "wall_seconds": _seconds(_sum(each.wall_ms for each in versions)),
        "idle_seconds": _seconds(_sum(each.idle_ms for each in versions)),
        "idle_threshold_seconds": _seconds(grade.idle_threshold_ms),
        "server_seconds": _server_seconds(slot, versions[0]),
        "version": grade.version,
        "submitted_at": grade.submitted_at.isoformat(),
        "reason": grade.reason,
        "comment": grade.comment,
        **{name: grade.answers.get(name, "") for name in _CHOICES},
        **_errors(study, grade),
    }


def _guessed(guess: SourceGuess | None) -> dict[str, Any]:
    """The columns of a guess at the source, which counts in no result."""
    if guess is None:
        return {"guess_source": "", "guess_confidence": ""}
    return {"guess_source": guess.source, "guess_confidence": guess.confidence}


def _sum(times: Iterable[int | None]) -> int | None:
    """The sum of those that are known; None where none is."""
    known = [time for time in times if time is not None]
    return sum(known) if known else None


def _server_seconds(slot: Slot, first: Grade) -> str:
    """From the opening to the first submission; empty where the server saw no reading.

    A page that was read without a network is opened by its own submission.
    """
    if slot.opened_at is None:
        return ""
    seconds = (first.submitted_at - slot.opened_at).total_seconds()
    return "" if seconds < SEEN_SECONDS else f"{seconds:.3f}"


def _errors(study: Study, grade: Grade) -> dict[str, Any]:
    """How many errors of each category were marked; empty where none were asked for."""
    if "errors" not in study.instruments:
        return dict.fromkeys(_ERRORS, "")
    marks = list(grade.marks.all())
    counts = Counter(f"errors_{mark.category}" for mark in marks)
    significant = sum(mark.significant for mark in marks)
    return {name: counts[name] for name in _ERRORS} | {
        "errors_significant": significant
    }


def _preferred(study: Study) -> dict[tuple[int, int], str]:
    """The arm that a reader preferred for a case, or "equal"; of pairs alone."""
    arms = {
        (
            slot.reader_id,
            slot.presented.case_id,
            str(slot.side),
        ): slot.presented.arm.name
        for slot in Slot.objects.of_study(study)
        .exclude(side=None)
        .select_related("presented__arm")
    }
    grades = Grade.objects.of_study(study).current()
    choices = Preference.objects.filter(grade__in=grades)
    found = {}
    for each in choices.select_related("grade__slot__presented"):
        slot = each.grade.slot
        pair = (slot.reader_id, slot.presented.case_id)
        found[pair] = arms.get((*pair, each.choice), each.choice)
    return found


def _seconds(milliseconds: int | None) -> str:
    return "" if milliseconds is None else f"{milliseconds / 1000:.3f}"


def reads_csv(study: Study) -> str:
    """The tidy table as CSV text."""
    return csv_text(list(READ_COLUMNS), read_rows(study))
