"""Grades as stacked bars, per arm over all readers and for each reader."""

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from readerstudy.analysis.figures.style import DOUBLE, INK, sheet, short
from readerstudy.analysis.panels.panel import Results, Wording, grades_by_arm
from readerstudy.analysis.statistics.table import GRADES
from readerstudy.analysis.wording import percent

_ROW = 5.6
_MOST_BARS = 40
# Light enough for dark numbers, or dark enough for light ones, also in grey.
_FACES = {
    "A": ("#1f4e63", "", "white"),
    "B": ("#8fb3c2", "", INK),
    "C": ("#f3e3c3", "..", INK),
    "D": ("#c98a4b", "////", INK),
}
_SMALLEST_LABEL = 6.0

Bar = tuple[str, str, Mapping[str, Any]]


def draw(results: Results, wording: Wording) -> Figure | None:
    """A bar per arm, then one per reader and arm; numbers are percent."""
    bars = _bars(results, wording)
    if not bars:
        return None
    gaps = len({group for group, _, _ in bars})
    figure = sheet(DOUBLE, 20 + _ROW * (len(bars) + 0.6 * gaps))
    axes = figure.subplots()
    place, last, ticks, names = 0.0, "", [], []
    for group, arm, counts in bars:
        place += 0.6 if group != last and last else 0.0
        _stack(axes, place, counts)
        ticks.append(place)
        names.append(f"{group}: {arm}")
        last, place = group, place + 1
    axes.set_yticks(ticks, names)
    axes.set_ylim(place - 0.4, -0.6)
    axes.set_xlim(0, 100)
    axes.set_xlabel("Grades, %")
    axes.tick_params(axis="y", length=0)
    figure.legend(
        *_legend(axes), ncols=len(GRADES), loc="outside upper center", title=None
    )
    return figure


def _bars(results: Results, wording: Wording) -> list[Bar]:
    bars: list[Bar] = [
        ("All readers", wording.arm(arm), counts)
        for arm, counts in grades_by_arm(results)
    ]
    rows = results["by_reader"]
    readers = len({row["reader"] for row in rows})
    # Beyond what a page takes, the readers stand in the table alone.
    if readers >= 2 and len(bars) + len(rows) <= _MOST_BARS:
        bars += [(short(row["reader"]), wording.arm(row["arm"]), row) for row in rows]
    return bars


def _stack(axes: Axes, place: float, counts: Mapping[str, Any]) -> None:
    left = 0.0
    for letter in GRADES:
        face, pattern, ink = _FACES[letter]
        width = 100 * counts[letter] / counts["n"]
        axes.barh(
            place,
            width,
            left=left,
            height=0.82,
            color=face,
            hatch=pattern,
            edgecolor="white" if letter in "AB" else "#8a6a3a",
            linewidth=0.3,
            label=letter,
        )
        if width >= _SMALLEST_LABEL:
            axes.text(
                left + width / 2,
                place,
                f"{width:.0f}",
                ha="center",
                va="center",
                color=ink,
                bbox=None
                if not pattern
                else {"facecolor": face, "edgecolor": "none", "pad": 0.8},
            )
        left += width


def _legend(axes: Axes) -> tuple[list[Any], list[str]]:
    handles, labels = axes.get_legend_handles_labels()
    first = {label: handle for handle, label in zip(handles, labels, strict=True)}
    return list(first.values()), [f"Grade {label}" for label in first]


def description(results: Results, wording: Wording) -> str:
    """The shares of each grade per arm."""
    if not results["grades"]:
        return str(results.get("message") or "No grades.")
    return "Grades per arm. " + " ".join(
        f"{wording.arm(arm)}: "
        + ", ".join(
            f"{letter} {percent(counts[letter] / counts['n'])}%" for letter in GRADES
        )
        + f" of {counts['n']} grades."
        for arm, counts in grades_by_arm(results)
    )
