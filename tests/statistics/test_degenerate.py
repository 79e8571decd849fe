"""Where a number can't be given the result set says why in a sentence."""

import numpy as np
import pytest

from readerstudy.analysis.statistics.bootstrap import drawn_sums
from readerstudy.analysis.statistics.case_clustered import case_clustered
from readerstudy.analysis.statistics.kappas import gwet_ac2, percent_agreement
from readerstudy.analysis.statistics.reader_pairs import MOST_READERS, TOO_MANY_READERS
from readerstudy.analysis.statistics.reads_csv import BadTable, read_csv
from readerstudy.analysis.statistics.table import MOST_STRATA, natural_order
from tests.statistics.tables import Grades, Read, reads_of, result_set, rows


def results(reads, **options):
    return result_set(reads, **options).as_json()


def crossed(model: str, reference: str, readers: int = 3) -> list[Read]:
    """All readers give the same letters, one per case."""
    grades: Grades = {}
    for reader in range(readers):
        for case, (first, second) in enumerate(zip(model, reference, strict=True)):
            grades[f"R{reader}", f"C{case}", "model"] = first
            grades[f"R{reader}", f"C{case}", "reference"] = second
    return reads_of(grades)


def test_a_header_alone_gives_empty_lists_and_a_sentence():
    found = results(read_csv("reader,case,arm,grade\n"), reference="reference")
    assert found["status"] == "no_ratings"
    assert found["message"].startswith("No ratings")
    assert found["pairs"] == found["by_reader"] == found["by_stratum"] == []
    assert found["grades"] == {}
    assert found["cochran_q"]["status"] == found["gee"]["status"] == "no_ratings"
    assert found["agreement"]["all"]["status"] == "no_ratings"
    assert found["estimand"]["difference"] is None


def test_rows_without_any_grade_are_no_ratings():
    found = results([Read("R1", "C1", "model", None)], arms=["model", "reference"])
    assert found["status"] == "no_ratings"
    assert found["missing"]["rows_without_grade"] == 1


def test_an_arm_without_grades_is_left_out_with_a_warning():
    found = results(crossed("AB", "AD"), arms=["model", "reference", "third"])
    assert found["design"]["arms"] == ["model", "reference"]
    assert "third" not in found["grades"]
    assert found["missing"]["arms_without_grades"] == ["third"]
    assert "third" in found["warnings"][0]
    assert found["status"] == "ok"


def test_one_arm_can_be_described_and_not_compared():
    found = results(rows("R1 C1 A", "R2 C1 B"), reference="model")
    assert found["status"] == "too_few_arms"
    assert found["message"].startswith("No comparison")
    assert found["grades"]["model"]["n"] == 2
    assert found["pairs"] == []
    assert found["estimand"]["status"] == "too_few_arms"


def test_equal_grades_everywhere_are_not_estimable_and_the_difference_is_zero():
    found = results(crossed("A" * 12, "A" * 12))
    sentence = (
        "Not estimable: no reader rated the arms differently in any of 36 blocks. "
        "Difference 0.0 points."
    )
    assert found["cochran_q"]["message"] == sentence
    (pair,) = found["pairs"]
    assert pair["status"] == "no_discordant_pairs"
    assert pair["message"] == sentence
    assert pair["mcnemar"]["exact_p"] == 1
    assert pair["headline"]["rule"] == "swap_zero_variance"
    assert found["agreement"]["all"]["status"] == "one_category"
    assert "one category used" in found["agreement"]["all"]["message"]
    assert found["agreement"]["all"]["percent_agreement"] == 1
    assert found["gee"]["status"] == "constant_outcome"


def test_separation_keeps_the_swap_and_the_row_level_interval():
    found = results(crossed("D" * 10, "A" * 10))
    (pair,) = found["pairs"]
    assert found["gee"]["status"] == "separation"
    assert "reference at 100 %" in found["gee"]["message"]
    assert pair["fixed_readers"]["status"] == "zero_variance"
    assert pair["random_readers"]["status"] == "zero_variance"
    assert pair["headline"]["p_value"] == pair["fixed_readers"]["exact_swap_p"]
    assert pair["headline"]["p_value"] == pytest.approx(2 / 2**10)
    assert pair["headline"]["ci95"] is None
    assert pair["newcombe_ci95"][1] == 1


def test_one_case_keeps_row_level_figures_and_draws_no_inference():
    found = results(crossed("D", "A"))
    (pair,) = found["pairs"]
    assert (
        found["status"] == pair["status"] == found["cochran_q"]["status"] == "one_case"
    )
    assert found["message"] == "1 case: no inference."
    assert pair["mcnemar"]["exact_p"] == pytest.approx(0.25)
    assert found["cochran_q"]["statistic"] == pytest.approx(3)
    for part in ("fixed_readers", "random_readers", "headline"):
        assert pair[part]["status"] == "one_case"
        assert pair[part]["p_value"] is None


def test_one_reader_is_no_inference_to_other_readers():
    found = results(crossed("DAADAADAADAB", "AADADAABAABA", readers=1))
    (pair,) = found["pairs"]
    assert found["status"] == "one_reader"
    assert found["message"] == "One reader: no inference to other readers."
    assert pair["random_readers"]["status"] == "one_reader"
    assert pair["headline"]["rule"] == "fixed_only"
    assert found["agreement"]["all"]["status"] == "one_reader"
    assert found["cochran_q"]["status"] == "ok"


def test_no_complete_block_leaves_the_description():
    found = results(rows("R1 C1 A.", "R1 C2 .B", "R2 C1 C.", "R2 C2 .D"))
    (pair,) = found["pairs"]
    assert found["status"] == pair["status"] == "no_complete_blocks"
    assert found["message"] == "No comparison: no reader rated both arms of any case."
    assert pair["difference"] is None
    assert pair["headline"]["status"] == "no_complete_blocks"
    assert found["grades"]["model"]["n"] == 2


def test_a_missing_cell_leaves_the_headline_to_these_readers():
    reads = crossed("DAADAADAADAB", "AADADAABAABA")[1:]
    (pair,) = results(reads)["pairs"]
    assert pair["random_readers"]["status"] == "not_crossed"
    assert "1 cell missing" in pair["random_readers"]["message"]
    assert pair["headline"]["rule"] == "fixed_only"
    assert pair["headline"]["ci95"] == pair["fixed_readers"]["ci95"]


def test_few_cases_take_the_exact_swap_with_an_approximate_interval():
    (pair,) = results(crossed("DDDA", "AAAD"))["pairs"]
    assert pair["headline"]["rule"] == "swap_small"
    assert pair["headline"]["p_value"] == pair["fixed_readers"]["exact_swap_p"] == 0.625
    assert pair["headline"]["ci95"] == pair["fixed_readers"]["ci95"]


def test_equal_readers_have_normal_limits_and_no_degrees_of_freedom():
    (pair,) = results(crossed("DDDDDDAADA", "AAADAADDAA"))["pairs"]
    random = pair["random_readers"]
    assert random["msr"] == 0
    assert random["df"] is None
    assert "infinite" in random["message"]
    assert random["ci95"][1] - random["ci95"][0] == pytest.approx(
        2 * 1.959963984540054 * random["se"]
    )


def test_the_estimand_is_arm_minus_reference():
    reads = crossed("DDDDDDAADAAAAA", "AAADAADDAAAAAA")
    (pair,) = results(reads)["pairs"]
    low, high = pair["headline"]["ci95"]
    for margin, decision in ((0.99, True), (0.01, False), (None, None)):
        found = results(reads, reference="reference", margin=margin)["estimand"]
        assert (found["arm"], found["reference"]) == ("model", "reference")
        assert found["difference"] == -pair["difference"]
        assert found["ci95"] == [-high, -low]
        assert found["non_inferior"] is decision


def test_arms_and_reference_have_to_fit_the_file():
    reads = read_csv("reader,case,arm,grade\nR1,C1,model,A\nR1,C1,other,B\n")
    with pytest.raises(BadTable, match=r"reads.csv, row 3, column arm: 'other'"):
        results(reads, arms=["model", "reference"])
    with pytest.raises(BadTable, match="reference 'nobody'"):
        results(reads, reference="nobody")
    with pytest.raises(BadTable, match="model twice"):
        results(reads, arms=["model", "other", "model"])
    with pytest.raises(BadTable, match="empty name"):
        results(reads, arms=["model", "", "other"])
    with pytest.raises(BadTable, match="reference 'nobody'"):
        results([], arms=["model", "other"], reference="nobody")


def test_a_column_of_arms_that_holds_something_else_is_refused():
    reads = [Read("R1", "C1", f"C{number}", "A") for number in range(500)]
    with pytest.raises(BadTable, match="500 arms"):
        results(reads)


def test_readers_who_hardly_share_a_case_are_refused_not_run_out_of_memory():
    reads = [
        Read(f"R{number}", f"C{number}", arm, "A")
        for number in range(10_000)
        for arm in ("model", "reference")
    ]
    with pytest.raises(BadTable, match="10000 readers, 10000 cases and 2 arms"):
        results(reads)


def test_names_are_in_natural_order_however_long_their_numbers_are():
    names = ["R1", "R02", "R2", "R10", "R" + "9" * 5000, "R1" + "0" * 5000, "S"]
    assert list(natural_order(reversed(names))) == names


def test_doubtful_names_and_torn_strata_are_pointed_out():
    found = results(
        [
            Read("R1", "C1", "all", "A", stratum="normal"),
            Read("r1", "C1", "all", "A", stratum="abnormal"),
            Read("R1", "C1", "model", "A", stratum="normal"),
            Read("r1", "C1", "model", "B"),
            Read("R2", "C 1", "model", "B"),
            Read("R2", "c 1", "model", "B"),
        ]
    )
    agreement, readers, cases, strata = found["warnings"]
    assert "all stands for the pooled arms" in agreement
    assert readers == "The readers R1 and r1 are taken for different ones."
    assert cases == "The cases C 1 and c 1 are taken for different ones."
    assert strata.endswith("1 here have several: C1.")
    assert {row["stratum"] for row in found["by_stratum"]} == {"", "normal"}


def test_a_reader_and_a_case_without_a_grade_are_named_and_move_the_bounds():
    reads = [
        *crossed("DAAD", "AAAD", readers=2),
        Read("R7", "C0", "model", None),
        Read("R1", "C9", "reference", None),
    ]
    found = results(reads)
    assert found["warnings"] == [
        "1 of 3 readers gave no grade: R7.",
        "1 of 5 cases got no grade: C9.",
    ]
    assert found["design"]["readers"] == 2
    assert found["missing"]["expected"] == 30
    (bounds,) = found["missing"]["bounds"]
    # Successes 4 and 6; 7 absent of each arm's 15.
    assert bounds["lowest_difference"] == (2 - 7) / 15
    assert bounds["highest_difference"] == (2 + 7) / 15


def test_a_p_value_too_small_for_a_number_is_not_zero():
    found = results(crossed("D" * 1500 + "A", "A" * 1500 + "D", readers=2))
    (pair,) = found["pairs"]
    for p_value in (
        found["cochran_q"]["p_value"],
        pair["mcnemar"]["exact_p"],
        pair["mcnemar"]["mid_p"],
        pair["fixed_readers"]["p_value"],
        pair["fixed_readers"]["exact_swap_p"],
        pair["headline"]["p_value"],
        pair["headline"]["holm_p_value"],
    ):
        assert 0 < p_value < 1e-300


def test_repeats_and_excluded_reads_enter_only_their_own_tables():
    reads = crossed("DAADAADAADAB", "AADADAABAABA")
    plain = results(reads)
    more = [
        Read("R0", "C0", "model", "A", repeat=True),
        Read("R0", "C1", "model", "A", repeat=True),
        Read("R9", "C0", "model", "D", included=False),
    ]
    found = results(reads + more)
    for key in ("design", "grades", "pairs", "agreement", "gee", "by_reader"):
        assert found[key] == plain[key]
    assert found["repeats"]["pairs"] == 2
    assert found["repeats"]["percent_agreement"] == 0.5
    assert found["missing"]["repeats"] == 2
    assert found["missing"]["excluded"]["reads"] == 1


def test_missing_says_what_a_full_crossing_lacks_and_how_far_it_could_move():
    found = results(rows("R1 C1 AD", "R1 C2 A.", "R2 C1 CB"))["missing"]
    assert (found["expected"], found["given"], found["absent"]) == (8, 5, 3)
    assert found["by_reader"][1] == {
        "reader": "R2",
        "expected": 4,
        "given": 2,
        "absent": 2,
    }
    (bounds,) = found["bounds"]
    # Successes 2 and 1; 1 and 2 absent; 4 cells.
    assert bounds["lowest_difference"] == (1 - 3) / 4
    assert bounds["highest_difference"] == (3 - 2) / 4


def test_more_strata_than_can_be_told_apart_are_left_out_with_a_warning():
    reads = [
        Read("R1", f"C{case}", arm, "A", stratum=f"stratum {case}")
        for case in range(MOST_STRATA + 1)
        for arm in ("model", "reference")
    ]
    found = results(reads)
    sentence = f"The column stratum names more than {MOST_STRATA} strata and is left"
    assert any(sentence in warning for warning in found["warnings"])
    assert {row["stratum"] for row in found["by_stratum"]} <= {"", "all"}


def test_an_arm_called_as_a_tie_is_never_preferred():
    reads = [
        Read("R1", f"C{case}", arm, "A", extra={"preference": "equal"})
        for case in range(3)
        for arm in ("equal", "model")
    ]
    found = results(reads)
    assert any("that name is never pref" in warning for warning in found["warnings"])
    (pair,) = found["preference"]["pairs"]
    assert (pair["equal"], pair["prefer_first"], pair["prefer_second"]) == (3, 0, 0)


def test_each_reader_the_same_in_every_case_leaves_the_correlation_undefined():
    pairs = (("R1", "DA"), ("R2", "AA"))
    always = [f"{name} C{case} {row}" for name, row in pairs for case in range(3)]
    found = results(rows(*always))
    (variance,) = found["variance"]
    assert variance["message"].startswith("The correlation is undefined")
    assert variance["same_report_correlation"] is None
    assert variance["shares"]["reader_by_arm"] == 1


def test_pairs_of_very_many_readers_have_no_interval_and_say_so():
    lines = [
        f"R{reader} C{case} {'AD'[(reader + case) % 2]}A"
        for reader in range(MOST_READERS + 1)
        for case in range(2)
    ]
    block = results(rows(*lines))["agreement"]["all"]
    absent = block["weighted_kappa_ci95_absent"].values()
    assert {pair["message"] for pair in absent} == {TOO_MANY_READERS}
    assert len(absent) == len(block["weighted_kappa"]) == 41 * 40 / 2
    assert block["weighted_kappa_ci95"] == {}


def test_nothing_is_compared_where_nothing_stands_on_a_side():
    block = case_clustered(np.zeros((3, 1)), np.zeros((3, 1))).test()
    assert block["status"] == "no_complete_blocks"
    assert block["message"] == "No comparison: there is nothing to compare."
    assert block["p_value"] is None


def test_no_columns_have_draws_without_a_number():
    assert drawn_sums(np.zeros((3, 0)), seed=0, draws=7).shape == (7, 0)


def test_grades_of_single_readers_agree_with_nobody():
    alone = np.array([[1, 0, 0, 0], [0, 0, 1, 0]])
    assert gwet_ac2(alone) == (None, None)
    assert percent_agreement(alone) is None


def test_arms_of_which_not_as_much_was_asked_have_bounds_of_their_own():
    """In a design in which each report has its own readers."""
    reads = [
        Read("R1", "C1", "model", "A"),
        Read("R1", "C2", "model", None),
        Read("R2", "C1", "reference", "A"),
        Read("R2", "C2", "reference", "D"),
        Read("R2", "C3", "reference", None),
    ]
    found = results(reads, crossed=False)["missing"]
    assert [arm["expected"] for arm in found["by_arm"]] == [2, 3]
    (bounds,) = found["bounds"]
    assert bounds["lowest_difference"] == pytest.approx(1 / 3 - 1)
    assert bounds["highest_difference"] == pytest.approx(2 / 3 - 1 / 2)


def test_what_was_left_out_counts_again_at_the_cut_of_the_plan():
    left_out = Read("R1", "C9", "model", "A", included=False)
    reads = [*crossed("BDAB", "AAAA"), left_out]
    found = results(reads, outcome="stringent")["without_exclusions"]
    (pair,) = found["pairs"]
    assert found["excluded"] == 1
    # A alone is a success: one of four reports of the model is one.
    assert pair["difference"] == pytest.approx(0.75)
