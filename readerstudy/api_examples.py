"""An example of every body and answer in the API's document.

Invented, and of no study: nothing here names a source or an arm that a site may have.
"""

from typing import Any

_AT = "2026-03-02T09:41:07Z"
_FRAME = {
    "rows": 2048,
    "columns": 2048,
    "windows": [
        {
            "kind": "window",
            "centre": 2048.0,
            "width": 4096.0,
            "function": "LINEAR",
            "label": "Window 1",
        }
    ],
    "auto": {"centre": 1890.5, "width": 3100.0},
    "padding": False,
    "spacing": None,
    "maximum": 4095,
    "preview": {"rows": 512, "columns": 512, "factor": 4},
    "orientation": {"left": "R", "right": "L", "top": "H", "bottom": "F"},
}
BODIES: dict[str, Any] = {
    "slot_draft": {"letter": "B", "comment": "The effusion is small."},
    "slot_grade": {
        "letter": "B",
        "comment": "The effusion is small.",
        "answers": {"confidence": "4"},
        "idempotency_key": "a-key-made-by-the-client",
    },
}
ANSWERS: dict[str, Any] = {
    "studies": [
        {
            "code": "acceptability",
            "title": "Acceptability of reports",
            "state": "closed",
            "role": "analyst",
        }
    ],
    "study_results": {"schema": "readerstudy.results/1", "status": "ok", "message": ""},
    "study_tables": [
        {
            "name": "pairs",
            "meaning": "Arm against arm: differences, intervals, tests",
            "kinds": ["csv", "json", "parquet"],
            "columns": {"n": "Reads of both arms"},
        }
    ],
    "study_table": [{"first": "a", "second": "b", "n": 150}],
    "slot_draft": {"saved_at": _AT},
    "slot_grade": {
        "version": 1,
        "letter": "B",
        "submitted_at": _AT,
        "undo_until": "2026-03-02T09:41:17Z",
        "next_url": "/read/acceptability/next/",
        "opened": "",
    },
    "slot_open": {"opened_at": _AT},
    "slot_undo": {"version": 2, "url": "/read/report/W8hQ0v3nTq1zXy2s/"},
    "slot_image": _FRAME,
    "practice_image": _FRAME,
}


def add_examples(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """Put the examples beside the schemas that they follow."""
    for path in result["paths"].values():
        for operation in path.values():
            name = operation["operationId"]
            if name in BODIES:
                for kind in operation["requestBody"]["content"].values():
                    kind["example"] = BODIES[name]
            for status in ("200", "201"):
                content = operation["responses"].get(status, {}).get("content", {})
                if name in ANSWERS and "application/json" in content:
                    content["application/json"]["example"] = ANSWERS[name]
    return result
