"""A page of the results, put together from a stored run.

A run may have been stored by an older version: what it does not hold, or holds in
another shape, becomes a sentence on the page and never an error.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.urls import reverse

from readerstudy.analysis.models import AnalysisRun
from readerstudy.analysis.panels.headline import (
    answer_of,
    compared_at,
    headline_sentence,
    interval_of,
    level_of,
    margin_sentences,
    primary_outcome,
)
from readerstudy.analysis.panels.panel import Panel, Wording, wording_of
from readerstudy.analysis.panels.registry import PANELS
from readerstudy.analysis.panels.signs import in_order, sides_of
from readerstudy.analysis.sections import OVERVIEW, SECTIONS, Section
from readerstudy.analysis.wording import NOT_ESTIMABLE, interval, p_clause, points
from readerstudy.studies.models import Study

FileKind = Literal["svg", "png", "pdf"]
logger = logging.getLogger(__name__)

OLDER = (
    "This analysis was stored by an older version and holds nothing here that can be "
    "shown. Compute it anew."
)
# What a result set of another shape makes a builder do.
_SHAPE = (KeyError, TypeError, ValueError, AttributeError, IndexError)
Context = dict[str, Any]
FIGURE_TYPES: dict[FileKind, str] = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "pdf": "application/pdf",
}


@dataclass(frozen=True)
class Entry:
    """A page in the navigation of the results."""

    title: str
    url: str
    is_current: bool
    is_empty: bool = False
    is_exploratory: bool = False


@dataclass(frozen=True)
class ShownFigure:
    """A figure by the addresses of its files, and its numbers as a sentence."""

    title: str
    description: str
    svg: str
    files: tuple[tuple[str, str], ...]
    panel: str


@dataclass(frozen=True)
class Verdict:
    """One comparison on the overview: the number, its interval, what follows."""

    title: str
    difference: str
    has_number: bool
    note: str
    sentences: tuple[str, ...]


def section_context(run: AnalysisRun, section: Section, *, newest: bool) -> Context:
    """Everything that the page of a section shows of a run."""
    wording = wording_of(run.study.protocol)
    built = _built(run, wording)
    is_empty = _is_empty(built[section.slug])
    context: Context = {
        "section": section,
        "panels": built[section.slug],
        "figures": [] if is_empty else _figures(run, section, wording),
        "is_empty": is_empty,
        "is_exploratory": _is_exploratory(built[section.slug]),
        "entries": _entries(run, built, section, newest=newest),
        "results": run.results,
    }
    if section is OVERVIEW:
        context |= _overview(run, wording)
        # That there is nothing to compare is said once, by the headline.
        context["panels"] = [panel for panel in built[section.slug] if panel.rows]
    return context


def navigation(study: Study) -> list[Entry]:
    """The results pages as seen from a page beside them, by the newest run."""
    run = AnalysisRun.objects.newest_of(study)
    if run is None:
        return []
    built = _built(run, wording_of(study.protocol))
    return _entries(run, built, None, newest=True)


def _built(run: AnalysisRun, wording: Wording) -> dict[str, list[Panel]]:
    return {each.slug: _panels(run, each, wording) for each in SECTIONS}


def section_url(run: AnalysisRun, slug: str, *, newest: bool) -> str:
    """The address of a section, of the newest run or of one of its own."""
    code = run.study.code
    if not newest:
        return reverse("analysis:run_section", args=[code, run.pk, slug])
    if slug == OVERVIEW.slug:
        return reverse("analysis:results", args=[code])
    return reverse("analysis:section", args=[code, slug])


def _entries(
    run: AnalysisRun,
    built: Mapping[str, list[Panel]],
    shown: Section | None,
    *,
    newest: bool,
) -> list[Entry]:
    return [
        Entry(
            title=each.title,
            url=section_url(run, each.slug, newest=newest),
            is_current=each is shown,
            is_empty=_is_empty(built[each.slug]),
            is_exploratory=_is_exploratory(built[each.slug]),
        )
        for each in SECTIONS
    ]


def _panels(run: AnalysisRun, section: Section, wording: Wording) -> list[Panel]:
    found: list[Panel] = []
    for name in section.panels:
        try:
            found += PANELS[name](run.results, wording)
        except _SHAPE:
            logger.info("run %s: panel %s is of another shape", run.pk, name)
            found.append(Panel(name, name.capitalize(), message=OLDER))
    return found


def figure_file(run: AnalysisRun, name: str, kind: str) -> bytes | None:
    """A figure of a run as a file; None where there is no such figure or file.

    matplotlib takes a second to load: it comes with the first figure.
    """
    from readerstudy.analysis.figures.registry import FIGURES

    figure = FIGURES.get(name)
    if figure is None:
        return None
    for known in FIGURE_TYPES:
        if known == kind:
            try:
                wording = wording_of(run.study.protocol)
                return figure.files(run.results, wording, known).get(known)
            except _SHAPE:
                logger.info("run %s: figure %s is of another shape", run.pk, name)
    return None


def _figures(run: AnalysisRun, section: Section, wording: Wording) -> list[ShownFigure]:
    """The figures of a section that have anything to show."""
    from readerstudy.analysis.figures.registry import FIGURES

    found = []
    for name in section.figures:
        figure = FIGURES[name]
        try:
            if figure.draw(run.results, wording) is None:
                continue
            description = figure.description(run.results, wording)
        except _SHAPE:
            logger.info("run %s: figure %s is of another shape", run.pk, name)
            continue
        files = tuple(
            (
                kind,
                reverse("analysis:figure", args=[run.study.code, run.pk, name, kind]),
            )
            for kind in FIGURE_TYPES
        )
        shown = ShownFigure(figure.title, description, files[0][1], files, figure.panel)
        found.append(shown)
    return found


def _is_empty(panels: list[Panel]) -> bool:
    """Whether no panel holds more than the sentence that there is nothing."""
    numbers = [row for panel in panels for row in panel.rows if row.kind != "message"]
    return not numbers


def _is_exploratory(panels: list[Panel]) -> bool:
    """Whether nothing with numbers on a page was planned."""
    shown = [panel for panel in panels if panel.rows]
    return bool(shown) and all(panel.is_exploratory for panel in shown)


def _overview(run: AnalysisRun, wording: Wording) -> Context:
    results = run.results
    try:
        return {
            "sentence": headline_sentence(results, wording),
            "verdicts": _verdicts(results, wording),
            "versions": dict(results.get("versions") or {}),
            "warnings": list(results.get("warnings") or []),
        }
    except _SHAPE:
        logger.info("run %s: the headline is of another shape", run.pk)
        return {"sentence": OLDER, "verdicts": [], "versions": {}, "warnings": []}


def _verdicts(results: Mapping[str, Any], wording: Wording) -> list[Verdict]:
    """Every comparison at the primary cut-point, those with the reference first."""
    cut = primary_outcome(results)
    compared = compared_at(results, cut) or results
    return [
        _verdict(pair, cut, results, wording)
        for pair in in_order(compared["pairs"], results)
    ]


def _verdict(
    pair: Mapping[str, Any], cut: str, results: Mapping[str, Any], wording: Wording
) -> Verdict:
    answer = answer_of(pair, cut, results)
    difference = points(answer["difference"])
    note = str(pair["message"] or answer.get("message") or "")
    if answer["p_value"] is not None and pair["status"] != "no_discordant_pairs":
        bounds = interval_of(answer)
        rough = "approximate " if bounds and answer.get("approximate") else ""
        found = (
            f"{rough}{level_of(answer)} CI {interval(bounds)}"
            if bounds
            else "no interval"
        )
        note = f"{found}; {p_clause(answer['p_value'])}"
    return Verdict(
        title=sides_of(pair, results).title(wording),
        difference=difference,
        has_number=difference != NOT_ESTIMABLE,
        note=note,
        sentences=tuple(margin_sentences(answer, wording))
        if "margin" in answer
        else (),
    )
