"""How the answer moves with other methods and with what is missing."""

from readerstudy.analysis.panels.headline import at_cut
from readerstudy.analysis.panels.panel import (
    NOT_HELD,
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
from readerstudy.analysis.panels.signs import (
    Sides,
    in_order,
    reference_of,
    sides_of,
)
from readerstudy.analysis.wording import (
    NOTHING,
    coefficient,
    counted,
    degrees,
    interval,
    p_text,
    points,
)

_MODEL = ("Comparison", "Working correlation", "Log odds", "SE", "p")
_MODEL_TITLE = "Sensitivity: marginal logistic model of A or B, all grades given"
_MODEL_NOTE = (
    "Marginal logistic model of success, A or B (GEE), clustered by case, over all "
    "grades given; bias-reduced standard errors, t on cases minus one df."
)
_METHODS = (
    "Method",
    "What it covers",
    "Difference, points",
    "95% CI, points",
    "df",
    "p",
)
_METHODS_NOTE = (
    "All grades: difference of marginal rates, clustered by case. Complete part: "
    "readers like these (R), on the largest set of readers and cases without a gap. "
    "Two-way bootstrap: readers and cases drawn anew, wide by design. Bounds: all "
    "missing grades against the arm, to all for it."
)


def sensitivity(results: Results, wording: Wording) -> list[Panel]:
    """The marginal model, then other methods for every two arms."""
    panels = [_model(results, wording)]
    pairs = in_order(listed(results, "sensitivity"), results)
    for number, pair in enumerate(pairs, 1):
        end = f"-{number}" if len(pairs) > 1 else ""
        panels.append(_methods(f"sensitivity-methods{end}", pair, results, wording))
    if not pairs and results["missing"]["absent"]:
        panels += _bounds_alone(results, wording)
    return panels


def _model(results: Results, wording: Wording) -> Panel:
    gee, reference = results["gee"], reference_of(results)
    rows = [
        row
        for fit in gee["models"]
        if fit["se_type"] == "bias_reduced"
        for row in _terms(fit, gee["reference"], reference, wording)
    ]
    if not rows:
        parts: dict[str, object] = {"message": str(gee["message"] or NOT_HELD)}
    else:
        parts = table(_MODEL, rows, text=2) | {"notes": (_MODEL_NOTE,)}
    return further(results, "sensitivity", "sensitivity", _MODEL_TITLE, **parts)


def _terms(
    fit: Block, first: str, reference: str | None, wording: Wording
) -> list[Row]:
    """A row per arm against the first one; turned where that arm is the reference."""
    correlation = fit["working_correlation"]
    if not fit["terms"]:
        return [message_row(f"Every arm, {correlation}", str(fit["message"]))]
    rows = []
    for term in fit["terms"]:
        sides = Sides(term["arm"], first, turned=False)
        if term["arm"] == reference:
            sides = Sides(first, term["arm"], turned=True)
        name = f"{wording.arm(sides.arm)} against {wording.arm(sides.against)}"
        if term["p_value"] is None:
            message = str(term["message"])
            rows.append(message_row(f"{name}, {correlation}", message))
            continue
        log_odds = coefficient(sides.difference(term["log_odds"]))
        values = log_odds, coefficient(term["se"]), p_text(term["p_value"])
        rows.append(Row((name, correlation, *values)))
    return rows


def _methods(name: str, pair: Block, results: Results, wording: Wording) -> Panel:
    sides = sides_of(pair, results)
    every, part = pair.get("all_rows") or {}, pair.get("sub_matrix") or {}
    bootstrap = pair.get("two_way_bootstrap") or {}
    rows = [
        _method("All grades given", _size(every, "rows", "grade"), every, sides),
        _method("Complete part (R)", _part(part), part, sides),
        _method("Two-way bootstrap", _draws(bootstrap), bootstrap, sides),
    ]
    if bounds := pair.get("bounds"):
        limits = [bounds.get("lowest_difference"), bounds.get("highest_difference")]
        span = interval(sides.interval(limits))
        rows.append(
            Row(("Bounds", "all grades asked for", NOTHING, span, NOTHING, NOTHING))
        )
    title = f"Sensitivity: {sides.title(wording)} by other methods{at_cut(results)}"
    parts = table(_METHODS, rows, text=2) | {"notes": (_METHODS_NOTE,)}
    return further(results, "sensitivity", name, title, **parts)


def _method(name: str, covers: str, block: Block, sides: Sides) -> Row:
    if block.get("ci95") is None:
        return message_row(name, str(block.get("message") or "Not estimable."))
    difference = sides.difference(block.get("difference"))
    p_value = block.get("p_value")
    return Row(
        (
            name,
            covers,
            NOTHING if difference is None else points(difference),
            interval(sides.interval(block["ci95"])),
            degrees(block.get("df")),
            NOTHING if p_value is None else p_text(p_value),
        )
    )


def _size(block: Block, key: str, noun: str) -> str:
    number = block.get(key)
    return "" if number is None else counted(number, noun)


def _draws(block: Block) -> str:
    return _size(block, "draws", "draw")


def _part(block: Block) -> str:
    readers = block.get("readers") or []
    cases = _size(block, "cases", "case")
    return f"{counted(len(readers), 'reader')}, {cases}" if readers else cases


def _bounds_alone(results: Results, wording: Wording) -> list[Panel]:
    """The bounds of older result sets, which hold no other methods."""
    rows = []
    for pair in in_order(results["missing"]["bounds"], results):
        sides = sides_of(pair, results)
        limits = [pair["lowest_difference"], pair["highest_difference"]]
        rows.append(Row((sides.title(wording), interval(sides.interval(limits)))))
    if not rows:
        return []
    title = "Sensitivity: if every missing grade were known"
    parts = table(("Comparison", "From all against it to all for it, points"), rows)
    return [further(results, "sensitivity", "sensitivity-bounds", title, **parts)]
