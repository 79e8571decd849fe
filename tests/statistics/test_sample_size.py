"""A plan worked out: its numbers, its sentences, and that it is the same again."""

import json
from dataclasses import replace

import pytest

from readerstudy.analysis.statistics.planning.designs import (
    ONE_REPORT,
    SPLIT_PLOT,
    Layout,
)
from readerstudy.analysis.statistics.planning.inputs import Inputs, Shares
from readerstudy.analysis.statistics.planning.latent import Latent
from readerstudy.analysis.statistics.planning.plan import cases_around, plan
from readerstudy.analysis.statistics.planning.power import power_without_end

SEED_DESIGN = Inputs(readers=3, cases=50)


@pytest.fixture(scope="module")
def of_the_paper():
    return plan(SEED_DESIGN)


def said(inputs):
    return " ".join(plan(inputs)["sentences"])


def test_the_same_plan_gives_the_same_json(of_the_paper):
    text = json.dumps(of_the_paper, allow_nan=False)
    assert json.loads(text) == json.loads(json.dumps(plan(SEED_DESIGN)))


def test_the_design_of_the_paper_is_weak(of_the_paper):
    found = of_the_paper["power"]
    assert found["fixed"]["power"] == pytest.approx(0.57, abs=0.06)
    assert found["random"]["power"] == pytest.approx(0.32, abs=0.06)
    assert found["headline"]["se"] < 0.02
    text = " ".join(of_the_paper["sentences"])
    assert "With 3 readers no number of cases lets you speak of other readers" in text
    assert "It is reached with 5 readers and 300 cases or 8 readers" in text
    assert "Each reader grades up to 100 reports." in text


def test_the_table_holds_the_numbers_chosen_and_those_around(of_the_paper):
    sizes = [(row["readers"], row["cases"]) for row in of_the_paper["table"]]
    assert sizes == [(r, c) for r in (3, 5, 8) for c in (50, 100, 150, 200, 300)]
    odd = plan(Inputs(readers=4, cases=120))
    assert (4, 120) in {(row["readers"], row["cases"]) for row in odd["table"]}


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (50, [50, 100, 150, 200, 300]),
        (60, [50, 60, 100, 150, 200, 300]),
        (400, [100, 150, 200, 300, 400, 500, 1000]),
        (2000, [200, 300, 500, 1000, 2000]),
    ],
)
def test_cases_around_the_number_chosen(chosen, expected):
    found = cases_around(chosen)
    assert chosen in found
    assert set(expected) >= set(found) - {chosen}


def test_no_number_of_cases_makes_up_for_few_readers():
    latent = Latent((0.84, 0.727))
    three, eight = (power_without_end(latent, readers=each) for each in (3, 8))
    assert three.power < 0.5
    assert eight.power > 0.95
    alike = Latent((0.84, 0.727), Shares(reader_by_arm=0, reader=0))
    assert power_without_end(alike, readers=3).power == pytest.approx(1, abs=0.01)


def test_one_report_per_radiograph_says_that_there_is_no_headline():
    inputs = Inputs(readers=4, cases=60, layout=Layout(ONE_REPORT))
    found = plan(inputs)
    assert found["power"].keys() == {"all_rows"}
    text = " ".join(found["sentences"])
    assert "Cochran's Q and the headline cannot be computed" in text
    assert "Each reader grades up to 60 reports." in text


def test_a_split_plot_speaks_of_these_readers_alone():
    inputs = Inputs(readers=4, cases=60, layout=Layout(SPLIT_PLOT, 2, 10))
    found = plan(inputs)
    assert found["power"].keys() == {"fixed", "headline"}
    # Ten anchors and half of the others, in two arms.
    assert found["reads_per_reader"] == 2 * (10 + 25)
    assert "not fully crossed" in " ".join(found["sentences"])


def test_a_split_plot_needs_readers_in_every_group():
    with pytest.raises(ValueError, match="Every group"):
        plan(Inputs(readers=2, cases=60, layout=Layout(SPLIT_PLOT, 3)))


def test_a_margin_asks_another_question():
    inputs = replace(SEED_DESIGN, rate=0.8, reference_rate=0.8, margin_points=10.0)
    assert "not worse by 10 points" in said(inputs)


def test_one_reader_and_many_arms_are_spoken_of():
    text = said(Inputs(readers=1, cases=8, arms=3))
    assert "One reader: no inference to other readers." in text
    assert "Holm" in text
    assert "fewer than ten cases" in text


@pytest.mark.parametrize(
    ("inference", "words"),
    [
        ("headline", "in the headline"),
        ("fixed", "for these readers"),
        ("random", "for readers like these"),
    ],
)
def test_the_power_that_is_said_first_is_that_of_the_planned_answer(inference, words):
    found = plan(replace(SEED_DESIGN, inference=inference))
    power = f"{100 * found['power'][inference]['power']:.0f} of 100 studies"
    first = found["sentences"][0]
    assert power in first
    assert first.partition(";")[0].endswith(words)
    half = found["power"][inference]["half_width"]
    assert f"{100 * half:.1f} points to either side" in found["sentences"][1]


def test_a_design_that_cannot_give_the_planned_answer_says_so():
    inputs = Inputs(readers=4, cases=60, layout=Layout(SPLIT_PLOT, 2, 10))
    text = said(replace(inputs, inference="random"))
    assert "the answer for readers like these, which this design cannot give" in text


def test_a_large_difference_is_found_by_nearly_all():
    text = said(Inputs(readers=8, cases=100, rate=0.3, reference_rate=0.95))
    assert "nearly all of 100 studies with 8 readers and 100 cases would" in text
    assert "is reached with" not in text
    assert "no number of cases lets you speak" not in text


def test_where_there_is_no_difference_some_studies_still_seem_to_show_one():
    text = said(Inputs(readers=3, cases=50, rate=0.8, reference_rate=0.8))
    assert "Where there is no difference" in text
    assert "still seem to show one" in text


def test_where_reads_hardly_differ_no_interval_is_to_be_expected():
    always = 1 - 1e-12
    text = said(Inputs(readers=3, cases=2, rate=always, reference_rate=always))
    assert "No interval is to be expected: too few reads would differ." in text
