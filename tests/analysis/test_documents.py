"""Tables, figures and the report as files that other programs open."""

import io
from xml.etree import ElementTree

import docx
import pytest
from PIL import Image

from readerstudy.analysis.documents.files import documents
from readerstudy.analysis.documents.latex import escaped
from readerstudy.analysis.documents.methods import markdown
from readerstudy.analysis.figures.registry import FIGURES
from readerstudy.analysis.panels.panel import wording_of
from readerstudy.analysis.panels.registry import PANELS
from readerstudy.analysis.statistics.planning.inputs import Inputs
from readerstudy.analysis.statistics.planning.plan import plan
from tests.analysis.test_panels import PROTOCOL, TWO_ARMS, crossed, results_of
from tests.statistics.tables import Read, rows


@pytest.fixture(scope="module")
def files():
    return documents(results_of(crossed(*TWO_ARMS)), PROTOCOL)


def test_every_figure_names_a_panel_and_is_there_in_three_kinds(files):
    assert {kind.panel for kind in FIGURES.values()} <= set(PANELS)
    for name in ("flow", "forest", "grades", "heat_map", "agreement"):
        root = ElementTree.fromstring(files[f"figures/{name}.svg"])
        assert root.attrib["role"] == "img"
        assert [child.tag.split("}")[1] for child in root][:2] == ["title", "desc"]
        image = Image.open(io.BytesIO(files[f"figures/{name}.png"]))
        assert round(image.info["dpi"][0]) == 300
        assert files[f"figures/{name}.pdf"].startswith(b"%PDF")


def test_text_of_a_figure_stays_text(files):
    assert b">CXR-LLaVA minus Ground truth</text>" in files["figures/forest.svg"]


def test_equal_results_make_equal_bytes(files):
    assert documents(results_of(crossed(*TWO_ARMS)), PROTOCOL) == files


def test_docx_holds_the_panels_as_tables(files):
    document = docx.Document(io.BytesIO(files["table5.docx"]))
    (table,) = document.tables
    assert [cell.text for cell in table.rows[0].cells][2:] == [
        "CXR-LLaVA, n (%)",
        "Ground truth, n (%)",
    ]
    assert document.core_properties.author == "readerstudy"
    assert len(docx.Document(io.BytesIO(files["tables.docx"])).tables) > 8


def test_latex_is_escaped_and_balanced(files):
    assert escaped("a_b & 5% \u2212 $x$ {c}") == ("a\\_b \\& 5\\% $-$ \\$x\\$ \\{c\\}")
    for name in ("table5.tex", "mrmc.tex", "agreement.tex"):
        text = files[name].decode()
        assert text.count("\\begin{table}") == text.count("\\end{table}") > 0
        assert "\\toprule" in text


def test_methods_leave_to_the_authors_what_is_not_known(files):
    text = files["methods.md"].decode()
    assert "[to be filled in by the authors: " in text
    assert "arm minus Ground truth" in text
    assert "36 complete rows" in text
    for invented in ("No report was repeated", "blinded", "one layout", "bounds with"):
        assert invented not in text
    assert "GEE" in text


def test_methods_tell_the_locked_protocol_and_the_plan_that_was_kept():
    size = plan(Inputs(readers=3, cases=12, margin_points=15))
    locked = PROTOCOL | {
        "allocation_sha256": "ab" * 32,
        "layout_version": 1,
        "seed": 42,
        "alpha": 0.05,
        "minimum_pair_distance": 20,
        "show_indication": True,
        "reading": {"presentation": "single", "washout_days": 14},
        "analysis": {"sample_size": size},
    }
    results = results_of(crossed(*TWO_ARMS)[1:], planned=("time",))
    text = markdown(results, wording_of(locked))
    for fact in (
        "Readers were blinded",
        "set in one layout (version 1)",
        "with seed 42",
        "At least 14 days",
        "at least 20 reads apart",
        "every reader was asked to grade every report",
        f"simulation of {size['replicates']} studies (seed {size['seed']})",
        f"{100 * size['power']['headline']['power']:.0f}% for the headline",
        "not worse by 15 points",
        "residual 33%",
        "bounds with every missing grade",
        "Planned, but without data: \u201cTime on task\u201d",
    ):
        assert fact in text, fact
    assert "reasoning behind" not in text
    assert "One comparison" in text


def test_methods_of_a_pairs_study_know_of_no_distance():
    rules = {"presentation": "pair", "washout_days": 0}
    locked = {"allocation_sha256": "ab" * 32, "seed": 1, "reading": rules}
    text = markdown(results_of(crossed(*TWO_ARMS)), wording_of(locked))
    assert "two reports of a radiograph side by side" in text
    assert "No wash-out in days was required." in text
    assert "apart" not in text


def test_methods_claim_no_model_where_none_could_be_fitted():
    reads = rows(*(f"R{r} C{c} DA" for r in (1, 2) for c in range(10)))
    text = markdown(results_of(reads), wording_of(None))
    assert "GEE" not in text
    assert "bounds" not in text


def test_the_report_is_one_file_that_needs_nothing_else(files):
    text = files["report.html"].decode()
    for word in ("<script", "<link", "src=", "@import", "url(http"):
        assert word not in text
    assert text.count("<svg") == text.count("</svg>") > 4
    assert "Headline rule max_fixed_random" in text


def test_names_that_are_code_elsewhere_stay_names():
    reads = rows("R1 C1 DA", "R1 C2 AB", "R2 C1 DA", "R2 C2 AA")
    label = '<b>$x_1$ & \\frac{a} "\x07'
    named = {"arms": [{"name": "model", "label": label}]}
    found = documents(results_of(reads), named)
    assert b"<b>$x" not in found["report.html"]
    ElementTree.fromstring(found["figures/grades.svg"])


def test_no_grades_make_documents_all_the_same():
    found = documents(results_of([]))
    assert b"No ratings" in found["report.html"]


def test_methods_tell_of_planned_readers_many_arms_and_what_nobody_could_assess():
    reads = [
        *crossed(*TWO_ARMS, "BBDAADDDABDA"),
        Read("R0", "C99", "model", None, extra={"cannot_assess_reason": "cut off"}),
    ]
    text = markdown(results_of(reads, inference="fixed"), wording_of(None))
    assert "The p values of the planned inference are not corrected." in text
    assert "The rule for the headline gave" not in text
    assert "In 1 read the reader could not assess." in text
    assert "All arms together were tested with the clustered Q" in text
    alone = markdown(results_of(rows("R1 C1 DAB", "R2 C1 DAA")), wording_of(None))
    assert "3 pairs of arms" in alone and "clustered Q" not in alone
