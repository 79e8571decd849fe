"""Differences between the arms with their intervals, one below the other."""

from dataclasses import replace

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from readerstudy.analysis.figures.estimates import Estimate, Section, sections
from readerstudy.analysis.figures.style import (
    DOUBLE,
    INK,
    MUTED,
    not_all,
    quiet_grid,
    shade,
    sheet,
)
from readerstudy.analysis.panels.headline import (
    CUTS,
    headline_sentence,
    primary_outcome,
)
from readerstudy.analysis.panels.panel import Results, Wording
from readerstudy.analysis.wording import interval, points

USUAL = "95%"
_ROW = 5.2
_MOST = 40
_MARKS = {
    "headline": ("D", 5.0, 1.6),
    "answer": ("s", 3.6, 1.1),
    "part": ("o", 3.2, 0.8),
}


def draw(results: Results, wording: Wording) -> Figure | None:
    """A row per answer; the dashed line is the margin, the solid one no difference."""
    every = sections(results, wording)
    found = _fitting(every)
    if not found:
        return None
    rows = sum(len(section.estimates) + 1 for section in found)
    figure = sheet(DOUBLE, 18 + _ROW * rows)
    axes = figure.subplots()
    labels, places = [], []
    row = 0
    judged = 0
    for section in found:
        labels.append(section.title)
        places.append(row)
        row += 1
        for estimate in section.estimates:
            _draw(axes, estimate, row)
            labels.append(f"    {estimate.label}")
            places.append(row)
            row += 1
        if section.is_judged:
            judged = row
    _frame(axes, results, labels, places, levels_of(found))
    _margin(axes, results, judged)
    note = not_all(_size(found), _size(every), "answers")
    if note:
        axes.set_xlabel(f"{axes.get_xlabel()}\n{note}")
    return figure


def _fitting(found: list[Section]) -> list[Section]:
    """What a page takes: of many comparisons the headlines, else the first answers."""
    if _size(found) + len(found) <= _MOST:
        return found
    each = 1 if len(found) > _MOST // 6 else _MOST // len(found) - 1
    kept = [replace(one, estimates=one.estimates[:each]) for one in found]
    return kept[: _MOST // 2]


def _size(found: list[Section]) -> int:
    return sum(len(section.estimates) for section in found)


def _draw(axes: Axes, estimate: Estimate, row: int) -> None:
    mark, size, width = _MARKS[estimate.weight]
    low, high = 100 * estimate.low, 100 * estimate.high
    colour = shade(0) if estimate.weight != "part" else MUTED
    axes.plot([low, high], [row, row], color=colour, linewidth=width)
    axes.plot(100 * estimate.difference, row, mark, color=colour, markersize=size)
    bounds = interval([estimate.low, estimate.high])
    axes.text(
        1.02,
        row,
        f"{points(estimate.difference)} ({bounds})",
        transform=axes.get_yaxis_transform(),
        va="center",
    )


def levels_of(found: list[Section]) -> str:
    """The level of the intervals, and that of the planned answer where it differs."""
    planned = {section.level for section in found if section.level != USUAL}
    if not planned:
        return f"{USUAL} CI"
    return f"{' or '.join(sorted(planned))} CI of the planned answer, {USUAL} of others"


def _frame(
    axes: Axes, results: Results, labels: list[str], places: list[int], levels: str
) -> None:
    axes.set_yticks(places, labels)
    for label in axes.get_yticklabels():
        label.set_horizontalalignment("left")
    widest = max(len(label) for label in labels)
    axes.tick_params(axis="y", length=0, pad=3.4 * widest)
    axes.set_ylim(max(places) + 0.7, -0.7)
    axes.spines["left"].set_visible(False)
    axes.axvline(0, color=INK, linewidth=0.7)
    cut = CUTS[primary_outcome(results)]
    axes.set_xlabel(f"Difference of success ({cut}), percentage points ({levels})")
    quiet_grid(axes, "x")


def _margin(axes: Axes, results: Results, judged: int) -> None:
    """The margin beside the comparisons with the reference, which come first."""
    margin = (results.get("plan") or {}).get("margin")
    if margin is None or not judged:
        return
    spot = -100 * margin
    axes.plot(
        [spot, spot],
        [-0.7, judged - 0.6],
        color=INK,
        linewidth=0.7,
        linestyle=(0, (4, 3)),
        label="margin",
    )
    axes.text(spot, -0.8, "margin", ha="center", va="bottom", color=MUTED)


def description(results: Results, wording: Wording) -> str:
    """Every difference with its interval."""
    found = sections(results, wording)
    if not found:
        return headline_sentence(results, wording)
    return (
        f"Differences of success in percentage points ({levels_of(found)}). "
        + " ".join(_told(section) for section in found)
    )


def _told(section: Section) -> str:
    estimates = "; ".join(
        f"{each.label} {points(each.difference)} ({interval([each.low, each.high])})"
        for each in section.estimates
    )
    return f"{section.title}: {estimates}."
