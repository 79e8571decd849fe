"""Every document of a result set, by the name of its file."""

from collections.abc import Mapping, Sequence
from typing import Any

from readerstudy.analysis.documents.docx import docx
from readerstudy.analysis.documents.latex import latex
from readerstudy.analysis.documents.methods import markdown
from readerstudy.analysis.documents.report_html import report_html
from readerstudy.analysis.figures.registry import FIGURES
from readerstudy.analysis.figures.style import FILE_KINDS
from readerstudy.analysis.panels.panel import Results, wording_of
from readerstudy.analysis.panels.registry import PANELS

_LATEX = ("table5", "mrmc", "agreement")


def documents(
    results: Results,
    protocol: Mapping[str, Any] | None = None,
    *,
    reads_sha256: str = "",
    deviations: Sequence[Mapping[str, Any]] = (),
) -> dict[str, bytes]:
    """Tables, figures, methods and report as bytes; equal results make equal bytes.

    `protocol` gives arms their labels, grades their meaning and the methods their
    facts; `reads_sha256` is the hash of the reads, for the report; `deviations` are
    rows of deviations.csv.
    """
    wording = wording_of(protocol)
    panels = {name: build(results, wording) for name, build in PANELS.items()}
    title = str(wording.protocol.get("title") or "Reader study")
    files = {f"{name}.tex": latex(panels[name]).encode() for name in _LATEX}
    files["table5.docx"] = docx(panels["table5"], title=title)
    every = [panel for built in panels.values() for panel in built]
    files["tables.docx"] = docx(every, title=title, is_wide=True)
    files["methods.md"] = markdown(results, wording, deviations).encode()
    figures = {
        name: kind.files(results, wording, *FILE_KINDS)
        for name, kind in FIGURES.items()
    }
    drawings = {name: made["svg"] for name, made in figures.items() if made}
    files["report.html"] = report_html(
        results,
        wording,
        panels,
        drawings,
        reads_sha256=reads_sha256,
        deviations=deviations,
    )
    for name, made in figures.items():
        files |= {f"figures/{name}.{kind}": content for kind, content in made.items()}
    return files
