"""report.html: everything about a result set in one file to send to co-authors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from readerstudy.analysis.documents.methods import methods
from readerstudy.analysis.figures.registry import FIGURES, FigureKind
from readerstudy.analysis.panels.headline import headline_sentence
from readerstudy.analysis.panels.panel import (
    Panel,
    Results,
    Wording,
    is_exploratory,
)
from readerstudy.analysis.panels.registry import PANELS
from readerstudy.studies.protocol import canonical_json, sha256_of


@dataclass(frozen=True)
class Drawn:
    """A figure in the page: its kind, its SVG, what it shows in words."""

    kind: FigureKind
    svg: SafeString
    description: str
    is_exploratory: bool


@dataclass(frozen=True)
class Part:
    """A part of the report: panels, and the figures that show them."""

    panels: list[Panel]
    figures: list[Drawn]


def report_html(
    results: Results,
    wording: Wording,
    panels: Mapping[str, list[Panel]],
    figures: Mapping[str, bytes],
    *,
    reads_sha256: str = "",
    deviations: Sequence[Mapping[str, Any]] = (),
) -> bytes:
    """One page without scripts that needs no network; `figures` are SVG files by name.

    `panels` are built already, by the names of the registry.
    """
    protocol = wording.protocol
    page = {
        "results": results,
        "title": protocol.get("title") or "Reader study",
        "headline": headline_sentence(results, wording),
        "parts": [_part(name, panels, figures, results, wording) for name in PANELS],
        "methods": methods(results, wording, deviations),
        "deviations": deviations,
        "reads_sha256": reads_sha256,
        "protocol_sha256": sha256_of(canonical_json(protocol)) if protocol else "",
    }
    return render_to_string("analysis/report/report.html", page).encode()


def _part(
    name: str,
    panels: Mapping[str, list[Panel]],
    figures: Mapping[str, bytes],
    results: Results,
    wording: Wording,
) -> Part:
    drawn = [
        Drawn(
            kind=kind,
            svg=_inline(figures[kind.name]),
            description=kind.description(results, wording),
            is_exploratory=is_exploratory(results, kind.analysis),
        )
        for kind in FIGURES.values()
        if kind.panel == name and kind.name in figures
    ]
    return Part(panels[name], drawn)


def _inline(svg: bytes) -> SafeString:
    """An SVG file as part of a page: without the lines before its first tag.

    It was made by this program alone; every text in it is escaped there.
    """
    text = svg.decode()
    return mark_safe(text[text.index("<svg") :])  # noqa: S308
