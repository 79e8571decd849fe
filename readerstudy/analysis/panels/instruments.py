"""Answers that readers gave beside the grade."""

from readerstudy.analysis.panels.panel import (
    Block,
    Panel,
    Results,
    Row,
    Wording,
    block_of,
    further,
    table,
)
from readerstudy.analysis.wording import percent, sentence_case
from readerstudy.studies.instruments import INSTRUMENTS

TITLE = "Answers beside the grade"
_NOTE = "Shares are of the answers to the question in that arm."


def instruments(results: Results, wording: Wording) -> list[Panel]:
    """One row per question and answer, with a column per arm."""
    lines = block_of(results, "instruments").get("by_arm") or []
    if not lines:
        message = str(block_of(results, "instruments")["message"])
        return [further(results, "instruments", "instruments", TITLE, message=message)]
    arms = [arm for arm in results["design"]["arms"] if _any(lines, arm)]
    answers: dict[tuple[str, str], dict[str, Block]] = {}
    for line in lines:
        key = str(line["instrument"]), str(line["answer"])
        answers.setdefault(key, {})[line["arm"]] = line
    questions = list(dict.fromkeys(question for question, _ in answers))
    rows = [
        Row((_title(question), answer, *(_cell(by_arm.get(arm)) for arm in arms)))
        for question in questions
        for (about, answer), by_arm in sorted(answers.items())
        if about == question
    ]
    columns = ("Question", "Answer", *(f"{wording.arm(arm)}, n (%)" for arm in arms))
    parts = table(columns, rows, text=2) | {"notes": (_NOTE,)}
    return [further(results, "instruments", "instruments", TITLE, **parts)]


def _any(lines: list[Block], arm: str) -> bool:
    return any(line["arm"] == arm for line in lines)


def _title(name: str) -> str:
    """A question as people read it."""
    known = INSTRUMENTS.get(name)
    return str(known.title) if known else sentence_case(name.replace("_", " "))


def _cell(line: Block | None) -> str:
    return "0 (0.0)" if line is None else f"{line['n']} ({percent(line['share'])})"
