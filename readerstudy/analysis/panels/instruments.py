"""Answers that readers gave beside the grade."""

from readerstudy.analysis.panels.panel import (
    Panel,
    Results,
    Row,
    Wording,
    block_of,
    further,
    table,
)
from readerstudy.analysis.wording import percent, sentence_case

TITLE = "Answers beside the grade"
_COLUMNS = ("Question", "Answer", "Arm", "Answers, n", "%")


def instruments(results: Results, wording: Wording) -> list[Panel]:
    """One row per question, answer and arm."""
    block = block_of(results, "instruments")
    lines = sorted(
        block.get("by_arm") or [],
        key=lambda line: (str(line["instrument"]), str(line["answer"])),
    )
    if not lines:
        message = str(block["message"])
        return [further(results, "instruments", "instruments", TITLE, message=message)]
    rows = [
        Row(
            (
                sentence_case(str(line["instrument"]).replace("_", " ")),
                str(line["answer"]),
                wording.arm(line["arm"]),
                str(line["n"]),
                percent(line["share"]),
            )
        )
        for line in lines
    ]
    parts = table(_COLUMNS, rows, text=3)
    return [further(results, "instruments", "instruments", TITLE, **parts)]
