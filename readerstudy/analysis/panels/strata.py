"""Success by stratum, such as normal and abnormal cases."""

from readerstudy.analysis.panels.grades import rate_text
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
)
from readerstudy.analysis.panels.signs import in_order, sides_of
from readerstudy.analysis.wording import (
    degrees,
    interval,
    p_clause,
    percent,
    points,
    sentence_case,
)

NO_STRATUM = "No stratum"
_COUNTS = (
    "Stratum",
    "Arm",
    "Cases",
    "Grades",
    "A or B, % (95% CI)",
    "A alone, % (95% CI)",
)
_DIFFERENCES = (
    "Stratum",
    "Cases",
    "Pairs of grades",
    "Arm, %",
    "Other, %",
    "Difference, points",
    "95% CI, points",
)
_NOTE = "Clustered by case. No p value per stratum: the interaction is the one test."


def strata(results: Results, wording: Wording) -> list[Panel]:
    """Counts per stratum, then the difference within each for every two arms."""
    counts = [
        Row(
            (
                stratum_name(row["stratum"]),
                wording.arm(row["arm"]),
                str(row["cases"]),
                str(row["n"]),
                rate_text(row, "success"),
                rate_text(row, "stringent"),
            )
        )
        for row in results["by_stratum"]
    ]
    parts = table(_COUNTS, counts, text=2) if counts else {"message": "No grades."}
    title = "Success by stratum"
    panels = [further(results, "strata", "strata", title, **parts)]
    pairs = in_order(listed(results, "strata"), results)
    for number, pair in enumerate(pairs, 1):
        end = f"-{number}" if len(pairs) > 1 else ""
        panels.append(_difference(f"strata-difference{end}", pair, results, wording))
    return panels


def stratum_name(name: str) -> str:
    """A stratum as people read it."""
    return sentence_case(name) or NO_STRATUM


def _difference(name: str, pair: Block, results: Results, wording: Wording) -> Panel:
    sides = sides_of(pair, results)
    title = f"{sides.title(wording)}, by stratum{at_cut(results)}"
    rows = []
    for line in pair.get("strata") or []:
        stratum = stratum_name(line["stratum"])
        if line["difference"] is None:
            rows.append(message_row(stratum, str(line["message"])))
            continue
        own, other = sides.parts(line, "{}_rate")
        cells = (
            stratum,
            str(line["cases"]),
            str(line["n"]),
            percent(own),  # type: ignore[arg-type]
            percent(other),  # type: ignore[arg-type]
            points(sides.difference(line["difference"])),
            interval(sides.interval(line["ci95"])),
        )
        rows.append(Row(cells))
    if not rows:
        message = str(pair.get("message") or "Not estimable.")
        return further(results, "strata", name, title, message=message)
    notes = (_interaction(pair.get("interaction") or {}), _NOTE)
    return further(
        results, "strata", name, title, **table(_DIFFERENCES, rows), notes=notes
    )


def _interaction(test: Block) -> str:
    if test.get("p_value") is None:
        reason = str(test.get("message") or "Not estimable.")
        return f"Interaction of arm and stratum: {reason}"
    return (
        f"Interaction of arm and stratum: Welch's F {test['statistic']:.2f}, df "
        f"{degrees(test['df'])} and {degrees(test.get('df_denominator'))}, "
        f"{p_clause(test['p_value'])}."
    )
