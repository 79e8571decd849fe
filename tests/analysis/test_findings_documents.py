"""Scores of findings as tables and as a figure: what stands where a number can't."""

import io

import pytest
from docx import Document

from inference.chexpert import FINDINGS
from readerstudy.analysis.documents.findings import finding_files
from readerstudy.analysis.figures.findings import description, findings_figure
from readerstudy.analysis.panels.findings import findings_panels, layout
from readerstudy.analysis.panels.score_text import value_text
from readerstudy.analysis.statistics.findings import PUBLISHED, ScoreSettings, score
from readerstudy.analysis.statistics.findings.groups import FIVE
from tests.statistics.findings.tables import table

QUICK = ScoreSettings(draws=20, permutations=20)
TRUTH = [
    [float((study + place) % 3 == 0) for place in range(14)] for study in range(12)
]


@pytest.fixture
def results():
    """A model of all labels, one of five that never sees edema, and quoted rows."""
    blind = [list(row) for row in TRUTH]
    for row in blind:
        row[FINDINGS.index("Edema")] = 0.0
    return score(
        table("r", TRUTH),
        {"all": table("a", TRUTH), "five": table("b", blind, present=FIVE)},
        QUICK,
        published=list(PUBLISHED),
    )


def test_a_score_is_printed_as_the_paper_prints_it():
    assert value_text(0.6249, [0.5651, 0.649]) == "0.62 (0.57, 0.65)"
    assert value_text(0.5, None) == "0.50"
    assert value_text(None, None) == "undefined"
    assert value_text(-0.001, [-0.02, 0.01]) == "0.00 (\u22120.02, 0.01)"


def test_what_a_model_has_no_column_for_is_not_applicable(results):
    rows = {row.cells[0]: row.cells[1:] for row in layout(results).rows}
    assert rows["Fracture"] == ("1.00 (1.00, 1.00)", "N/A")
    assert rows["Edema"][1] == "0.00 (0.00, 0.00)"
    assert rows["Macro average, 14 included labels"][1] == "N/A"
    assert rows["Macro average, 5 CheXpert competition labels"][1].startswith("0.80 (")


def test_labels_left_out_for_one_reason_are_named_together():
    shown = ("Edema", "Fracture")
    reference = table("files/truth.csv", TRUTH, present=shown)
    notes = layout(score(reference, {"m": table("m", TRUTH)}, QUICK)).notes
    (told,) = [note for note in notes if note.startswith("Not averaged.")]
    assert told.startswith("Not averaged. No Finding, Enlarged Cardiomediastinum, ")
    assert told.endswith("Support Devices: The reference has no column for it.")
    assert not any("truth.csv" in note for note in notes)


def test_another_score_has_the_same_layout(results):
    panel = layout(results, "precision")
    rows = {row.cells[0]: row.cells[1:] for row in panel.rows}
    assert panel.title == "Precision of each finding (95% CI)"
    assert rows["Edema"][1] == "undefined"


def test_quoted_tables_say_that_they_are_and_what_their_average_is(results):
    panels = {panel.name: panel for panel in findings_panels(results)}
    quoted = panels["findings_quoted_table3"]
    rows = {row.cells[0]: row.cells[1:] for row in quoted.rows}
    assert rows["Average printed, 5 labels"][0] == "0.57 (0.54, 0.59)"
    assert rows["Average printed, 7 labels"][3:] == ("N/A", "N/A")
    assert quoted.notes[0].startswith("Quoted, not computed here. Source: Lee S,")
    assert (
        "Average of CXR-LLaVA, GPT-4-vision, Gemini-Pro-Vision: micro."
        in (quoted.notes[1])
    )
    assert "Average of CheXzero, Human radiologists: macro." in quoted.notes[2]


def test_every_table_is_in_the_document(results):
    document = Document(io.BytesIO(finding_files(results)["findings.docx"]))
    assert len(document.tables) == len(findings_panels(results))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "Averages are of unlike kinds" in text


def test_the_figure_tells_its_numbers(results):
    assert findings_figure(results) is not None
    told = description(results)
    assert "Edema: all 1.00 (1.00, 1.00); five 0.00 (0.00, 0.00)." in told
    svg = finding_files(results)["figures/findings.svg"].decode()
    assert "<title" in svg and "Pleural Effusion" in svg


def test_a_figure_of_many_models_says_what_it_leaves_out():
    models = {f"model {number}": table("m", TRUTH) for number in range(8)}
    results = score(table("r", TRUTH), models, ScoreSettings(draws=5, permutations=0))
    svg = finding_files(results)["figures/findings.svg"].decode()
    assert "7 of 20 rows are shown; the tables have all of them." in svg


def test_without_an_included_label_there_is_a_sentence_and_no_figure():
    results = score(
        table("r", TRUTH), {"m": table("m", TRUTH)}, ScoreSettings(minimum_count=50)
    )
    files = finding_files(results)
    assert not any(name.startswith("figures/") for name in files)
    assert layout(results).message.startswith("No label is left for an average")
    assert b"No label is left for an average" in files["table.tex"]
