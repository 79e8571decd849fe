"""What figures draw is what the result set holds."""

import copy
from typing import Any

import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from readerstudy.analysis.figures.power import Curve, power_curves
from readerstudy.analysis.figures.registry import FIGURES
from readerstudy.analysis.figures.style import shade
from readerstudy.analysis.panels.panel import wording_of
from tests.analysis.test_panels import TWO_ARMS, WORDING, crossed, results_of
from tests.statistics.tables import Read


def axes_of(name: str, results: dict[str, Any]) -> Axes:
    figure = FIGURES[name].draw(results, WORDING)
    assert figure is not None
    (axes,) = figure.axes
    return axes


def lines_of(axes: Axes) -> list[tuple[list[float], list[float]]]:
    return [
        (list(map(float, line.get_xdata())), list(map(float, line.get_ydata())))
        for line in axes.lines
    ]


def bars_of(axes: Axes) -> list[Rectangle]:
    return [patch for patch in axes.patches if isinstance(patch, Rectangle)]


def turned(bounds: list[float]) -> list[float]:
    """The interval of the first minus the second arm, in points."""
    return [-100 * bounds[1], -100 * bounds[0]]


@pytest.mark.parametrize("outcome", ["success", "stringent"])
def test_the_forest_draws_every_difference_at_the_primary_cut_point(outcome):
    reads = crossed("BDDDAADDDDDA", TWO_ARMS[1])
    results = results_of(reads, margin=0.2, outcome=outcome)
    compared = results if outcome == "success" else results["stringent"]
    (pair,) = compared["pairs"]
    drawn = lines_of(axes_of("forest", results))
    spans = [spots for spots, heights in drawn if len(spots) == 2]
    points = [spots[0] for spots, _ in drawn if len(spots) == 1]
    expected = [
        pair["headline"]["ci95"],
        pair["fixed_readers"]["ci95"],
        pair["random_readers"]["ci95"],
        pair["newcombe_ci95"],
        *(line["newcombe_ci95"] for line in results["readers"][0]["readers"]),
    ]
    for bounds in expected:
        low, high = turned(bounds)
        near = pytest.approx([max(low, -100), min(high, 100)])
        assert any(span == near for span in spans), bounds
    assert points[:4] == pytest.approx([-100 * pair["difference"]] * 4)
    assert [-20.0, -20.0] in [pytest.approx(span) for span in spans]


def test_the_margin_stands_beside_comparisons_with_the_reference_alone():
    reads = crossed(*TWO_ARMS, "BBDAADDDABDA")
    axes = axes_of("forest", results_of(reads, margin=0.2))
    (margin,) = [line for line in axes.lines if line.get_label() == "margin"]
    names = [label.get_text() for label in axes.get_yticklabels()]
    last = names.index("third minus CXR-LLaVA")
    assert margin.get_ydata()[1] < last


def test_the_heat_map_prints_and_colours_the_rate_of_every_cell():
    results = results_of(crossed(*TWO_ARMS))
    axes = axes_of("heat_map", results)
    readers = [label.get_text() for label in axes.get_yticklabels()]
    printed = {
        (round(text.get_position()[0] - 0.5), round(text.get_position()[1] - 0.5)): text
        for text in axes.texts
    }
    arms = results["design"]["arms"]
    values = axes.collections[0].get_array().reshape(len(readers), len(arms))
    for row in results["by_reader"]:
        place = arms.index(row["arm"]), readers.index(row["reader"])
        assert printed[place].get_text() == f"{100 * row['success_rate']:.1f}"
        assert values[place[1], place[0]] == pytest.approx(row["success_rate"])
    assert len(printed) == len(results["by_reader"])


def test_the_time_figure_draws_quartiles_median_and_mean(all_asked):
    axes = axes_of("time", all_asked)
    by_arm = all_asked["time"]["by_arm"]
    for bar, line in zip(bars_of(axes), by_arm, strict=True):
        assert bar.get_x() == pytest.approx(line["q1"])
        assert bar.get_x() + bar.get_width() == pytest.approx(line["q3"])
    spots = [spots for spots, _ in lines_of(axes)]
    for line in by_arm:
        assert [line["median"]] * 2 in [pytest.approx(each) for each in spots]
        assert [line["geometric_mean"]] in [pytest.approx(each) for each in spots]
    assert [text.get_text() for text in axes.texts] == [
        f"median {line['median']:.1f} s" for line in by_arm
    ]
    assert axes.get_xlim()[0] == 0


def test_the_figure_of_errors_draws_shares_with_intervals(all_asked):
    axes = axes_of("errors", all_asked)
    categories = [label.get_text() for label in axes.get_yticklabels()]
    assert categories == ["Omission", "Clinically significant"]
    rows = all_asked["errors"]["by_arm"]
    spans = [spots for spots, _ in lines_of(axes)]
    for place, arm in enumerate(all_asked["design"]["arms"]):
        own = [row for row in rows if row["arm"] == arm]
        bars = [
            bar for bar in bars_of(axes) if to_hex(bar.get_facecolor()) == shade(place)
        ]
        widths = [bar.get_width() for bar in sorted(bars, key=Rectangle.get_y)]
        assert widths == pytest.approx([100 * row["share"] for row in own])
        for row in own:
            bounds = [100 * limit for limit in row["share_ci95"]]
            assert bounds in [pytest.approx(span) for span in spans]


def test_the_figure_of_preferences_draws_counts_and_prints_the_share(pairs_study):
    axes = axes_of("preference", pairs_study)
    widths = [bar.get_width() for bar in bars_of(axes)]
    assert widths == pytest.approx([100 * n / 36 for n in (9, 12, 15)])
    assert any("in 37.5% (" in text.get_text() for text in axes.texts)


def test_sessions_are_drawn_at_the_primary_cut_point(all_asked):
    axes = axes_of("learning", all_asked)
    periods = all_asked["learning"]["periods"]
    markers = [line for line in axes.lines if line.get_marker() != "None"]
    drawn = sorted(float(y) for line in markers for y in line.get_ydata())
    rates = sorted(100 * row["success_rate"] for row in periods)
    assert drawn == pytest.approx(rates)
    assert axes.get_ylabel() == "Success (A or B), % (95% CI)"


@pytest.mark.parametrize("name", FIGURES)
def test_without_grades_no_figure_is_drawn_but_the_flow_and_each_says_why(name):
    results = results_of([])
    told = FIGURES[name].description(results, WORDING)
    assert told.endswith(".") and "None" not in told
    is_drawn = FIGURES[name].draw(results, WORDING) is not None
    assert is_drawn == (name == "flow")


def test_the_words_of_the_figure_of_preferences_count_every_answer(pairs_study):
    told = FIGURES["preference"].description(pairs_study, WORDING)
    (pair,) = pairs_study["preference"]["pairs"]
    assert f"CXR-LLaVA preferred {pair['prefer_first']} (" in told
    assert f"equal {pair['equal']} (" in told
    assert told.endswith("of the pairs with a preference.")


def test_where_every_pair_is_equal_the_figure_says_that_there_is_no_share():
    equal = [
        Read("R1", f"C{case}", arm, "A", extra={"preference": "equal"})
        for case in range(4)
        for arm in ("model", "reference")
    ]
    results = results_of(equal)
    axes = axes_of("preference", results)
    words = [each.get_text() for each in axes.texts]
    assert "4" in words and "0" not in words
    told = FIGURES["preference"].description(results, WORDING)
    assert told.endswith(
        "equal 4 (100.0%), Ground truth preferred 0 (0.0%) of 4 "
        "pairs; No share: the reports were always taken for equal."
    )


def test_the_first_of_two_arms_keeps_its_side_where_the_other_is_the_reference(
    pairs_study,
):
    turned = copy.deepcopy(pairs_study)
    turned["plan"]["reference"] = "model"
    words = [each.get_text() for each in axes_of("preference", turned).texts]
    assert words.index("Ground truth preferred") < words.index("CXR-LLaVA preferred")


def test_a_share_of_errors_without_an_interval_is_a_bar_alone(all_asked):
    results = copy.deepcopy(all_asked)
    drawn = len(axes_of("errors", results).lines)
    results["errors"]["by_arm"][0]["share_ci95"] = None
    assert len(axes_of("errors", results).lines) == drawn - 2


def test_a_rate_that_is_not_known_is_no_point(all_asked):
    results = copy.deepcopy(all_asked)
    results["learning"]["periods"][0]["success_rate"] = None
    before = FIGURES["learning"].description(all_asked, WORDING).count("session ")
    told = FIGURES["learning"].description(results, WORDING)
    assert told.count("session ") == before - 1


def test_a_time_without_a_mean_is_drawn_without_its_point(all_asked):
    results = copy.deepcopy(all_asked)
    drawn = len(axes_of("time", results).lines)
    results["time"]["by_arm"][0]["geometric_mean"] = None
    assert len(axes_of("time", results).lines) == drawn - 1


def test_the_flow_tells_who_could_not_assess_and_sums_up_many_reasons():
    why = {"cannot_assess_reason": "image quality"}
    reads = [
        Read("R1", "C0", "model", None, extra=why),
        *(Read("R1", f"C{case}", "reference", "A") for case in range(20)),
        *(
            Read(
                "R1",
                f"C{case}",
                "model",
                "A",
                included=False,
                extra={"exclusion_reason": f"reason {case}"},
            )
            for case in range(1, 12)
        ),
    ]
    told = FIGURES["flow"].description(results_of(reads), WORDING)
    assert "cannot assess: 1" in told
    assert "Excluded: 11 reads" in told
    assert "other reasons: " in told


def test_power_is_drawn_without_a_study_of_one_s_own_too():
    curve = Curve(cases=(50, 100), power=(0.4, 0.6), se=(0.01, 0.01))
    curves = {"These readers": {3: curve}}
    with_own = power_curves(curves, chosen=(50, 0.4)).axes[0].lines
    assert len(power_curves(curves, chosen=None).axes[0].lines) == len(with_own) - 1


def test_many_reasons_against_cases_are_summed_up_in_the_flow():
    drawn = {
        "collection": "phantoms",
        "collection_cases": 60,
        "candidates": {"normal": ["C1"]},
        "cases": ["C1"],
        "left_out": [{"what": f"reason {n}", "count": n} for n in range(1, 11)],
    }
    wording = wording_of({"case_set": drawn})
    told = FIGURES["flow"].description(results_of([]), wording)
    assert "In the collection phantoms: 60" in told
    assert "Reason 8: 8" in told and "Reason 9" not in told
    assert "Other reasons: 19" in told
