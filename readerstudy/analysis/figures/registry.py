"""Every figure by name, in the order of a report."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from matplotlib.figure import Figure

from readerstudy.analysis.figures import (
    agreement,
    errors,
    flow,
    forest,
    grades,
    heat_map,
    learning,
    preference,
    strata,
    time,
)
from readerstudy.analysis.figures.style import (
    FileKind,
    as_file,
    settled,
    short,
    styled,
)
from readerstudy.analysis.panels.panel import Results, Wording


@dataclass(frozen=True)
class FigureKind:
    """A figure that a result set may have.

    analysis    the planned analysis it belongs to ("" for what is always planned)
    panel       name of the panel that is its data table
    draw        the figure; None where there is nothing to draw
    description its numbers as a sentence, or why there is none
    """

    name: str
    title: str
    analysis: str
    panel: str
    draw: Callable[[Results, Wording], Figure | None]
    description: Callable[[Results, Wording], str]

    def files(
        self, results: Results, wording: Wording, *kinds: FileKind
    ) -> dict[FileKind, bytes]:
        """The figure in several kinds of file, drawn once; none where it is empty."""
        figure = self.draw(results, wording)
        if figure is None:
            return {}
        told = self.description(results, wording)
        return {
            kind: as_file(
                figure, kind, name=self.name, title=self.title, description=told
            )
            for kind in kinds
        }


def _kind(
    name: str,
    title: str,
    draw: Callable[[Results, Wording], Figure | None],
    description: Callable[[Results, Wording], str],
    *,
    panel: str = "",
    analysis: str = "",
) -> FigureKind:
    def drawn(results: Results, wording: Wording) -> Figure | None:
        with styled():
            figure = draw(results, _shortened(wording, results))
            return None if figure is None else settled(figure)

    return FigureKind(name, title, analysis, panel or name, drawn, description)


def _shortened(wording: Wording, results: Results) -> Wording:
    """Labels that fit a figure, each arm with one of its own."""
    named = [row["arm"] for row in results["missing"]["by_arm"]]
    labels: dict[str, str] = {}
    for arm in dict.fromkeys([*named, *results["design"]["arms"]]):
        label = short(wording.arm(arm))
        taken = label in labels.values()
        labels[arm] = f"{label} ({len(labels) + 1})" if taken else label
    return replace(wording, labels=labels)


_ALL = (
    _kind(
        "flow", "Flow of cases and reads", flow.draw, flow.description, panel="missing"
    ),
    _kind(
        "forest",
        "Differences between the arms",
        forest.draw,
        forest.description,
        panel="mrmc",
    ),
    _kind("grades", "Grades by arm and reader", grades.draw, grades.description),
    _kind(
        "heat_map",
        "Success by reader and arm",
        heat_map.draw,
        heat_map.description,
        panel="grades",
    ),
    _kind(
        "strata",
        "Success by stratum",
        strata.draw,
        strata.description,
        analysis="strata",
    ),
    _kind(
        "agreement",
        "Agreement between readers",
        agreement.draw,
        agreement.description,
        analysis="agreement",
    ),
    _kind("time", "Time on task", time.draw, time.description, analysis="time"),
    _kind(
        "learning",
        "Success by reading session",
        learning.draw,
        learning.description,
        analysis="learning",
    ),
    _kind(
        "errors",
        "Marked errors by category",
        errors.draw,
        errors.description,
        analysis="errors",
    ),
    _kind(
        "preference",
        "Preference in pairs",
        preference.draw,
        preference.description,
        analysis="preference",
    ),
)

FIGURES: dict[str, FigureKind] = {kind.name: kind for kind in _ALL}
