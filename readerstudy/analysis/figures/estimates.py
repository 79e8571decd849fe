"""The differences that a forest plot shows, from the result set."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from readerstudy.analysis.figures.style import short
from readerstudy.analysis.panels.headline import (
    answer_of,
    chosen_inference,
    compared_at,
    interval_of,
    is_silent,
    level_of,
    primary_outcome,
)
from readerstudy.analysis.panels.panel import Block, Results, Wording, listed
from readerstudy.analysis.panels.signs import Sides, in_order, reference_of, sides_of
from readerstudy.analysis.panels.strata import stratum_name

# Beyond so many comparisons, the answers of single readers and strata are left out.
_FULL = 1


@dataclass(frozen=True)
class Estimate:
    """A difference with its interval; `weight` is "headline", "answer" or "part"."""

    label: str
    difference: float
    low: float
    high: float
    weight: str


@dataclass(frozen=True)
class Section:
    """The estimates about two arms; the margin judges those against the reference."""

    title: str
    is_judged: bool
    estimates: tuple[Estimate, ...]
    # That of the interval which the verdict goes by; all others are at 95%.
    level: str = "95%"


def sections(results: Results, wording: Wording) -> list[Section]:
    """One section for every two arms that can be compared at the primary cut-point."""
    cut = primary_outcome(results)
    pairs = in_order((compared_at(results, cut) or results)["pairs"], results)
    found = []
    for pair in pairs:
        answer, sides = answer_of(pair, cut, results), sides_of(pair, results)
        if is_silent(pair, answer):
            continue
        estimates = list(_answers(pair, answer, sides, chosen_inference(results)))
        # Readers and strata are compared at the primary cut-point too.
        if len(pairs) <= _FULL:
            estimates += _parts(sides, results)
        is_judged = sides.against == reference_of(results)
        title = sides.title(wording)
        level = level_of(answer)
        found.append(Section(title, is_judged, tuple(estimates), level))
    return found


def _answers(
    pair: Block, answer: Block, sides: Sides, inference: str
) -> Iterator[Estimate]:
    difference = pair["difference"]
    # What is quoted has the arm's sign already; the others get it below.
    headline = sides.interval(interval_of(answer))
    quoted = "Headline" if inference == "headline" else "As planned"
    for label, bounds, weight in (
        (quoted, headline, "headline"),
        ("These readers (F)", pair["fixed_readers"]["ci95"], "answer"),
        ("Readers like these (R)", pair["random_readers"]["ci95"], "answer"),
        ("Row-level (Newcombe)", pair["newcombe_ci95"], "part"),
    ):
        yield from _estimate(label, difference, bounds, sides, weight)


def _parts(sides: Sides, results: Results) -> Iterator[Estimate]:
    for name, label, key in (
        ("readers", "Reader {}", "reader"),
        ("strata", "{}", "stratum"),
    ):
        # As many entries as pairs, and parts are drawn of one pair alone.
        for entry in listed(results, name):
            for line in entry.get(name) or []:
                bounds = line.get("newcombe_ci95") or line.get("ci95")
                title = line[key] if key == "reader" else stratum_name(line[key])
                text = label.format(short(title))
                yield from _estimate(text, line["difference"], bounds, sides, "part")


def _estimate(
    label: str,
    difference: float | None,
    bounds: Sequence[float | None] | None,
    sides: Sides,
    weight: str,
) -> Iterator[Estimate]:
    value, limits = sides.difference(difference), sides.interval(bounds)
    if value is None or not limits or limits[0] is None or limits[1] is None:
        return
    low, high = max(limits[0], -1.0), min(limits[1], 1.0)
    yield Estimate(label, value, low, high, weight)
