"""The answer of the study: each arm against the reference, with its margin."""

from collections.abc import Mapping
from typing import Any

from readerstudy.analysis.panels.mrmc import reason_of
from readerstudy.analysis.panels.panel import (
    Block,
    Panel,
    Results,
    Row,
    Wording,
    further,
    message_row,
    table,
    why_none,
)
from readerstudy.analysis.panels.rules import rule_sentence
from readerstudy.analysis.panels.signs import Sides, in_order, sides_of
from readerstudy.analysis.statistics.design import CROSSED, allocation_of
from readerstudy.analysis.wording import interval, p_clause, p_text, percent, points

CUTS = {"success": "A or B", "stringent": "A alone"}
_ANSWERS = {
    "fixed": "these readers alone",
    "random": "readers like these",
    "headline": "the headline rule",
}


def headline(results: Results, wording: Wording) -> list[Panel]:
    """The primary cut-point, then the other one."""
    primary = primary_outcome(results)
    other = next(cut for cut in CUTS if cut != primary)
    panels = [_panel("headline", primary, results, wording)]
    if compared_at(results, other):
        panels.append(_panel(f"headline-{other}", other, results, wording))
    return panels


def primary_outcome(results: Results) -> str:
    """The cut-point that the plan calls the primary one."""
    return str((results.get("plan") or {}).get("primary_outcome") or "success")


def at_cut(results: Results) -> str:
    """What a heading adds where further analyses count A alone as success."""
    primary = primary_outcome(results)
    return "" if primary == "success" else f" ({CUTS[primary]})"


def compared_at(results: Results, cut: str) -> Results | None:
    """The comparison of arms at a cut-point; None in older result sets."""
    return results if cut == "success" else results.get("stringent")


def estimands_at(results: Results, cut: str) -> list[Block]:
    """Arm minus reference at a cut-point."""
    if cut == primary_outcome(results):
        return list(results.get("estimands") or [])
    if cut == "stringent":
        return list((results.get("stringent") or {}).get("estimands") or [])
    return []


def chosen_inference(results: Results) -> str:
    """Whose answer the plan quotes: headline, fixed or random."""
    return str((results.get("plan") or {}).get("reader_inference") or "headline")


def _panel(name: str, cut: str, results: Results, wording: Wording) -> Panel:
    title = f"Success ({CUTS[cut]}): difference between the arms"
    is_primary = cut == primary_outcome(results)
    analysis = "" if cut == "success" or is_primary else "stringent"
    pairs = in_order((compared_at(results, cut) or results)["pairs"], results)
    if not pairs:
        message = why_none(results, "pairs")
        return further(results, analysis, name, title, message=message)
    several = len(pairs) > 1
    columns = ("Comparison", "Arm, %", "Other, %", "Difference, points")
    # Holm's correction is that of the headline, whatever answer the plan quotes.
    holm = "p, Holm" if chosen_inference(results) == "headline" else "Headline p, Holm"
    answers = [answer_of(pair, cut, results) for pair in pairs]
    levels = {level_of(answer) for answer in answers}
    heading = f"{levels.pop()} CI, points" if len(levels) == 1 else "CI, points"
    columns += (heading, "p", *((holm,) if several else ()))
    rows, notes = [], []
    for pair, answer in zip(pairs, answers, strict=True):
        rows.append(_row(pair, answer, results, wording, several=several))
        notes += _notes(pair, answer, results, wording)
    return further(
        results,
        analysis,
        name,
        title,
        **table(columns, rows),
        notes=tuple(dict.fromkeys(notes)),
    )


def answer_of(pair: Block, cut: str, results: Results) -> Mapping[str, Any]:
    """What stands for a pair: the estimand where the plan asks, else the headline."""
    sides = sides_of(pair, results)
    for estimand in estimands_at(results, cut):
        if (estimand["arm"], estimand["reference"]) == (sides.arm, sides.against):
            rough = chosen_inference(results) == "headline"
            return {
                **estimand,
                "approximate": rough and pair["headline"]["approximate"],
            }
    return {
        **pair["headline"],
        "difference": sides.difference(pair["difference"]),
        "ci95": sides.interval(pair["headline"]["ci95"]),
    }


def interval_of(answer: Mapping[str, Any]) -> list[float] | None:
    """The interval at the plan's level; older result sets have that at 95% alone."""
    found: list[float] | None = answer["ci"] if "ci" in answer else answer["ci95"]
    return found


def level_of(answer: Mapping[str, Any]) -> str:
    """The level of that interval, such as 95%."""
    return f"{100 * answer.get('ci_level', 0.95):g}%"


def rates_of(pair: Block, sides: Sides) -> tuple[float, float] | None:
    """Success rates of arm and other over the pairs of grades that are compared."""
    if not pair["n"]:
        return None
    own, other = sides.parts(pair, "only_{}")
    both, number = pair["both"], pair["n"]
    return (both + own) / number, (both + other) / number


def _row(
    pair: Block, answer: Block, results: Results, wording: Wording, *, several: bool
) -> Row:
    sides = sides_of(pair, results)
    name = sides.title(wording)
    rates = rates_of(pair, sides)
    if rates is None or is_silent(pair, answer):
        return message_row(name, _silence(pair, answer))
    cells = (
        name,
        *map(percent, rates),
        points(answer["difference"]),
        interval(interval_of(answer)),
        p_text(answer["p_value"]),
    )
    if several:
        cells += (p_text(pair["headline"].get("holm_p_value")),)
    return Row(cells)


def is_silent(pair: Block, answer: Block) -> bool:
    """Whether a sentence stands for the numbers."""
    return answer["p_value"] is None or pair["status"] == "no_discordant_pairs"


def _silence(pair: Block, answer: Block) -> str:
    return str(pair["message"] or answer.get("message") or reason_of(pair))


def _notes(pair: Block, answer: Block, results: Results, wording: Wording) -> list[str]:
    if is_silent(pair, answer):
        return []
    inference = chosen_inference(results)
    notes = []
    if "margin" in answer and inference != "headline":
        notes.append(f"The protocol asks for {_ANSWERS[inference]}.")
    else:
        crossed = allocation_of(wording.protocol) == CROSSED
        readers = results["design"]["readers"]
        notes.append(rule_sentence(pair, readers, crossed=crossed))
    if "margin" in answer:
        notes += margin_sentences(answer, wording)
    return [note for note in notes if note]


def margin_sentences(estimand: Block, wording: Wording) -> list[str]:
    """Non-inferiority, the margin that would show it, and superiority, in words."""
    arm, against = wording.arm(estimand["arm"]), wording.arm(estimand["reference"])
    bounds = interval_of(estimand)
    if estimand["margin"] is None:
        return []
    margin = f"Non-inferiority margin {100 * estimand['margin']:.1f} points"
    if bounds is None:
        return [f"{margin}: not judged, as there is no interval."]
    smallest = estimand.get("smallest_margin")
    smallest = max(0.0, -bounds[0]) if smallest is None else smallest
    if estimand["non_inferior"]:
        verdict = f"{arm} is not inferior to {against}"
    else:
        verdict = f"it is not shown that {arm} is not inferior to {against}"
    sentences = [
        f"{margin}, lower limit {points(bounds[0])}: {verdict}; any margin above "
        f"{100 * smallest:.1f} points would show it."
    ]
    if estimand.get("superior"):
        sentences.append(
            f"{arm} is superior to {against}: the interval lies above zero (tested "
            "after non-inferiority)."
        )
    return sentences


def headline_sentence(results: Results, wording: Wording) -> str:
    """What the study found, in one plain sentence."""
    cut = primary_outcome(results)
    pairs = in_order((compared_at(results, cut) or results)["pairs"], results)
    if not pairs:
        return why_none(results, "pairs")
    pair = pairs[0]
    answer, sides = answer_of(pair, cut, results), sides_of(pair, results)
    rates, inference = rates_of(pair, sides), chosen_inference(results)
    if rates is None or is_silent(pair, answer):
        asked = _ANSWERS[inference] if inference != "headline" else ""
        about = f"Success ({CUTS[cut]}), {sides.title(wording)}, {asked}: "
        return (about if asked else "") + _silence(pair, answer)
    if bounds := interval_of(answer):
        rough = "approximate " if answer.get("approximate") else ""
        found = f"{rough}{level_of(answer)} CI {interval(bounds)}"
    else:
        found = "no interval"
    several = f", the first of {len(pairs)} comparisons" if len(pairs) > 1 else ""
    return (
        f"Success ({CUTS[cut]}): {wording.arm(sides.arm)} {percent(rates[0])}%, "
        f"{wording.arm(sides.against)} {percent(rates[1])}%, a difference of "
        f"{points(answer['difference'])} percentage points ({found}; "
        f"{p_clause(answer['p_value'])}){several}."
    )
