"""Checklists as files: one CSV and one Markdown table each."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from readerstudy.csv_text import csv_text
from readerstudy.export.checklists import optional, required
from readerstudy.export.checklists.item import Checklist, Facts

REQUIRED = (required.CLAIM, required.TRIPOD_LLM, required.GRRAS)
OPTIONAL = (
    optional.STARD_AI,
    optional.DECIDE_AI,
    optional.MI_CLAIM,
    optional.CONSORT_AI,
    optional.SPIRIT_AI,
    optional.STROBE,
)
COLUMNS = {
    "item": "Number of the item in this list",
    "asks": "What the item asks for, in our words",
    "state": "done, by the authors, or not applicable",
    "where": "Done: where it stands. Not applicable: why. By the authors: a hint",
}
CHECKLIST_COLUMNS = {
    f"checklists/{each.name}.csv": COLUMNS for each in (*REQUIRED, *OPTIONAL)
}


def checklist_files(facts: Facts, chosen: Iterable[str] = ()) -> dict[str, bytes]:
    """Those that are always there and the optional ones chosen, by file name."""
    wanted = set(chosen)
    files: dict[str, bytes] = {}
    for each in (*REQUIRED, *(one for one in OPTIONAL if one.name in wanted)):
        rows = list(_rows(each, facts))
        table = csv_text(list(COLUMNS), rows)
        files[f"checklists/{each.name}.csv"] = table.encode()
        files[f"checklists/{each.name}.md"] = _markdown(each, rows).encode()
    return files


def _rows(checklist: Checklist, facts: Facts) -> Iterator[dict[str, Any]]:
    for item in checklist.items:
        answer = item.rule(facts)
        yield {
            "item": item.number,
            "asks": item.asks,
            "state": answer.state,
            "where": answer.where,
        }


def _markdown(checklist: Checklist, rows: list[dict[str, Any]]) -> str:
    counts = Counter(row["state"] for row in rows)
    told = ", ".join(f"{counts[state]} {state}" for state in sorted(counts))
    lines = [
        f"# {checklist.title}",
        "",
        f"{checklist.note} The official form: <{checklist.form}>.",
        "",
        f"Filled by the platform from protocol and results ({told}); it says where "
        "something stands, not that it is good.",
        "",
        "| Item | What it asks for | State | Where, or why not |",
        "| --- | --- | --- | --- |",
        *(
            f"| {row['item']} | {row['asks']} | {row['state']} | {row['where']} |"
            for row in rows
        ),
    ]
    return "\n".join(lines) + "\n"
