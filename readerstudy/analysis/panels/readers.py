"""Each reader alone, and the headline without each reader."""

from readerstudy.analysis.panels.headline import at_cut
from readerstudy.analysis.panels.panel import (
    Block,
    Panel,
    Results,
    Row,
    Wording,
    further,
    listed,
    message_row,
    table,
    why_none,
)
from readerstudy.analysis.panels.signs import Sides, in_order, sides_of
from readerstudy.analysis.wording import interval, p_text, percent, points

_ALONE = (
    "Reader",
    "Pairs of grades",
    "Arm, %",
    "Other, %",
    "Difference, points",
    "95% CI (Newcombe)",
    "McNemar exact p",
)
_LEFT_OUT = ("Left out", "Difference, points", "95% CI, points", "p")
_NOTE = "Row-level within one reader; not corrected for the number of readers."


def readers(results: Results, wording: Wording) -> list[Panel]:
    """Two panels for every two arms: readers alone, and left out in turn."""
    pairs = in_order(listed(results, "readers"), results)
    if not pairs:
        message = why_none(results, "readers")
        return [
            further(results, "readers", "readers", "Each reader alone", message=message)
        ]
    panels = []
    for number, pair in enumerate(pairs, 1):
        end = f"-{number}" if len(pairs) > 1 else ""
        sides = sides_of(pair, results)
        name = sides.title(wording)
        for stem, title, parts in (
            ("readers", "each reader alone", _alone(pair, sides)),
            ("readers-left-out", "the headline without each reader", _out(pair, sides)),
        ):
            heading = f"{name}: {title}{at_cut(results)}"
            panels.append(further(results, "readers", stem + end, heading, **parts))
    return panels


def _alone(pair: Block, sides: Sides) -> dict[str, object]:
    rows = []
    for line in pair.get("readers") or []:
        if line["difference"] is None:
            rows.append(message_row(line["reader"], str(line["message"])))
            continue
        own, other = sides.parts(line, "{}_rate")
        cells = (
            line["reader"],
            str(line["n"]),
            percent(own),  # type: ignore[arg-type]
            percent(other),  # type: ignore[arg-type]
            points(sides.difference(line["difference"])),
            interval(sides.interval(line["newcombe_ci95"])),
            p_text(line["mcnemar_exact_p"]),
        )
        rows.append(Row(cells))
    return _parts(_ALONE, rows, pair) | {"notes": (_NOTE,) if rows else ()}


def _out(pair: Block, sides: Sides) -> dict[str, object]:
    rows = []
    for line in pair.get("left_out") or []:
        if line["p_value"] is None:
            rows.append(message_row(line["reader"], str(line["message"])))
            continue
        cells = (
            line["reader"],
            points(sides.difference(line["difference"])),
            interval(sides.interval(line["ci95"])),
            p_text(line["p_value"]),
        )
        rows.append(Row(cells))
    return _parts(_LEFT_OUT, rows, pair)


def _parts(columns: tuple[str, ...], rows: list[Row], pair: Block) -> dict[str, object]:
    if not rows:
        return {"message": str(pair.get("message") or "Not estimable.")}
    return table(columns, rows)
