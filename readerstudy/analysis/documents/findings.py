"""Scores of findings as files: JSON, long table, the paper's layout, a forest plot."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any


def finding_files(results: Mapping[str, Any]) -> dict[str, bytes]:
    """Every file of a scoring by its name; equal results make equal bytes.

    findings.json, findings.csv (the long table), findings.tex, findings.docx,
    table.csv (the paper's layout), differences.csv, f1chexbert.csv,
    figures/findings.svg, .png and .pdf.
    """
    raise NotImplementedError


def write_files(results: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write the files of a scoring into a folder, which is made. Raises OSError."""
    raise NotImplementedError
