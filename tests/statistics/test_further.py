"""Stories of the further comparisons: what is said where little can be said."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from readerstudy.analysis.statistics.exact_swap import exact_swap_p
from readerstudy.analysis.statistics.ordinal import signed_rank_p
from tests.statistics.tables import Read, result_set, rows


def results(reads: list[Read], **plan: Any) -> dict[str, Any]:
    plan.setdefault("arms", ("model", "reference"))
    return result_set(reads, **plan).as_json()


def crossed(model: str, reference: str, readers: int = 3, **more: Any) -> list[Read]:
    """All readers give the same letters, one per case."""
    return [
        Read(f"R{reader}", f"C{case}", arm, letter, **more)
        for reader in range(readers)
        for case, letters in enumerate(zip(model, reference, strict=True))
        for arm, letter in zip(("model", "reference"), letters, strict=True)
    ]


class TestOrdinal:
    def test_a_shift_within_success_is_seen_on_the_scale_alone(self):
        found = results(crossed("BBBBBBABBBAB", "AAAAAAAABAAA"))
        (pair,) = found["ordinal"]
        assert found["pairs"][0]["difference"] == 0
        assert (pair["mean_first"], pair["mean_second"]) == (22 / 12, 13 / 12)
        assert pair["difference"] == pytest.approx(-9 / 12)
        assert pair["p_value"] < 0.001
        assert pair["wilcoxon_p"] < 0.01

    def test_equal_grades_have_no_signed_ranks(self):
        (pair,) = results(crossed("ABCD", "ABCD"))["ordinal"]
        assert pair["status"] == "no_discordant_blocks"
        assert pair["difference"] == 0
        assert pair["wilcoxon_p"] is None

    def test_the_same_shift_everywhere_has_ranks_and_no_interval(self):
        (pair,) = results(crossed("BBBBBB", "AAAAAA"))["ordinal"]
        assert pair["status"] == "zero_variance"
        assert pair["ci95"] is None
        assert 0 < pair["wilcoxon_p"] < 0.05

    def test_one_case_has_means_and_no_inference(self):
        (pair,) = results(crossed("B", "A"))["ordinal"]
        assert (pair["status"], pair["difference"]) == ("one_case", -1)
        assert pair["wilcoxon_p"] is None

    @given(
        st.lists(st.integers(1, 40), min_size=1, max_size=14, unique=True), st.data()
    )
    def test_few_signed_ranks_without_ties_are_counted_out(self, sizes, data):
        signs = [data.draw(st.sampled_from([-1, 1])) for _ in sizes]
        ranks = stats.rankdata(sizes).astype(np.int64) * signs
        found = signed_rank_p(np.array(sizes) * np.array(signs, dtype=float))
        assert found == pytest.approx(exact_swap_p(ranks))

    def test_zeros_are_left_out_and_ties_taken_as_the_normal_law_has_them(self):
        values = np.array([0, 0, 1, 1, -1, 2, 2, 3, 3, 3, -0.5, 1.0])
        rest = values[values != 0]
        ranks = stats.rankdata(np.abs(rest))
        variance = (ranks**2).sum() / 4
        z = (ranks[rest > 0].sum() - ranks.sum() / 2) / np.sqrt(variance)
        assert signed_rank_p(values) == pytest.approx(2 * stats.norm.sf(abs(z)))


class TestStrata:
    @staticmethod
    def two(first: str, second: str) -> list[Read]:
        """Normal cases in which the model fails as told, then abnormal ones."""
        normal = crossed(first, "A" * len(first), stratum="normal")
        abnormal = crossed(second, "A" * len(second), stratum="abnormal")
        return normal + [
            Read(r.reader, f"X{r.case}", r.arm, r.grade, r.stratum) for r in abnormal
        ]

    def test_strata_with_unlike_differences_interact(self):
        (pair,) = results(self.two("DDDDDDDADD", "AAAAAAAADA"))["strata"]
        abnormal, normal = pair["strata"]
        assert (abnormal["stratum"], normal["stratum"]) == ("abnormal", "normal")
        assert (abnormal["difference"], normal["difference"]) == pytest.approx(
            (0.1, 0.9)
        )
        assert abnormal["ci95"][0] < 0.1 < abnormal["ci95"][1]
        assert "p_value" not in normal
        interaction = pair["interaction"]
        assert interaction["df"] == 1
        welch = stats.ttest_ind([1] * 9 + [0], [1] + [0] * 9, equal_var=False)
        assert interaction["statistic"] == pytest.approx(welch.statistic**2)
        assert interaction["p_value"] == pytest.approx(welch.pvalue)

    def test_one_stratum_or_none_is_no_comparison(self):
        (pair,) = results(crossed("DADA", "AAAA"))["strata"]
        assert (pair["status"], pair["interaction"]["status"]) == ("one_category",) * 2
        assert len(pair["strata"]) == 1

    def test_a_stratum_of_one_case_is_told_and_left_out_of_the_test(self):
        reads = self.two("DDDDDDDADD", "AAAAAAAADA")
        reads += [Read("R0", "Z", arm, "A", "rare") for arm in ("model", "reference")]
        (pair,) = results(reads)["strata"]
        rare = pair["strata"][-1]
        assert (rare["status"], rare["difference"], rare["ci95"]) == (
            "one_case",
            0,
            None,
        )
        assert pair["interaction"]["status"] == "ok"
        assert pair["interaction"]["message"].startswith("2 of 3 strata")

    def test_strata_without_spread_have_no_interaction(self):
        (pair,) = results(self.two("DDDD", "AAAA"))["strata"]
        assert [row["status"] for row in pair["strata"]] == ["zero_variance"] * 2
        assert pair["interaction"]["status"] == "zero_variance"
        assert "0 of 2 have one" in pair["interaction"]["message"]


class TestReaders:
    def test_the_only_reader_can_not_be_left_out(self):
        (pair,) = results(crossed("DADADADADADD", "AAAAAAADAAAA", 1))["readers"]
        assert pair["status"] == pair["left_out"][0]["status"] == "one_reader"
        assert pair["readers"][0]["difference"] == pytest.approx(6 / 12)

    def test_the_one_who_makes_the_difference_is_seen(self):
        fair = crossed("ADAADAAADAAD", "AADADADAADAA", 2)
        harsh = [
            Read("R9", r.case, r.arm, "D" if r.arm == "model" else "A")
            for r in fair[:24]
        ]
        (pair,) = results(fair + harsh)["readers"]
        assert [row["reader"] for row in pair["readers"]] == ["R0", "R1", "R9"]
        assert pair["readers"][2]["difference"] == 1
        assert pair["readers"][2]["mcnemar_exact_p"] < 0.001
        assert pair["left_out"][2]["difference"] == pair["readers"][0]["difference"]

    def test_a_reader_of_one_arm_alone_has_no_difference(self):
        reads = crossed("DADA", "AAAA", 1)
        reads += [Read("R5", f"C{case}", "model", "A") for case in range(4)]
        (pair,) = results(reads)["readers"]
        assert (pair["readers"][1]["status"], pair["readers"][1]["n"]) == (
            "no_complete_blocks",
            0,
        )


class TestSensitivity:
    def test_readers_who_share_no_report_are_compared_by_their_margins(self):
        """Half the readers see one arm, half the other: no block is complete."""
        reads = rows(
            *(f"R{r} C{c} {'AD'[(r + c) % 3 == 0]}." for r in (1, 2) for c in range(12))
        )
        reads += rows(
            *(f"R{r} C{c} .{'AD'[(r * c) % 4 == 1]}" for r in (3, 4) for c in range(12))
        )
        found = results(reads)
        assert found["pairs"][0]["status"] == "no_complete_blocks"
        (pair,) = found["sensitivity"]
        assert pair["all_rows"]["status"] == "ok"
        assert (pair["all_rows"]["rows"], pair["all_rows"]["cases"]) == (48, 12)
        assert pair["all_rows"]["ci95"][0] < pair["all_rows"]["difference"]
        assert pair["sub_matrix"]["readers"] == []
        assert pair["sub_matrix"]["status"] == "no_complete_blocks"
        assert pair["two_way_bootstrap"]["status"] == "no_complete_blocks"

    def test_the_readers_of_the_complete_matrix_are_named(self):
        reads = crossed("DADADADADADD", "AAAAAAADAAAA", 3)
        left_early = [
            r for r in reads if not (r.reader == "R2" and int(r.case[1:]) > 3)
        ]
        (pair,) = results(left_early)["sensitivity"]
        matrix = pair["sub_matrix"]
        assert (matrix["readers"], matrix["cases"]) == (["R0", "R1"], 12)
        (whole,) = results(reads[:48])["pairs"]
        assert matrix["se"] == whole["random_readers"]["se"]
        assert matrix["difference"] == whole["difference"]

    def test_the_bootstrap_of_both_is_seeded_and_wider_than_these_readers(self):
        rng = np.random.default_rng(4)
        reads = [
            Read(f"R{r}", f"C{c}", arm, str(rng.choice(list("ABCD"))))
            for r in range(4)
            for c in range(40)
            for arm in ("model", "reference")
        ]
        found = result_set(reads, seed=7).as_json()
        (pair,), (whole,) = found["sensitivity"], found["pairs"]
        assert pair == result_set(reads, seed=7).as_json()["sensitivity"][0]
        assert pair != result_set(reads, seed=8).as_json()["sensitivity"][0]
        low, high = pair["two_way_bootstrap"]["ci95"]
        assert pair["two_way_bootstrap"]["draws"] == 1000
        assert low < whole["difference"] < high
        assert high - low > np.diff(whole["fixed_readers"]["ci95"])[0]

    def test_where_most_draws_hold_no_complete_block_there_is_no_interval(self):
        """One of 120 readers saw both reports of two of 400 cases, nobody else of one.

        A little over half the draws hold one of these blocks; with this seed fewer.
        """
        reads = rows("R1 C1 AD", "R1 C2 AA") + rows(
            *(f"R{2 + case % 119} C{3 + case} B." for case in range(398))
        )
        (usual,) = results(reads, seed=0)["sensitivity"]
        assert usual["two_way_bootstrap"]["status"] == "ok"
        assert usual["two_way_bootstrap"]["draws"] >= 500
        (rare,) = results(reads, seed=522)["sensitivity"]
        found = rare["two_way_bootstrap"]
        assert (found["status"], found["ci95"]) == ("no_complete_blocks", None)
        assert found["draws"] < 500
        assert "most draws" in found["message"]

    def test_the_plans_primary_cut_point_decides_what_success_is(self):
        reads = crossed("BABABABABBAB", "AAAAAAABAAAA")
        (usual,) = results(reads)["sensitivity"]
        assert usual["all_rows"]["status"] == "zero_variance"
        found = results(reads, outcome="stringent")
        (strict,) = found["sensitivity"]
        (whole,) = found["stringent"]["pairs"]
        assert strict["all_rows"]["difference"] == pytest.approx(whole["difference"])
        assert (
            found["variance"][0]["msc"]
            == found["stringent"]["pairs"][0]["random_readers"]["msc"]
        )


class TestVariance:
    def test_readers_of_one_mind_share_all_of_the_reports_variance(self):
        (found,) = results(crossed("DADADADADADD", "AAAAAAADAAAA"))["variance"]
        assert found["reader_by_arm"] == found["residual"] == 0
        assert found["shares"]["case_by_arm"] == found["same_report_correlation"] == 1

    def test_there_are_none_without_a_second_reader_or_a_missing_grade(self):
        reads = crossed("DADADADADADD", "AAAAAAADAAAA")
        (one,) = results(reads[:24])["variance"]
        (missing,) = results(reads[1:])["variance"]
        assert (one["status"], missing["status"]) == ("one_reader", "not_crossed")
        assert one["shares"] is missing["shares"] is None

    def test_the_same_difference_everywhere_does_not_vary(self):
        (found,) = results(crossed("DDDD", "AAAA"))["variance"]
        assert (found["status"], found["shares"]) == ("zero_variance", None)


def test_reports_that_can_not_be_assessed_are_counted_by_arm_and_reason():
    reason = {"cannot_assess_reason": "image missing"}
    reads = [
        *crossed("DADA", "AAAA", 1),
        Read("R1", "C0", "model", None, extra=reason),
        Read("R1", "C1", "model", None, extra=reason),
        Read("R1", "C1", "reference", None, extra={"cannot_assess_reason": "text cut"}),
        Read("R1", "C2", "reference", None),
        Read("R1", "C3", "reference", None, included=False, extra=reason),
    ]
    assert results(reads)["missing"]["cannot_assess"] == [
        {"arm": "model", "reason": "image missing", "reads": 2},
        {"arm": "reference", "reason": "text cut", "reads": 1},
    ]
