"""Scores of findings as files: JSON, long table, the paper's layout, a forest plot."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from readerstudy.analysis.documents.docx import docx
from readerstudy.analysis.documents.latex import latex
from readerstudy.analysis.figures.findings import figure_files
from readerstudy.analysis.figures.style import FILE_KINDS
from readerstudy.analysis.panels.findings import findings_panels, layout
from readerstudy.analysis.panels.findings_quoted import quoted
from readerstudy.analysis.panels.panel import Panel
from readerstudy.analysis.statistics.findings.long_table import (
    differences_csv,
    f1chexbert_csv,
    long_csv,
)
from readerstudy.csv_text import csv_text

TITLE = "Scores of findings"
FILES = (
    *("findings.json", "findings.csv", "findings.tex", "findings.docx"),
    *("table.csv", "table.tex", "table.docx", "differences.csv", "f1chexbert.csv"),
    *(f"figures/findings.{kind}" for kind in FILE_KINDS),
)


def finding_files(results: Mapping[str, Any]) -> dict[str, bytes]:
    """Every file of a scoring by its name; equal results make equal bytes.

    findings.json, findings.csv (the long table), findings.tex, findings.docx,
    table.csv (the paper's layout), differences.csv, f1chexbert.csv,
    figures/findings.svg, .png and .pdf (none of these where no label is included).
    """
    panels = findings_panels(results)
    paper = [layout(results), *quoted(results)]
    text = json.dumps(
        results, allow_nan=False, ensure_ascii=False, indent=1, sort_keys=True
    )
    figures = figure_files(results, *FILE_KINDS)
    return {
        "findings.json": f"{text}\n".encode(),
        "findings.csv": long_csv(results).encode(),
        "findings.tex": latex(panels).encode(),
        "findings.docx": docx(panels, title=TITLE, is_wide=True),
        "table.csv": _table_csv(paper[0]).encode(),
        "table.tex": latex(paper).encode(),
        "table.docx": docx(paper, title=TITLE),
        "differences.csv": differences_csv(results).encode(),
        "f1chexbert.csv": f1chexbert_csv(results).encode(),
        **{f"figures/findings.{kind}": made for kind, made in figures.items()},
    }


def write_files(results: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write the files of a scoring into a folder, which is made. Raises OSError.

    A file of FILES that this scoring has not, a figure of an earlier one, is removed.
    """
    written = []
    for name, content in finding_files(results).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        written.append(path)
    for name in FILES:
        if folder / name not in written:
            (folder / name).unlink(missing_ok=True)
    return written


def _table_csv(panel: Panel) -> str:
    rows = [dict(zip(panel.columns, row.cells, strict=True)) for row in panel.rows]
    return csv_text(panel.columns, rows)
