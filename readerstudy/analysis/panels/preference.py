"""Which report readers preferred where two stood side by side."""

from readerstudy.analysis.panels.panel import (
    Block,
    Panel,
    Results,
    Row,
    Wording,
    block_of,
    further,
    message_row,
    table,
)
from readerstudy.analysis.panels.signs import Sides, in_order, sides_of
from readerstudy.analysis.wording import (
    coefficient,
    coefficient_interval,
    p_text,
    percent,
    percent_interval,
)

TITLE = "Preference in pairs"
_COLUMNS = (
    "Comparison",
    "Pairs",
    "Cases",
    "Prefer arm",
    "Equal",
    "Prefer other",
    "Share for the arm, %",
    "95% CI, %",
    "p",
)
_NOTE = (
    "The share is of the pairs in which one report was preferred; equal pairs are left "
    "out. Interval and p (against one half) are clustered by case."
)
_ABILITY = ("Arm", "Log ability", "SE", "95% CI")


def preference(results: Results, wording: Wording) -> list[Panel]:
    """Shares for every two arms, then the Bradley-Terry scale of all."""
    block = block_of(results, "preference")
    pairs = in_order(block.get("pairs") or [], results)
    if not pairs:
        message = str(block["message"])
        return [further(results, "preference", "preference", TITLE, message=message)]
    rows = [_row(pair, results, wording) for pair in pairs]
    parts = table(_COLUMNS, rows) | {"notes": (_NOTE,)}
    panels = [further(results, "preference", "preference", TITLE, **parts)]
    if scale := block.get("bradley_terry"):
        panels.append(_scale(scale, results, wording))
    return panels


def _row(pair: Block, results: Results, wording: Wording) -> Row:
    sides = sides_of(pair, results)
    name = f"{wording.arm(sides.arm)} or {wording.arm(sides.against)}"
    if pair["share"] is None:
        return message_row(name, str(pair["message"]))
    own, other = sides.parts(pair, "prefer_{}")
    share, bounds = share_of(pair, sides)
    return Row(
        (
            name,
            str(pair["n"]),
            str(pair["cases"]),
            str(own),
            str(pair["equal"]),
            str(other),
            percent(share),
            percent_interval(bounds),
            p_text(pair["p_value"]),
        )
    )


def share_of(pair: Block, sides: Sides) -> tuple[float | None, list[float] | None]:
    """The share for the arm with its interval."""
    bounds = pair["share_ci95"]
    if bounds and sides.turned:
        bounds = [1 - bounds[1], 1 - bounds[0]]
    return sides.share(pair["share"]), bounds


def _scale(scale: Block, results: Results, wording: Wording) -> Panel:
    title = "Bradley-Terry scale of the arms"
    name = "preference-scale"
    arms = [arm for arm in scale.get("arms") or [] if arm["log_ability"] is not None]
    if not arms:
        message = str(scale.get("message") or "Not estimable.")
        return further(results, "preference", name, title, message=message)
    rows = [
        Row(
            (
                wording.arm(arm["arm"]),
                coefficient(arm["log_ability"]),
                coefficient(arm["se"]),
                coefficient_interval(arm["ci95"]),
            )
        )
        for arm in arms
    ]
    tie = scale.get("tie")
    notes = [
        f"{wording.arm(arms[0]['arm'])} is 0 by definition; an arm above it is "
        "preferred more often. Intervals are clustered by case."
    ]
    if tie is not None:
        notes.append(f"Davidson's parameter of ties: {coefficient(tie)}.")
    if scale.get("message"):
        notes.append(str(scale["message"]))
    parts = table(_ABILITY, rows) | {"notes": tuple(notes)}
    return further(results, "preference", name, title, **parts)
