"""Many readers and arms, and names as long as a title: the documents come all the same.

Figures draw what a page has room for and say so; the tables have everything.
"""

import io
import time
import warnings

import pytest
from django.core.management import call_command

from readerstudy.analysis.documents.files import documents
from readerstudy.analysis.figures.registry import FIGURES
from readerstudy.analysis.figures.style import short
from readerstudy.analysis.panels.panel import wording_of
from readerstudy.analysis.services import results_of_csv
from readerstudy.analysis.statistics.design import Design


def reads_of(readers: int, cases: int, arms: list[str]) -> str:
    grades = "ABCDADBC"
    return "reader,case,arm,grade,stratum\n" + "".join(
        f"R{reader},C{case},{arm},{grades[(5 * reader + 3 * case + place) % 7]},"
        f"kind {case % 20}\n"
        for reader in range(readers)
        for case in range(cases)
        for place, arm in enumerate(arms)
    )


@pytest.fixture(scope="module")
def many():
    """40 readers, 20 strata, 8 arms: 28 comparisons."""
    text = reads_of(40, 20, [f"model {n}" for n in range(8)])
    return results_of_csv(text, Design()).as_json()


def texts(name: str, results) -> str:
    figure = FIGURES[name].draw(results, wording_of(None))
    (axes,) = figure.axes
    return f"{axes.get_title(loc='left')} {axes.get_xlabel()}"


def test_figures_draw_what_a_page_takes_and_say_so(many):
    assert "28 of 40 readers are shown" in texts("heat_map", many)
    assert "20 of 108 answers are shown" in texts("forest", many)
    assert "16 of 20 groups are shown" in texts("strata", many)
    (axes,) = FIGURES["grades"].draw(many, wording_of(None)).axes
    assert len(axes.get_yticks()) == 8


def test_documents_of_many_readers_and_arms_do_not_take_forever(many):
    began = time.process_time()
    files = documents(many)
    assert time.process_time() - began < 30
    assert b"R39" in files["report.html"]


def test_long_names_are_cut_in_figures_alone_and_nothing_is_warned_of(tmp_path):
    arms = [f"model {n} {'x' * 390} end {n}" for n in range(4)]
    reads = tmp_path / "reads.csv"
    reads.write_text(reads_of(2, 6, arms).replace("kind", "k" * 200))
    said = io.StringIO()
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        call_command(
            "analyse_reads",
            str(reads),
            "--out",
            str(tmp_path / "out"),
            stdout=io.StringIO(),
            stderr=said,
        )
    drawn = (tmp_path / "out" / "figures" / "heat_map.svg").read_text()
    assert all(f"end {n}" in drawn for n in range(4))
    assert arms[0] in (tmp_path / "out" / "report.html").read_text()


def test_a_name_is_cut_in_its_middle():
    assert short("model") == "model"
    assert short("a" * 40 + "9") == "a" * 21 + "\u2026" + "a" * 9 + "9"
    assert len(short("b" * 500)) == 32
