"""The data dictionary: every column of every table that leaves the site."""

from readerstudy.analysis.reads import READ_COLUMNS

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
    "opened_at": "Time at which the report was first shown, ISO 8601, UTC",
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
    "number": "Number of the amendment",
    "at": "Time, ISO 8601, UTC",
    "author": "Who amended",
    "field": "What was changed",
    "before": "Text before",
    "after": "Text after",
    "reason": "Why",
}
TABLES = {
    "reads.csv": READ_COLUMNS,
    "reports.csv": REPORT_COLUMNS,
    "cases.csv": CASE_COLUMNS,
    "allocation.csv": ALLOCATION_COLUMNS,
    "events.csv": EVENT_COLUMNS,
    "deviations.csv": DEVIATION_COLUMNS,
}
