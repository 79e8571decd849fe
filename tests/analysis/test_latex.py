"""Anya sets the tables in her manuscript: LaTeX itself does, without a complaint."""

import re
import subprocess

import pytest

from inference.chexpert import FINDINGS
from readerstudy.analysis.documents.files import documents
from readerstudy.analysis.documents.findings import finding_files
from readerstudy.analysis.statistics.findings import PUBLISHED, ScoreSettings, score
from tests.analysis.test_panels import PROTOCOL, TWO_ARMS, crossed, results_of
from tests.statistics.findings.tables import table

pytestmark = pytest.mark.latex
MANUSCRIPT = r"""\documentclass{article}
\usepackage[utf8]{inputenc}
\usepackage[margin=2cm]{geometry}
\usepackage{booktabs,array}
\begin{document}
\input{%s}
\end{document}
"""
# So many points over the margin are not seen.
UNSEEN = 20.0


def complaints(content: bytes, folder) -> list[str]:
    """What LaTeX has to say against a table: errors, and lines beyond the margin."""
    (folder / "table.tex").write_bytes(content)
    (folder / "manuscript.tex").write_text(MANUSCRIPT % "table")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "manuscript.tex"],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    said = done.stdout.decode(errors="replace")
    wide = re.findall(r"^Overfull .hbox \(([\d.]+)pt.*", said, re.MULTILINE)
    errors = re.findall(r"^!.*", said, re.MULTILINE)
    return errors + [f"{each} pt too wide" for each in wide if float(each) > UNSEEN]


def test_the_tables_of_a_study(tmp_path):
    files = documents(results_of(crossed(*TWO_ARMS)), PROTOCOL)
    tables = {name: text for name, text in files.items() if name.endswith(".tex")}
    assert len(tables) == 3
    said = {name: complaints(text, tmp_path) for name, text in tables.items()}
    assert said == {key: [] for key in tables}


@pytest.mark.parametrize("name", ["a model", "50% & more_models #1 $x$ {y} ~^ \\é"])
def test_the_tables_of_findings_whatever_a_model_is_called(tmp_path, name):
    rows = [[float((study + k) % 3 == 0) for k in range(14)] for study in range(12)]
    results = score(
        table("r", rows),
        {name: table("a", rows), "another": table("b", rows[::-1])},
        ScoreSettings(draws=20, permutations=20),
        published=list(PUBLISHED),
    )
    assert len(FINDINGS) == 14
    files = finding_files(results)
    tables = {each: text for each, text in files.items() if each.endswith(".tex")}
    assert set(tables) == {"findings.tex", "table.tex"}
    said = {each: complaints(text, tmp_path) for each, text in tables.items()}
    assert said == {key: [] for key in tables}
