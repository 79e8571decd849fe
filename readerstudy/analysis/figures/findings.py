"""F1 of every finding and average with its interval, the models below each other."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from readerstudy.analysis.figures.style import (
    DOUBLE,
    INK,
    LINE,
    FileKind,
    as_file,
    legend_above,
    marker,
    not_all,
    quiet_grid,
    settled,
    shade,
    sheet,
    short,
    styled,
)
from readerstudy.analysis.panels.score_text import value_text
from readerstudy.analysis.statistics.findings.groups import titled
from readerstudy.analysis.wording import sentence_case

TITLE = "F1 of findings"
_ROW, _MARGINS, _SPREAD = 3.4, 22.0, 0.7
# Markers that a page takes.
_MOST = 60


@dataclass(frozen=True)
class _Mark:
    """One model's score in one row of the figure."""

    row: str
    model: str
    value: float
    bounds: list[float] | None


def findings_figure(results: Mapping[str, Any]) -> Figure | None:
    """The forest plot; None where no label is included."""
    marks = _marks(results)
    rows = list(dict.fromkeys(mark.row for mark in marks))
    models = list(dict.fromkeys(mark.model for mark in marks))
    if not rows:
        return None
    shown = rows[: max(1, _MOST // len(models))]
    with styled():
        height = _MARGINS + _ROW * len(shown) * (len(models) + 0.8)
        figure = sheet(DOUBLE, height)
        axes = figure.subplots()
        for place, model in enumerate(models):
            own = [mark for mark in marks if mark.model == model]
            _draw(axes, own, shown, place, len(models))
        _frame(axes, shown)
        note = not_all(len(shown), len(rows), "rows")
        if note:
            axes.set_xlabel(f"{axes.get_xlabel()}\n{note}")
        legend_above(figure, [short(model) for model in models])
        return settled(figure)


def figure_files(results: Mapping[str, Any], *kinds: FileKind) -> dict[FileKind, bytes]:
    """The forest plot in several kinds of file; none where it is empty."""
    figure = findings_figure(results)
    if figure is None:
        return {}
    told = description(results)
    return {
        kind: as_file(figure, kind, name="findings", title=TITLE, description=told)
        for kind in kinds
    }


def description(results: Mapping[str, Any]) -> str:
    """Every score that the plot draws, with its interval."""
    parts: dict[str, list[str]] = {}
    for mark in _marks(results):
        told = f"{mark.model} {value_text(mark.value, mark.bounds)}"
        parts.setdefault(mark.row, []).append(told)
    told = " ".join(f"{row}: {'; '.join(each)}." for row, each in parts.items())
    return f"F1 with 95% intervals. {told}"


def _marks(results: Mapping[str, Any]) -> list[_Mark]:
    """Included labels first, then the averages."""
    found = [
        (row["label"], row)
        for each in results["labels"]
        if each["included"]
        for row in results["scores"]
        if row["label"] == each["label"]
    ]
    found += [
        (f"{sentence_case(row['average'])}, {titled(row['group'], row['labels'])}", row)
        for row in results["averages"]
    ]
    marks = []
    for name, row in found:
        block = row["f1"]
        if block["value"] is not None:
            marks.append(_Mark(name, row["model"], block["value"], block["ci95"]))
    return marks


def _draw(
    axes: Axes, marks: list[_Mark], rows: list[str], place: int, models: int
) -> None:
    """The markers of one model, a little below those of the model before it."""
    shift = (place - (models - 1) / 2) * _SPREAD / models
    shown = [mark for mark in marks if mark.row in rows]
    spots = [rows.index(mark.row) + shift for mark in shown]
    for spot, mark in zip(spots, shown, strict=True):
        if mark.bounds is not None:
            axes.plot(mark.bounds, [spot, spot], color=shade(place), linewidth=1)
    axes.plot(
        [mark.value for mark in shown],
        spots,
        marker(place),
        color=shade(place),
        markersize=3.8,
        markeredgecolor=INK,
        markeredgewidth=0.4,
        linestyle="none",
        label=short(marks[0].model),
    )


def _frame(axes: Axes, rows: list[str]) -> None:
    axes.set_yticks(range(len(rows)), rows)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(-0.02, 1.02)
    axes.set_xlabel("F1 (95% CI)")
    for row in range(len(rows) - 1):
        axes.axhline(row + 0.5, color=LINE, linewidth=0.4)
    quiet_grid(axes, "x")
