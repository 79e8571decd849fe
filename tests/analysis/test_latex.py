"""Anya sets the tables in her manuscript: LaTeX itself does, without a complaint."""

import re
import subprocess

import pytest

from inference.chexpert import FINDINGS
from readerstudy.analysis.documents.files import documents
from readerstudy.analysis.documents.findings import finding_files
from readerstudy.analysis.services import results_of_csv
from readerstudy.analysis.statistics.design import Design
from readerstudy.analysis.statistics.findings import PUBLISHED, ScoreSettings, score
from tests.analysis.test_many_and_long import reads_of
from tests.analysis.test_panels import PROTOCOL, TWO_ARMS, crossed, results_of
from tests.statistics.findings.tables import table

pytestmark = pytest.mark.latex
MANUSCRIPT = r"""\documentclass[%s]{article}
\usepackage[utf8]{inputenc}
\usepackage{booktabs,array}
\begin{document}
\input{%s}
\end{document}
"""
# So many points over the margin are not seen.
UNSEEN = 1.0
PAPERS = ("a4paper", "letterpaper")


def complaints(content: bytes, folder) -> list[str]:
    """What LaTeX has to say against tables, with the margins of a plain article."""
    (folder / "table.tex").write_bytes(content)
    return [said for paper in PAPERS for said in complaints_on(paper, folder)]


def complaints_on(paper: str, folder) -> list[str]:
    """Errors, and lines beyond the margin."""
    (folder / "manuscript.tex").write_text(MANUSCRIPT % (paper, "table"))
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "manuscript.tex"],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    said = done.stdout.decode(errors="replace")
    wide = re.findall(r"^Overfull .hbox \(([\d.]+)pt.*", said, re.MULTILINE)
    errors = re.findall(r"^!.*", said, re.MULTILINE)
    errors += re.findall(r"Float too large for page by [\d.]+pt", said)
    return errors + [f"{each} pt too wide" for each in wide if float(each) > UNSEEN]


def test_the_tables_of_a_study(tmp_path):
    files = documents(results_of(crossed(*TWO_ARMS)), PROTOCOL)
    tables = {name: text for name, text in files.items() if name.endswith(".tex")}
    assert len(tables) == 3
    said = {name: complaints(text, tmp_path) for name, text in tables.items()}
    assert said == {key: [] for key in tables}


def test_the_tables_of_a_study_of_many_arms_and_readers(tmp_path):
    arms = [f"model {number}" for number in range(8)]
    results = results_of_csv(reads_of(40, 6, arms), Design()).as_json()
    files = documents(results)
    for name in ("table5.tex", "mrmc.tex", "agreement.tex"):
        assert complaints(files[name], tmp_path) == [], name


def compared(models: list[str], readers: list[str]) -> dict[str, bytes]:
    """The LaTeX files of a comparison of so many, each beside the paper's tables."""
    rows = [[float((study + k) % 3 == 0) for k in range(14)] for study in range(12)]
    predicted = {
        name: table(name, rows[place:] + rows[:place])
        for place, name in enumerate([*models, *readers])
    }
    results = score(
        table("r", rows),
        predicted,
        ScoreSettings(draws=20, permutations=20),
        readers=readers,
        published=list(PUBLISHED),
    )
    assert len(FINDINGS) == 14
    files = finding_files(results)
    return {each: text for each, text in files.items() if each.endswith(".tex")}


@pytest.mark.parametrize("name", ["a model", "50% & more_models #1 $x$ {y} ~^ \\é"])
def test_the_tables_of_findings_whatever_a_model_is_called(tmp_path, name):
    tables = compared([name, "another"], [])
    assert set(tables) == {"findings.tex", "table.tex"}
    said = {each: complaints(text, tmp_path) for each, text in tables.items()}
    assert said == {key: [] for key in tables}


@pytest.mark.parametrize(
    ("models", "readers"),
    [
        (["cxr_llava"], []),
        (["cxr_llava", "MAIRA-2-of-the-second-round"], []),
        (["cxr_llava"], ["Rosa", "Ruth"]),
        (["a" * 60], ["Radiologist WWWWWWWWWW", "Ruth", "Rahel", "Rita"]),
    ],
    ids=["1 column", "2 columns", "4 columns", "6 columns"],
)
def test_the_tables_of_so_many_columns_fit_a_plain_article(tmp_path, models, readers):
    for name, text in compared(models, readers).items():
        assert complaints(text, tmp_path) == [], name


def test_every_column_of_a_table_in_parts_is_there_once(tmp_path):
    readers = ["Rosa", "Ruth", "Rahel", "Rita"]
    text = compared(["cxr_llava"], readers)["table.tex"].decode()
    ours = [each for each in text.split("\\begin{table}") if "of each finding" in each]
    heads = [re.search(r"toprule\n(.*) \\\\", each).group(1) for each in ours]
    columns = [column for head in heads for column in head.split(" & ")[1:]]
    mean = "\\shortstack[r]{mean of 4 \\\\ readers}"
    assert columns == ["cxr\\_llava", *readers, mean]
    assert all("Cardiomegaly" in each for each in ours)
    captions = re.findall(r"caption\{(.*?)\}\n", "".join(ours))
    assert captions[-1].endswith(f"part {len(ours)} of {len(ours)}")
