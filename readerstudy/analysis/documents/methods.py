"""The methods of a manuscript, as far as protocol and results know them.

Nothing is invented: a fact that is not known stands in square brackets for the authors.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import readerstudy
from readerstudy.analysis.documents.methods_analysis import analysis_sections
from readerstudy.analysis.documents.methods_deviations import (
    Deviations,
    deviation_paragraphs,
)
from readerstudy.analysis.documents.methods_reading import reading_sections
from readerstudy.analysis.panels.panel import Results, Wording

TITLE = "Methods (draft)"


@dataclass(frozen=True)
class Section:
    """A heading and its paragraphs."""

    heading: str
    paragraphs: tuple[str, ...]


def methods(
    results: Results, wording: Wording, deviations: Deviations = ()
) -> list[Section]:
    """The sections of the draft, in the order of a manuscript."""
    return [
        Section(heading, tuple(part for part in paragraphs if part))
        for heading, paragraphs in _all(results, wording, deviations)
        if any(paragraphs)
    ]


def _all(
    results: Results, wording: Wording, deviations: Deviations
) -> Iterator[tuple[str, list[str]]]:
    yield (
        TITLE,
        [
            f"Written by readerstudy {readerstudy.VERSION} from the protocol and the "
            "results. What they do not tell stands in square brackets; check every "
            "sentence before it is published."
        ],
    )
    yield from reading_sections(results, wording)
    yield from analysis_sections(results, wording)
    yield "Deviations from the protocol", deviation_paragraphs(deviations)


def markdown(results: Results, wording: Wording, deviations: Deviations = ()) -> str:
    """The draft as Markdown."""
    sections = methods(results, wording, deviations)
    return (
        "\n\n".join(
            "\n\n".join(
                (f"{'#' if first else '##'} {section.heading}", *section.paragraphs)
            )
            for first, section in zip(
                [True] + [False] * len(sections), sections, strict=False
            )
        )
        + "\n"
    )
