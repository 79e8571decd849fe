"""What was asked for, given and left out, by reader and arm."""

from readerstudy.analysis.panels.panel import Block, Panel, Results, Row, Wording, table

TITLE = "Grades asked for and given"
_COLUMNS = ("Part", "Asked for", "Given", "Absent")


def missing(results: Results, wording: Wording) -> list[Panel]:
    """Numbers by reader and arm; reasons why grades do not count or were not given."""
    block = results["missing"]
    rows = [_row("All", block, "total")]
    rows += [_row(f"Reader {line['reader']}", line) for line in block["by_reader"]]
    rows += [_row(f"Arm {wording.arm(line['arm'])}", line) for line in block["by_arm"]]
    parts = table(_COLUMNS, rows) | {"notes": _notes(results)}
    panels = [Panel(name="missing", title=TITLE, **parts)]
    reasons = _reasons(block, wording)
    if reasons:
        title = "Reads that hold no grade or do not count"
        columns = ("What", "Reason", "Reads")
        panels.append(
            Panel(name="missing-reasons", title=title, **table(columns, reasons, 2))
        )
    return panels


def obtained(results: Results) -> str:
    """How many of the grades that the design asks for were given."""
    block = results["missing"]
    return f"{block['given']} of {block['expected']}"


def _row(name: str, block: Block, kind: str = "") -> Row:
    cells = (name, *(str(block[key]) for key in ("expected", "given", "absent")))
    return Row(cells, "total" if kind else "")


def _notes(results: Results) -> tuple[str, ...]:
    block, design = results["missing"], results["design"]
    notes = [
        f"Every arm was graded in {design['complete_blocks']} of {design['blocks']} "
        "pairs of reader and case."
    ]
    if block["rows_without_grade"]:
        notes.append(f"Rows without a grade: {block['rows_without_grade']}.")
    if block["repeats"]:
        notes.append(f"Repeats, in a table of their own: {block['repeats']}.")
    if block["arms_without_grades"]:
        notes.append(f"Arms without grades: {', '.join(block['arms_without_grades'])}.")
    return tuple(notes)


def _reasons(block: Block, wording: Wording) -> list[Row]:
    rows = [
        Row(
            (
                f"Cannot assess, {wording.arm(line['arm'])}",
                str(line["reason"] or "no reason given"),
                str(line["reads"]),
            )
        )
        for line in block.get("cannot_assess") or []
    ]
    excluded = block["excluded"]
    rows += [
        Row(("Excluded", str(line["reason"] or "no reason given"), str(line["reads"])))
        for line in excluded["reasons"]
    ]
    return rows
