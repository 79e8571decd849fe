"""The data dictionary: every column of every table that leaves the site."""

from collections.abc import Iterable

from readerstudy.analysis.reads import READ_COLUMNS
from readerstudy.analysis.statistics.column_types import Kind
from readerstudy.grading.timing import KINDS
from readerstudy.studies.instruments import ERROR_CATEGORIES, INSTRUMENTS

CHOICES = [each.name for each in INSTRUMENTS.values() if each.kind == "choice"]
_GRADED = {
    "reader": "Reader, as in reads.csv",
    "case": "Case, as in reads.csv",
    "arm": "Name of the arm",
    "position": "Place in the reader's whole list, from 1",
    "version": "Version of the grade, from 1; the newest is the one in reads.csv",
}

REPORT_COLUMNS = {
    "case": "Case, as in reads.csv",
    "arm": "Name of the arm",
    "source": "Report source",
    "report": "Raw text as it came; findings and impression on lines of their own",
    "presented": "The sentences as readers saw them, one a line",
    "report_sha256": "SHA-256 of the raw text",
    "fingerprint": "Identity of the making: weights, prompt and settings, or the text",
    "provenance": "How the report was made, as JSON",
}
# Hold which arm wrote which report, or words about it: kept from those who still read
# the same cases.
TEXTS_BY_ARM = (
    "reports.csv",
    "reads.csv",
    "allocation.csv",
    "versions.csv",
    "marks.csv",
    "protocol.json",
)


def holds_texts_by_arm(name: str) -> bool:
    """Whether a file does, whatever the kind that it is offered in."""
    stem = name.rpartition(".")[0]
    return any(stem == held.rpartition(".")[0] for held in TEXTS_BY_ARM)


CASE_COLUMNS = {
    "case": "Case, as in reads.csv",
    "code": "Code of the case in its collection",
    "collection": "Collection of the case",
    "stratum": "normal, abnormal or unknown",
    "rows": "Rows of the radiograph, in pixels",
    "columns": "Columns of the radiograph, in pixels",
    "frame_sha256": "SHA-256 of the canonical frame",
}
ALLOCATION_COLUMNS = {
    "reader": "Reader",
    "position": "Place in the reader's list, from 1",
    "case": "Case",
    "arm": "Name of the arm",
    "session": "Number of the reading session to which the place belongs, from 1",
    "side": "Of a pair: 1 or 2, where the report stands; else empty",
    "repeat": "1 for the second reading of a report that came again, else 0",
    "opened_at": "Time at which the report was first shown, ISO 8601, UTC",
}
VERSION_COLUMNS = {
    **_GRADED,
    "grade": "A, B, C or D; empty where the reader gave a reason against grading",
    "cannot_assess_reason": "Why a reader could not grade; empty where graded",
    **{name: f"Answer to: {INSTRUMENTS[name].question}" for name in CHOICES},
    "preference": "Of a pair: the arm preferred in this version, or equal; else empty",
    "kind": "undo: taken back at once; amend: changed later; empty in version 1",
    "reason": "Why the grade was changed; empty in version 1",
    "seconds": "Active reading time in seconds; empty where no log was kept. A pair "
    "is read as one: its time stands with both reports",
    "wall_seconds": "Seconds since the radiograph was shown in full, over all visits "
    "that led to this version",
    "idle_seconds": "Part of wall_seconds without a sign of the reader",
    "idle_threshold_seconds": "After so long without a sign a reader counts as idle",
    "submitted_at": "Time of the submission, ISO 8601, UTC",
    "comment": "The reader's comment; leading apostrophes: see csv in manifest.json",
}
MARK_COLUMNS = {
    **_GRADED,
    "number": "Number of the mark within this version of the grade, from 1",
    "category": "One of: " + ", ".join(ERROR_CATEGORIES),
    "significant": "1 where the error matters clinically, else 0",
    "sentence": "Which sentence, from 1: the line of presented in reports.csv; empty "
    "for what was left out of the report",
    "start": "First marked character of the sentence, counted from 0; empty as above",
    "end": "Character after the last marked one, counted from 0; empty as above",
    "quote": "The marked words; empty for what was left out",
    "replacement": "What should stand there, in the reader's words; may be empty",
}
VISIT_COLUMNS = {
    "reader": "Reader, as in reads.csv",
    "position": "Place of the page in the reader's list; of a pair that of side 1",
    "version": "Version of the grade that the visit led to; empty where none came",
    "visit": "Name that the browser gave to this opening of the page",
    "began_at": "When the server first heard of the visit, ISO 8601, UTC",
    "client_began_at": "When it began by the clock of the reader's computer, ISO 8601",
    "at_ms": "Milliseconds since the visit began; empty where its log has no event",
    "kind": "One of: " + ", ".join(KINDS),
    "detail": "Particulars of the event; may be empty",
}
SESSION_COLUMNS = {
    "reader": "Reader, as in reads.csv",
    "kind": "consent; display_check; guesses_opened: from then on the session's "
    "grades stood; guesses_given: the guesses are in reads.csv",
    "session": "Number of the reading session, from 1; empty for a consent, which "
    "holds for all",
    "at": "Time, ISO 8601, UTC",
    "consent_sha256": "Of a consent: SHA-256 of the instructions and consent text",
    "passed": "Of a display check: 1 where all was told right, else 0",
    "went_on": "Of a display check: 1 where the reader went on knowingly although it "
    "had not passed, else 0",
    "expected": "Of a display check: what the pattern showed, as JSON",
    "answers": "Of a display check: what the reader told of it, as JSON",
    "screen": "Of a display check: name by which the same screen is known again",
    "device": "Of a display check: sizes in CSS pixels, pixel ratio, colour depth and "
    "zoom as the browser told them, as JSON",
}
EVENT_COLUMNS = {
    "sequence": "Number of the event in the study's chain, from 1",
    "at": "Time, ISO 8601, UTC",
    "actor": "User name; empty where the system acted",
    "verb": "What happened",
    "subject": "To what",
    "detail": "Particulars, as JSON",
    "sha256": "Hash of the event and the one before it",
}
DEVIATION_COLUMNS = {
    "number": "Number of the amendment; U1 for an early unblinding; C1 for a close "
    "before all was graded; W or E and an id for a withdrawal or an exclusion after it",
    "at": "Time, ISO 8601, UTC",
    "author": "Who amended, unblinded, recorded the withdrawal or left out",
    "field": "What was changed: a field of the protocol, the results, a reader, or "
    "what was left out",
    "before": "Text before",
    "after": "Text after",
    "reason": "Why",
}
FLOW_COLUMNS = {
    "stage": "selection, cases, reports, reads or grades",
    "what": "What is counted",
    "arm": "Arm; empty where all are counted",
    "count": "How many",
}
TABLES = {
    "reads.csv": READ_COLUMNS,
    "reports.csv": REPORT_COLUMNS,
    "cases.csv": CASE_COLUMNS,
    "allocation.csv": ALLOCATION_COLUMNS,
    "versions.csv": VERSION_COLUMNS,
    "marks.csv": MARK_COLUMNS,
    "visits.csv": VISIT_COLUMNS,
    "sessions.csv": SESSION_COLUMNS,
    "events.csv": EVENT_COLUMNS,
    "deviations.csv": DEVIATION_COLUMNS,
    "flow.csv": FLOW_COLUMNS,
}
# What columns of reads and versions hold where it is not text.
_KINDS: dict[Kind, tuple[str, ...]] = {
    "boolean": ("repeat", "included"),
    "integer": ("position", "period", "version", "side", "guess_confidence"),
    "number": (
        "seconds",
        "wall_seconds",
        "idle_seconds",
        "idle_threshold_seconds",
        "server_seconds",
    ),
    "time": ("submitted_at",),
}


def read_kinds(columns: Iterable[str]) -> dict[str, Kind]:
    """The kind of each column of reads or versions, for files with types."""
    known = {name: kind for kind, names in _KINDS.items() for name in names}
    return {
        name: "integer" if name.startswith("errors_") else known.get(name, "text")
        for name in columns
    }
