"""Which rows the record answers for, column by column.

A lookup leads from a row to a value that is the same on every server: rows of other
tables are named by what they are called everywhere, never by a number of the database.
`tests/audit/test_covered.py` fails for a table, or a column of a covered one, that is
named neither here nor among those left out with a reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Covered:
    """One table.

    key       lookups that name a row
    content   lookups of what else the digest is over
    people    lookups of account numbers; another server gives people other numbers, so
              a move has these rows' digests made anew
    study     the lookup of the code of the study that a row belongs to, if to any
    while_    only rows for which this holds are covered: a draft may change
    apart     columns that the digest leaves out, with the reason
    later     columns that came when there were digests already, with the value that
              the rows of before have: as long as a row has it, it does not count
    """

    key: tuple[str, ...]
    content: tuple[str, ...]
    people: tuple[str, ...] = ()
    study: str = ""
    while_: Mapping[str, Any] = field(default_factory=dict)
    apart: Mapping[str, str] = field(default_factory=dict)
    later: Mapping[str, Any] = field(default_factory=dict)

    @property
    def names_people(self) -> bool:
        """Whether the digest is over numbers that accounts have on this server."""
        return bool(self.people) or "user_id" in self.key

    @cached_property
    def lookups(self) -> tuple[str, ...]:
        """Everything that is asked of a row, those of its name first."""
        return (*self.key, *self.content, *self.people, *self.later)


def _of(
    study: str, key: str, content: str = "", people: str = "", **more: Any
) -> Covered:
    """A table whose rows belong to a study; `study` leads to it."""
    return Covered(
        (f"{study}code", *key.split()),
        tuple(content.split()),
        tuple(people.split()),
        f"{study}code",
        **more,
    )


def _of_site(key: str, content: str, people: str = "", **more: Any) -> Covered:
    """A table whose rows several studies may share."""
    return Covered(
        tuple(key.split()), tuple(content.split()), tuple(people.split()), **more
    )


_FROZEN = {"study__protocol_sha256__gt": ""}
_SET_FROZEN = {"case_set__study__protocol_sha256__gt": ""}
_WORK = dict.fromkeys(
    (
        *("status", "attempts", "lease_token", "lease_until", "worker", "rung_at"),
        *("started_at", "finished_at", "failure"),
    ),
    "How far a worker is; done, it is never taken up again.",
)
_CASE = "case__collection__name case__code"
_READER = "reader__study__"
_SLOT = "slot__reader__study__"
_GRADE = "grade__slot__reader__study__"

STUDIES = {
    "studies.Study": Covered(
        ("code",),
        (
            *("title", "instructions", "state", "seed", "minimum_pair_distance"),
            *("redaction", "layout_profile", "show_indication", "scale"),
            *("margin_points", "ends_on", "reminder_days", "created_at", "protocol"),
            *("protocol_sha256", "frozen_at", "opened_at", "pause_message"),
            *("closed_at", "primary_outcome", "reader_inference", "planned_analyses"),
            *("alpha", "sample_size", "presentation", "instruments", "amending"),
            *("undo_seconds", "session_reads", "washout_days", "idle_seconds"),
            *("break_minutes", "guess_sample", "display_check", "consent"),
            *("show_other_images", "allow_small_screens", "allocation"),
            *("reader_groups", "anchor_cases", "arm_order", "hidden_repeats"),
        ),
        ("created_by_id",),
        "code",
        while_={"protocol_sha256__gt": ""},
    ),
    "studies.Arm": _of(
        "study__", "name", "position label source is_reference", while_=_FROZEN
    ),
    "studies.Membership": _of("study__", "user_id", "role reader_code"),
    "studies.Amendment": _of(
        "study__", "number", "at reason field before after", "author_id"
    ),
    "studies.Unblinding": _of("study__", "", "reason at", "author_id"),
    "studies.Withdrawal": _of(
        _READER, "reader__reader_code", "rule reason at", "author_id"
    ),
}
CASES = {
    "cases.CaseSet": _of(
        "study__",
        "",
        "collection__name normal abnormal unknown seed available filters "
        "collection_cases candidates left_out excluded is_locked",
        while_=_FROZEN,
        apart={"drawn_at": "Set by every saving, also of the lock."},
    ),
    "cases.StudyCase": _of("case_set__study__", _CASE, while_=_SET_FROZEN),
    "cases.CaseExclusion": _of(
        "study__", _CASE, "reason note after_draw is_replaced at", "actor_id",
        while_=_FROZEN,
    ),
}  # fmt: skip
REPORTS = {
    "reports.Report": _of_site(
        f"{_CASE} source__name fingerprint",
        "findings impression text sha256 provenance created_at",
    ),
    "reports.SelfTestResult": _of_site(
        "source__name fingerprint made_at", "verdict sentence outcome provenance"
    ),
    "reports.Overruling": _of(
        "study__",
        "result__source__name result__fingerprint result__made_at",
        "reason at",
        "author_id",
    ),
    "reports.SignOff": _of_site(
        "collection__name at", "statement without_scan digest state", "by_id"
    ),
}
PRESENTED = {
    "presentation.BlindingAudit": _of(
        "study__",
        "created_at",
        "layout_profile redaction digest result",
        "requested_by_id",
        while_={"status": "done"},
        apart=_WORK,
    ),
    "presentation.BlindingAcceptance": _of(
        "audit__study__", "audit__created_at at", "digest auc text", "author_id"
    ),
    "presentation.PracticeCase": _of(
        "study__",
        "number",
        "report__case__collection__name report__case__code report__source__name "
        "report__fingerprint expected explanation",
        while_=_FROZEN,
    ),
    "presentation.PresentedReport": _of(
        "study__",
        f"{_CASE} arm__name",
        "report__source__name report__fingerprint body sha256",
    ),
    "presentation.Slot": _of(
        _READER,
        "public_id",
        "reader__reader_code presented__case__collection__name presented__case__code "
        "presented__arm__name position session side repeat",
        apart={"opened_at": "Set once, when the event slot.opened is written."},
    ),
}
GRADED = {
    "grading.Consent": _of(_READER, "reader__reader_code version", "at"),
    "grading.DisplayCheck": _of(
        _READER,
        "reader__reader_code at",
        "session passed went_on expected answers screen device",
    ),
    "grading.PracticeReading": _of(
        _READER, "reader__reader_code practice_case__number at", "letter"
    ),
    "grading.GuessSheet": _of(_READER, "reader__reader_code session", "opened_at"),
    "grading.SourceGuess": _of(
        _SLOT, "slot__public_id", "sheet__session source confidence at"
    ),
    "grading.Grade": _of(
        _SLOT,
        "slot__public_id version",
        "letter cannot_assess answers comment reason active_ms wall_ms idle_ms "
        "idle_threshold_ms idempotency_key body_sha256 submitted_at",
    ),
    "grading.ErrorMark": _of(
        _GRADE,
        "grade__slot__public_id grade__version number",
        "category significant sentence start end quote replacement",
    ),
    "grading.Preference": _of(
        _GRADE, "grade__slot__public_id grade__version", "choice"
    ),
    "grading.Reopening": _of(_SLOT, "slot__public_id version", "kind reason at"),
}
ANALYSED = {
    "analysis.AnalysisRun": _of(
        "study__",
        "computed_at",
        "reads_sha256 protocol_sha256 version state seed reads results",
        "requested_by_id",
    ),
    "analysis.Exclusion": _of(
        "study__",
        "at scope",
        "reader__reader_code case__collection__name case__code slot__public_id reason "
        "lifts__at",
        "author_id",
    ),
    "analysis.FindingsRun": _of_site(
        "collection__name computed_at",
        "reference__name asked inputs inputs_sha256 version results metrics",
        "requested_by_id",
    ),
    "export.ExportBundle": _of(
        "study__", "made_at", "manifest_sha256 file sha256 size", "made_by_id"
    ),
}
COVERED: dict[str, Covered] = {
    **STUDIES,
    **CASES,
    **REPORTS,
    **PRESENTED,
    **GRADED,
    **ANALYSED,
}
