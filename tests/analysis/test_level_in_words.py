"""The level that the plan names is named where the answer is put into words."""

from pathlib import Path

import pytest

from readerstudy.analysis.documents.methods_analysis import analysis_sections
from readerstudy.analysis.figures.estimates import sections
from readerstudy.analysis.figures.forest import description, draw
from readerstudy.analysis.panels.exclusions import exclusions
from readerstudy.analysis.panels.headline import headline_sentence, margin_sentences
from readerstudy.analysis.panels.panel import Wording
from readerstudy.analysis.statistics.design import Design
from readerstudy.analysis.statistics.reads_csv import read_csv
from readerstudy.analysis.statistics.results import result_set
from readerstudy.analysis.wording import interval

TABLE_5 = Path(__file__).parents[1] / "statistics/vectors/v12_table5_typical.csv"
ARMS = ("model", "ground_truth")
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


def results(**plan):
    design = Design(arms=ARMS, reference="ground_truth", **plan)
    return result_set(read_csv(TABLE_5.read_text()), design).as_json()


@pytest.mark.parametrize("alpha", [0.05, 0.1])
def test_the_figure_draws_the_interval_that_the_verdict_goes_by(alpha):
    found = results(alpha=alpha, margin=0.2)
    (section,) = sections(found, Wording())
    drawn = section.estimates[0]
    assert [drawn.low, drawn.high] == pytest.approx(found["estimand"]["ci"])
    level = "95% CI" if alpha == 0.05 else "90% CI of the planned answer, 95% of others"
    assert level in draw(found, Wording()).axes[0].get_xlabel()
    assert f"({level})" in description(found, Wording())


def test_the_table_of_exclusions_has_the_interval_of_the_verdict():
    head, first, *rest = TABLE_5.read_text().splitlines()
    text = "\n".join([f"{head},included", f"{first},0", *(f"{row},1" for row in rest)])
    design = Design(arms=ARMS, reference="ground_truth", alpha=0.1)
    found = result_set(read_csv(text), design).as_json()
    (panel,) = exclusions(found, Wording())
    assert "90% CI, points" in panel.columns
    assert panel.rows[0].cells[3] == interval(found["estimand"]["ci"])
