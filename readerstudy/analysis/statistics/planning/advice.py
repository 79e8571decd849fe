"""What a worked-out plan means, in plain words."""

from collections.abc import Sequence

from readerstudy.analysis.statistics.headline import FEW_CASES
from readerstudy.analysis.statistics.planning.designs import ONE_REPORT, SPLIT_PLOT
from readerstudy.analysis.statistics.planning.inputs import Inputs
from readerstudy.analysis.statistics.planning.power import Cell, Power

ENOUGH = 0.8
_USUAL = f"Usually a power of {ENOUGH:.0%} is asked for"
_MAIN = {
    "headline": "in the headline",
    "fixed": "for these readers",
    "random": "for readers like these",
}
_ONE_REPORT = (
    "No reader grades two reports of one radiograph, so there are no complete blocks: "
    "Cochran's Q and the headline cannot be computed. The power is that of the "
    "difference over all grades, clustered by case, which results show as a "
    "sensitivity analysis; it speaks of these readers alone."
)
_SPLIT_PLOT = (
    "Readers of different groups do not share all cases, so the study is not fully "
    "crossed: the headline speaks of these readers alone, and readers like these are "
    "not estimated."
)
_MANY_ARMS = (
    "This is the power of one comparison with the reference; with {arms} arms the "
    "correction for several comparisons (Holm) lowers it."
)
_FEW_CASES = (
    "With fewer than ten cases only an exact test is possible, and its interval is "
    "approximate."
)


def advice(
    inputs: Inputs, cells: Sequence[Cell], limit: Power | None = None
) -> list[str]:
    """Sentences, the most important first; `cells` hold that of the inputs.

    `limit` is the power for readers like these with no end of cases.
    """
    chosen = next(
        cell
        for cell in cells
        if (cell.readers, cell.cases) == (inputs.readers, inputs.cases)
    )
    main = next(
        name
        for name in (inputs.inference, "headline", "all_rows")
        if name in chosen.by_inference
    )
    return [
        *_cannot(inputs, main),
        _what_it_shows(inputs, chosen, main),
        _width(inputs, chosen, main),
        *_enough(cells, chosen, main),
        *_readers(inputs, cells, limit),
        *_design(inputs),
        f"Each reader grades up to {inputs.reads_per_reader:,} reports.",
    ]


def _what_it_shows(inputs: Inputs, chosen: Cell, main: str) -> str:
    found = chosen.by_inference
    points = (inputs.rate - inputs.reference_rate) * 100
    number = f"{_of_100(found[main].power)} of 100 studies with {_size(chosen)} would"
    if inputs.margin_points is not None:
        sentence = (
            f"Where arm minus reference is {points:+.1f} points, {number} show that "
            f"the arm is not worse by {inputs.margin_points:g} points"
        )
    elif points:
        sentence = f"Where the difference is {abs(points):.1f} points, {number} show it"
    else:
        sentence = f"Where there is no difference, {number} still seem to show one"
    if main in _MAIN:
        sentence += f" {_MAIN[main]}"
    if "random" in found:
        others = [
            f"{_of_100(found[name].power)} {words}"
            for name, words in _MAIN.items()
            if name != main
        ]
        sentence += f"; {', '.join(others)}"
    return f"{sentence}."


def _cannot(inputs: Inputs, main: str) -> list[str]:
    """That the planned answer will not be there; nothing where it will.

    Of the headline the sentences about the design say so.
    """
    if inputs.inference in (main, "headline"):
        return []
    return [
        f"The plan asks for the answer {_MAIN[inputs.inference]}, which this design "
        "cannot give."
    ]


def _width(inputs: Inputs, chosen: Cell, main: str) -> str:
    half = chosen.by_inference[main].half_width
    if half is None:
        return "No interval is to be expected: too few reads would differ."
    return (
        f"The {100 * (1 - inputs.alpha):g}% interval is expected to reach "
        f"{half * 100:.1f} points to either side."
    )


def _enough(cells: Sequence[Cell], chosen: Cell, main: str) -> list[str]:
    """Which sizes of the table reach the usual power, the fewest reads first."""
    if chosen.by_inference[main].power >= ENOUGH:
        return []
    fewest: dict[int, Cell] = {}
    for cell in cells:
        if cell.by_inference[main].power >= ENOUGH:
            fewest.setdefault(cell.readers, cell)
    if not fewest:
        return [f"{_USUAL}; none of the sizes in the table reaches it."]
    names = " or ".join(_size(cell) for cell in fewest.values())
    return [f"{_USUAL}. It is reached with {names}."]


def _readers(inputs: Inputs, cells: Sequence[Cell], limit: Power | None) -> list[str]:
    """Whether more cases can help to speak of other readers.

    With very many cases the degrees of freedom fall to those of the readers alone, so
    the power may be highest before the limit.
    """
    if inputs.readers == 1:
        return ["One reader: no inference to other readers."]
    reached = [
        cell.by_inference["random"].power
        for cell in cells
        if cell.readers == inputs.readers and "random" in cell.by_inference
    ]
    if not reached or limit is None:
        return []
    best = max(*reached, limit.power)
    if best >= ENOUGH:
        return []
    sentence = (
        f"With {inputs.readers} readers no number of cases lets you speak of other "
        f"readers: the power for readers like these is {best:.0%} at best"
    )
    if inputs.readers == 2:
        return [f"{sentence}. The headline of two readers speaks of these two alone."]
    return [f"{sentence}. Take more readers, or plan to speak of these alone."]


def _design(inputs: Inputs) -> list[str]:
    sentences = []
    if inputs.layout.name == ONE_REPORT:
        sentences.append(_ONE_REPORT)
    if inputs.layout.name == SPLIT_PLOT:
        sentences.append(_SPLIT_PLOT)
    if inputs.arms > 2:
        sentences.append(_MANY_ARMS.format(arms=inputs.arms))
    if inputs.cases < FEW_CASES and inputs.layout.name != ONE_REPORT:
        sentences.append(_FEW_CASES)
    return sentences


def _size(cell: Cell) -> str:
    readers = "1 reader" if cell.readers == 1 else f"{cell.readers} readers"
    return f"{readers} and {cell.cases:,} cases"


def _of_100(power: float) -> str:
    if power > 0.995:
        return "nearly all"
    return "hardly any" if power < 0.005 else f"{power * 100:.0f}"
