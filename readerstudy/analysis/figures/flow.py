"""The flow of cases and reads, from what was available to complete comparisons."""

from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import fill
from typing import Any, Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from readerstudy.analysis.figures.style import DOUBLE, INK, MUTED, sheet, short
from readerstudy.analysis.panels.panel import Block, Results, Wording, grades_by_arm
from readerstudy.analysis.statistics.design import CROSSED, allocation_of
from readerstudy.analysis.wording import counted
from readerstudy.cases.case_sets.flow import Box, boxes

_STEP, _LINE = 9.0, 3.2
_WIDTH, _SIDE = 62, 40
_MOST_REASONS = 8
# Middle of the boxes and left edge of what leaves them, in millimetres.
_MAIN, _ASIDE = 58.0, 118.0
_CLOSE = {"shrinkA": 0, "shrinkB": 0}


@dataclass(frozen=True)
class Station:
    """A box of the flow, and what leaves it at its side."""

    lines: tuple[str, ...]
    leaves: tuple[str, ...] = ()

    @property
    def height(self) -> float:
        """Millimetres that the box or its neighbour needs."""
        return 5.0 + _LINE * max(len(self.lines), len(self.leaves))


def stations(results: Results, wording: Wording) -> list[Station]:
    """The boxes from top to bottom; those of the protocol where there is one."""
    return [
        *_cases(wording.protocol),
        _asked(results, wording.protocol),
        _graded(results, wording),
        _complete(results),
    ]


def _cases(protocol: Mapping[str, Any]) -> list[Station]:
    drawn = protocol.get("case_set") or {}
    if told := boxes(drawn):
        return [_selection(box) for box in told]
    available = drawn.get("available") or {}
    if not isinstance(available, Mapping) or not available:
        return []
    total = sum(available.values())
    sizes = {name: int(drawn.get(name) or 0) for name in available}
    chosen = len(protocol.get("cases") or []) or sum(sizes.values())
    return [
        Station(
            (
                f"Cases available in {short(str(drawn.get('collection')))}: {total}",
                _strata(available),
            ),
            (f"Not drawn: {total - chosen}",),
        ),
        Station((f"Cases drawn: {chosen}", _strata(sizes))),
    ]


def _selection(box: Box) -> Station:
    """A box of the selection, with the reasons that leave it."""
    leaves = [f"{_capital(what)}: {count}" for what, count in box.leaves]
    if len(leaves) > _MOST_REASONS:
        rest = sum(count for _, count in box.leaves[_MOST_REASONS:])
        leaves = [*leaves[:_MOST_REASONS], f"Other reasons: {rest}"]
    return Station((f"{short(box.what)}: {box.count}", box.mixture), tuple(leaves))


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _strata(numbers: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in numbers.items() if number)


def _asked(results: Results, protocol: Mapping[str, Any]) -> Station:
    missing = results["missing"]
    lines = (f"Grades asked for: {missing['expected']}", _factors(missing, protocol))
    cannot = missing.get("cannot_assess") or []
    refused = sum(row["reads"] for row in cannot)
    leaves = [f"Without a grade that counts: {missing['absent']}"]
    if refused:
        leaves.append(f"  cannot assess: {refused}")
    excluded = missing["excluded"]
    if excluded["reads"]:
        leaves.append(f"Excluded: {counted(excluded['reads'], 'read')}")
        reasons = excluded["reasons"]
        leaves += [
            f"  {short(row['reason'] or 'no reason given')}: {row['reads']}"
            for row in reasons[:_MOST_REASONS]
        ]
        if rest := reasons[_MOST_REASONS:]:
            leaves.append(f"  other reasons: {sum(row['reads'] for row in rest)}")
    if missing["repeats"]:
        leaves.append(f"Repeats, analysed apart: {missing['repeats']}")
    return Station(lines, tuple(leaves))


def _factors(missing: Block, protocol: Mapping[str, Any]) -> str:
    """What the number of grades asked for is made of."""
    readers, arms = len(missing["by_reader"]), len(missing["by_arm"])
    allocation = allocation_of(protocol)
    if allocation == "one_report":
        return f"{counted(readers, 'reader')}, one report of each case"
    if allocation != CROSSED:
        groups = (protocol.get("design") or {}).get("reader_groups") or 0
        return (
            f"{counted(readers, 'reader')} in {counted(groups, 'group')}, each group "
            f"its cases \u00d7 {counted(arms, 'arm')}"
        )
    cells = readers * arms
    cases = missing["expected"] // cells if cells else 0
    return (
        f"{counted(readers, 'reader')} \u00d7 {counted(cases, 'case')} \u00d7 "
        f"{counted(arms, 'arm')}"
    )


def _graded(results: Results, wording: Wording) -> Station:
    per_arm = tuple(
        f"{wording.arm(arm)}: {counts['n']}" for arm, counts in grades_by_arm(results)
    )
    design = results["design"]
    incomplete = design["blocks"] - design["complete_blocks"]
    leaves = (f"Reader and case without every arm: {incomplete}",)
    return Station((f"Grades given: {results['missing']['given']}", *per_arm), leaves)


def _complete(results: Results) -> Station:
    design = results["design"]
    return Station(
        (
            f"Compared: {counted(design['complete_blocks'], 'complete block')}",
            "one reader, one case, every arm",
        )
    )


def draw(results: Results, wording: Wording) -> Figure | None:
    """Boxes from top to bottom with arrows; what is left out stands at the side."""
    boxes = stations(results, wording)
    height = sum(box.height for box in boxes) + _STEP * (len(boxes) - 1) + 6
    figure = sheet(DOUBLE, height)
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set_xlim(0, DOUBLE)
    axes.set_ylim(height, 0)
    top, last = 2.0, None
    for box in boxes:
        middle = top + box.height / 2
        station = _box(axes, _MAIN, middle, box.lines, _WIDTH, "center")
        if box.leaves:
            aside = _box(axes, _ASIDE, middle, box.leaves, _SIDE, "left")
            _arrow(axes, station, aside, (_MAIN, middle), (_ASIDE, middle))
        if last is not None:
            above, place = last
            _arrow(axes, above, station, (_MAIN, place), (_MAIN, middle))
        last = station, middle
        top += box.height + _STEP
    return figure


def _arrow(
    axes: Axes,
    start: Text,
    end: Text,
    place: tuple[float, float],
    target: tuple[float, float],
) -> None:
    """An arrow from the edge of one box to the edge of another."""
    look = {"arrowstyle": "-|>", "color": MUTED, "linewidth": 0.8}
    edges = {"patchA": start.get_bbox_patch(), "patchB": end.get_bbox_patch()}
    axes.annotate("", target, place, arrowprops=look | edges | _CLOSE)


def _box(
    axes: Axes,
    across: float,
    down: float,
    lines: tuple[str, ...],
    width: int,
    side: Literal["left", "center"],
) -> Text:
    return axes.text(
        across,
        down,
        "\n".join(fill(line, width, subsequent_indent="  ") for line in lines if line),
        ha=side,
        va="center",
        linespacing=1.35,
        bbox={
            "boxstyle": "square,pad=0.7",
            "facecolor": "white",
            "edgecolor": INK,
            "linewidth": 0.7,
        },
    )


def description(results: Results, wording: Wording) -> str:
    """Every box of the flow in one line."""
    told = "; ".join(
        ", ".join((*(line for line in box.lines if line), *box.leaves))
        for box in stations(results, wording)
    )
    return f"From top to bottom: {told}."
