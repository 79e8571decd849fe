"""The level that the plan names is named where the answer is put into words."""

from pathlib import Path

import pytest

from readerstudy.analysis.documents.methods_analysis import analysis_sections
from readerstudy.analysis.panels.headline import headline_sentence, margin_sentences
from readerstudy.analysis.panels.panel import Wording
from readerstudy.analysis.statistics.design import Design
from readerstudy.analysis.statistics.reads_csv import read_csv
from readerstudy.analysis.statistics.results import result_set

TABLE_5 = Path(__file__).parents[1] / "statistics/vectors/v12_table5_typical.csv"
WORDS = Wording(protocol={"alpha": 0.1})


@pytest.fixture(scope="module")
def found():
    design = Design(
        arms=("model", "ground_truth"),
        reference="ground_truth",
        alpha=0.1,
        margin=0.1,
    )
    return result_set(read_csv(TABLE_5.read_text()), design).as_json()


def test_the_headline_names_the_level(found):
    assert "90% CI" in headline_sentence(found, WORDS)
    low = f"{100 * found['estimand']['ci'][0]:.1f}"
    assert low.lstrip("-") in margin_sentences(found["estimand"], WORDS)[0]


def test_the_methods_name_the_level(found):
    method = dict(analysis_sections(found, WORDS))["Primary analysis"][0]
    assert (
        "at 0.1; the interval of the main answer covers 90%, all others 95%" in method
    )
    assert "lower limit of the 90% interval (one-sided 5%)" in method
