"""What readers are shown and what they answer; analyses and exports of it."""

from readerstudy.export.moving.declared.rules import (
    COPIED,
    COPY_REMADE,
    MOVED,
    NOT_COPIED,
    NOT_MOVED,
    WORK,
    Declared,
    group,
    left,
    model,
    numbered,
    record,
)

_DEALT = "Laid out and dealt at the freeze; a copy is frozen anew."
_READ = "What a reader did in the original."

MODELS: dict[str, Declared] = dict(
    [
        record(
            "presentation.BlindingAudit",
            f"{WORK} study layout_profile redaction digest result requested_by",
            "A copy is audited anew, for its own texts.",
            key="study created_at",
        ),
        record(
            "presentation.BlindingAcceptance",
            "audit digest auc text author at",
            "Whoever freezes the copy accepts its own number.",
            key="audit at",
        ),
        record(
            "presentation.PresentedReport",
            "study case arm report body sha256",
            _DEALT,
            key="study case arm",
        ),
        record(
            "presentation.Slot",
            "public_id reader presented position session side repeat opened_at",
            _DEALT,
            key="public_id",
        ),
        model(
            "presentation.PracticeCase",
            numbered(),
            group("study", COPY_REMADE, MOVED, "A copy has a practice set of its own."),
            group(
                "number report expected explanation",
                COPIED,
                MOVED,
                "Readers practise on the same reports.",
            ),
            key="study number",
        ),
        record("grading.Consent", "reader version at", _READ, key="reader version at"),
        record(
            "grading.DisplayCheck",
            "reader session at passed went_on expected answers screen device",
            _READ,
            key="reader at",
        ),
        record(
            "grading.PracticeReading",
            "reader practice_case letter at",
            _READ,
            key="reader practice_case",
        ),
        left(
            "grading.Draft",
            "slot content preference saved_at",
            "What was typed and not sent; the reader types it again.",
        ),
        record(
            "grading.Grade",
            "slot version letter cannot_assess answers comment reason active_ms "
            "wall_ms idle_ms idle_threshold_ms idempotency_key body_sha256 "
            "submitted_at",
            _READ,
            key="slot version",
        ),
        record(
            "grading.ErrorMark",
            "grade number category significant sentence start end quote replacement",
            _READ,
            key="grade number",
        ),
        record("grading.Preference", "grade choice", _READ, key="grade"),
        record(
            "grading.Visit",
            "slot key version began_at client_began_at events",
            _READ,
            key="slot key",
        ),
        record(
            "grading.Reopening", "slot version kind reason at", _READ, key="slot at"
        ),
        record(
            "grading.GuessSheet",
            "reader session opened_at",
            _READ,
            key="reader session",
        ),
        record(
            "grading.SourceGuess", "sheet slot source confidence at", _READ, key="slot"
        ),
        left(
            "grading.Reminder",
            f"{WORK} reader on text sending_at asked_by",
            "A letter that this server sent, or not.",
        ),
        left(
            "grading.CalendarFeed",
            "user key_sha256 created_at",
            "A private address on this server, of a person and not of a study.",
        ),
        model(
            "analysis.AnalysisRun",
            numbered(),
            group(
                "study reads_sha256 protocol_sha256 version seed reads results "
                "requested_by computed_at",
                NOT_COPIED,
                MOVED,
                "Results of the original's reading.",
            ),
            group(
                "state",
                NOT_COPIED,
                NOT_MOVED,
                "It counts rows by their numbers here; the hash of the reads moves.",
            ),
            key="study computed_at",
        ),
        left(
            "analysis.AnalysisJob",
            f"{WORK} study requested_by run",
            "Work of this server's workers; its run moves.",
        ),
        record(
            "analysis.Exclusion",
            "study scope reader case slot reason lifts author at",
            "What is left out of the analysis of the original's reading.",
            key="study at scope",
        ),
        left(
            "analysis.FindingsRun",
            "collection reference predicted asked inputs inputs_sha256 version results "
            "metrics requested_by computed_at",
            "It compares labels of a collection as a whole, which no study owns.",
        ),
        left(
            "analysis.FindingsJob",
            f"{WORK} collection asked asked_sha256 step steps doing requested_by run",
            "Work of this server's workers.",
        ),
        left(
            "analysis.MetricAgreement",
            f"{WORK} study inputs_sha256 result requested_by",
            "Exploratory, and computed anew wherever the grades are.",
        ),
        model(
            "export.ExportBundle",
            numbered(),
            group(
                "study made_by made_at manifest_sha256 sha256 size",
                NOT_COPIED,
                MOVED,
                "What was handed out, and its hash.",
            ),
            group("file", NOT_COPIED, NOT_MOVED, "The ZIP is built anew when needed."),
        ),
        left(
            "export.BundleOrder",
            f"{WORK} study asked_by checklists step steps doing bundle",
            "Work of this server's workers; its bundle moves.",
        ),
        left(
            "export.Arrival",
            f"{WORK} token name size code asked_by seen is_sure done steps study",
            "Work of this server's workers: how the study came here.",
        ),
    ]
)
