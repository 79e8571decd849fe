"""Time on task, and whether readers changed on the way."""

import math
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import optimize

from tests.statistics.tables import Read, result_set


def results(reads: list[Read]) -> dict[str, Any]:
    return result_set(reads, arms=("model", "reference")).as_json()


def timed(*seconds: tuple[float | None, float | None], readers: int = 1) -> list[Read]:
    """A case per pair of seconds."""
    return [
        Read(f"R{reader}", f"C{case}", arm, "A", seconds=value)
        for reader in range(readers)
        for case, pair in enumerate(seconds)
        for arm, value in zip(("model", "reference"), pair, strict=True)
    ]


def study(cases: int = 30, readers: int = 3, seed: int = 1) -> list[Read]:
    """Readers who get kinder and faster along their lists, in two sessions."""
    rng = np.random.default_rng(seed)
    reads = []
    for reader in range(readers):
        order = rng.permutation(2 * cases)
        for place, number in enumerate(order):
            case, arm = divmod(int(number), 2)
            kind = rng.random() < 0.5 + 0.4 * place / (2 * cases)
            reads.append(
                Read(
                    f"R{reader}",
                    f"C{case}",
                    ("model", "reference")[arm],
                    "A" if kind else "D",
                    seconds=float(np.exp(rng.normal(4 - place / 100, 0.3))),
                    position=place + 1,
                    period=1 + (place >= cases),
                )
            )
    return reads


class TestTime:
    def test_twice_as_long_is_a_ratio_of_two(self):
        found = results(timed((10, 20), (20, 40), (40, 80.5), (30, 61)))["time"]
        model, reference = found["by_arm"]
        assert (model["n"], model["median"], model["q1"], model["q3"]) == (
            4,
            25,
            17.5,
            32.5,
        )
        assert model["geometric_mean"] == pytest.approx((10 * 20 * 40 * 30) ** 0.25)
        (pair,) = found["pairs"]
        assert pair["ratio"] == pytest.approx(2, abs=0.02)
        assert pair["ci95"][0] < pair["ratio"] < pair["ci95"][1]
        assert reference["over_30_minutes"] == 0

    def test_absent_and_zero_seconds_are_left_out_and_counted(self):
        found = results(timed((10, 20), (0, 40), (None, 9), (1800, 1801), (7, 9)))[
            "time"
        ]
        assert found["left_out"] == 2
        assert found["message"].startswith("2 reads")
        assert [row["over_30_minutes"] for row in found["by_arm"]] == [0, 1]
        assert [row["n"] for row in found["by_arm"]] == [3, 5]
        assert (found["pairs"][0]["n"], found["pairs"][0]["cases"]) == (3, 3)

    def test_without_any_time_there_is_a_sentence(self):
        found = results(timed((None, 0), (0, None)))["time"]
        assert (found["status"], found["by_arm"], found["pairs"]) == (
            "no_ratings",
            [],
            [],
        )

    def test_times_of_different_reports_are_no_pair(self):
        found = results(timed((5, None), (None, 5)))["time"]
        assert found["pairs"][0]["status"] == "no_complete_blocks"
        assert found["pairs"][0]["ratio"] is None

    def test_one_case_and_equal_ratios_have_no_interval(self):
        (one,) = results(timed((10, 20), readers=3))["time"]["pairs"]
        assert (one["status"], one["ci95"]) == ("one_case", None)
        assert one["ratio"] == pytest.approx(2)
        (same,) = results(timed((8, 16), (2, 4), (4, 8)))["time"]["pairs"]
        assert (same["status"], same["ci95"]) == ("zero_variance", None)

    def test_times_beyond_all_measure_stay_numbers(self):
        (pair,) = results(timed((1e-300, 1e9), (1e-300, 1e8), (1.0, 2.0)))["time"][
            "pairs"
        ]
        assert all(map(math.isfinite, [pair["ratio"], *pair["ci95"]]))


class TestPeriods:
    def test_success_and_time_stand_per_period_and_arm(self):
        rows = results(study())["learning"]["periods"]
        assert [(row["period"], row["arm"]) for row in rows] == [
            (1, "model"),
            (1, "reference"),
            (2, "model"),
            (2, "reference"),
        ]
        reads = [r for r in study() if r.period == 2 and r.arm == "model"]
        assert rows[2]["n"] == len(reads)
        assert rows[2]["success"] == sum(r.grade == "A" for r in reads)
        assert rows[2]["median_seconds"] == pytest.approx(
            np.median([r.seconds for r in reads])
        )

    def test_a_period_without_times_says_so(self):
        reads = [Read("R1", "C1", arm, "A", period=1) for arm in ("model", "reference")]
        rows = results(reads)["learning"]["periods"]
        assert rows[0]["success"] == 1
        assert (rows[0]["status"], rows[0]["median_seconds"]) == ("no_ratings", None)

    def test_without_positions_and_periods_nothing_is_known_of_the_order(self):
        found = results(timed((5, 5)))["learning"]
        assert (found["status"], found["periods"], found["order"]) == (
            "no_ratings",
            [],
            [],
        )
        assert found["trend"]["status"] == "no_ratings"


class TestOrder:
    @staticmethod
    def met(first: str, *cases: tuple[str, str], start: int = 0) -> list[Read]:
        """Cases whose arm `first` was read before the other."""
        reads = []
        for number, letters in enumerate(cases, start):
            for arm, letter in zip(("model", "reference"), letters, strict=True):
                place = 2 * number + (1 if arm == first else 2)
                reads.append(Read("R1", f"C{number}", arm, letter, position=place))
        return reads

    def test_the_arm_that_is_met_first_may_do_better(self):
        model = self.met("model", *[("A", "D")] * 4, ("A", "A"))
        reads = model + self.met("reference", *[("D", "A")] * 4, ("D", "D"), start=5)
        (found,) = results(reads)["learning"]["order"]
        assert (found["n_first_seen"], found["n_second_seen"]) == (5, 5)
        assert found["difference_when_first_seen_first"] == -0.8
        assert found["difference_when_second_seen_first"] == 0.8
        assert found["order_effect"] == 1.6
        assert found["p_value"] < 0.001

    def test_one_order_alone_has_no_effect_of_order(self):
        (found,) = results(self.met("model", ("A", "D"), ("A", "A")))["learning"][
            "order"
        ]
        assert (found["status"], found["n_second_seen"]) == ("one_category", 0)
        assert "model was read first" in found["message"]
        assert found["difference_when_first_seen_first"] == -0.5


class TestTrend:
    def test_it_is_the_clustered_model_of_statsmodels(self):
        reads = study()
        terms = results(reads)["learning"]["trend"]["terms"]
        columns = np.array(
            [[1, r.arm == "reference", r.position / 50, r.period] for r in reads],
            dtype=float,
        )
        success = np.array([r.grade == "A" for r in reads], dtype=float)
        outcomes = {
            "success": (success, sm.families.Binomial()),
            "log_seconds": (np.log([r.seconds for r in reads]), sm.families.Gaussian()),
        }
        groups = np.array([int(r.case[1:]) for r in reads])
        for outcome, (y, family) in outcomes.items():
            fit = sm.GLM(y, columns, family=family).fit(
                cov_type="cluster", cov_kwds={"groups": groups}, use_t=True, tol=1e-12
            )
            ours = [term for term in terms if term["outcome"] == outcome]
            names = ["arm reference", "position_per_50", "period"]
            assert [term["term"] for term in ours] == names
            for key, theirs in (
                ("estimate", fit.params),
                ("se", fit.bse),
                ("p_value", fit.pvalues),
            ):
                assert [term[key] for term in ours] == pytest.approx(
                    theirs[1:], rel=1e-6
                )

    def test_separation_is_told_and_leaves_the_times(self):
        reads = [
            Read(
                r.reader,
                r.case,
                r.arm,
                "A" if r.position > 20 else "D",
                seconds=r.seconds,
                position=r.position,
            )
            for r in study()
        ]
        trend = results(reads)["learning"]["trend"]
        assert trend["status"] == "separation"
        assert {term["outcome"] for term in trend["terms"]} == {"log_seconds"}
        assert [each["status"] for each in trend["outcomes"]] == ["separation", "ok"]

    def test_an_arm_at_the_end_of_the_scale_is_named(self):
        reads = [
            Read(
                r.reader,
                r.case,
                r.arm,
                "A" if r.arm == "model" else r.grade,
                position=r.position,
            )
            for r in study()
        ]
        trend = results(reads)["learning"]["trend"]
        assert "model at 100 %" in trend["message"]

    @pytest.mark.parametrize(
        ("change", "status"),
        [
            pytest.param(lambda r: {"grade": "A"}, "constant_outcome", id="grade"),
            pytest.param(lambda r: {"position": 3}, "zero_variance", id="position"),
            pytest.param(lambda r: {"position": None}, "no_ratings", id="unknown"),
            pytest.param(
                lambda r: {"position": 1 if r.arm == "model" else 2},
                "zero_variance",
                id="arm",
            ),
        ],
    )
    def test_what_does_not_vary_has_no_trend(self, change, status):
        reads = [Read(**{**vars(r), **change(r)}) for r in study()]
        trend = results(reads)["learning"]["trend"]
        assert trend["status"] == status
        assert trend["message"].endswith(".")

    def test_a_period_that_follows_from_the_position_is_left_out(self):
        reads = [Read(**{**vars(r), "period": r.position}) for r in study()]
        terms = results(reads)["learning"]["trend"]["terms"]
        assert {term["term"] for term in terms} == {"arm reference", "position_per_50"}

    def test_few_cases_are_too_few_for_clustered_errors(self):
        trend = results(study(cases=3))["learning"]["trend"]
        assert trend["status"] == "zero_variance"
        assert trend["message"].startswith("Not estimable: 3 cases are too few")


def test_a_time_that_is_the_same_in_every_case_leaves_its_trend_without_an_error():
    """Each report of an arm took as long as every other one of it."""
    reads = [
        Read(
            f"R{reader}",
            f"C{case}",
            arm,
            "AB"[(case + reader) % 2],
            seconds=(10.0, 20.0)[place],
            position=1 + (2 * case + (place + reader) % 2),
        )
        for reader in range(2)
        for case in range(8)
        for place, arm in enumerate(("model", "reference"))
    ]
    terms = results(reads)["learning"]["trend"]["terms"]
    times = [term for term in terms if term["outcome"] == "log_seconds"]
    (arm,) = [term for term in times if term["term"] == "arm reference"]
    assert arm["estimate"] == pytest.approx(np.log(2))
    assert (arm["status"], arm["se"], arm["p_value"]) == ("zero_variance", None, None)
    assert "estimated alike from every case" in arm["message"]


ARMS = ("model", "reference")


def test_positions_that_part_success_from_failure_have_no_trend_however_far_apart():
    """The last position of a long list is so far out that the steps run away."""
    places = (6, 12, 13, 18, 21, 22, 24, 27, 2900)
    reads = [
        Read("R1", f"C{number}", ARMS[is_other], grade, position=place)
        for number, (place, is_other, grade) in enumerate(
            zip(places, (1, 0, 0, 0, 0, 0, 0, 0, 1), "DDDDAAAAA", strict=True)
        )
    ]
    trend = results(reads)["learning"]["trend"]
    assert (trend["status"], trend["terms"]) == ("separation", [])
    assert "separate success from failure" in trend["message"]


def trend_of(places: tuple[int, ...], others: str, grades: str) -> dict[str, Any]:
    """That of one read a case: "1" where it is of the other arm."""
    reads = [
        Read("R1", f"C{number}", ARMS[int(is_other)], grade, position=place)
        for number, (place, is_other, grade) in enumerate(
            zip(places, others, grades, strict=True)
        )
    ]
    trend: dict[str, Any] = results(reads)["learning"]["trend"]
    return trend


def test_a_read_far_behind_all_others_has_its_trend_though_a_whole_step_overshoots():
    """Whole steps end far off, as if position parted success from failure."""
    places = (14, 20, 25, 27, 29, 38, 44, 53, 58, 65, 69, 108, 111, 602)
    others, grades = "10000100011110", "A" + "D" * 12 + "A"
    trend = trend_of(places, others, grades)
    assert trend["status"] == "ok"
    x = np.array(
        [
            [1, int(is_other), place / 50]
            for place, is_other in zip(places, others, strict=True)
        ]
    )
    success = np.array([grade == "A" for grade in grades], dtype=float)

    def unlikeliness(params):
        linear = x @ params
        return np.logaddexp(0, linear).sum() - success @ linear

    best = optimize.minimize(unlikeliness, np.zeros(3), tol=1e-9)
    estimates = [
        term["estimate"] for term in trend["terms"] if term["outcome"] == "success"
    ]
    assert estimates == pytest.approx(best.x[1:], rel=1e-4)


@pytest.mark.parametrize(
    ("places", "others", "grades"),
    [
        # The information grows singular, or an error beyond all measure.
        ((22, 33, 40, 47, 343, 334), "110011", "AAADDD"),
        ((17, 34, 45, 53, 3005, 3030), "110100", "DAADDD"),
    ],
)
def test_arm_and_position_may_part_success_from_failure_together(
    places, others, grades
):
    trend = trend_of(places, others, grades)
    assert (trend["status"], trend["terms"]) == ("separation", [])
    assert "separate success from failure" in trend["message"]


def test_a_model_that_is_not_fitted_when_its_steps_are_used_up_has_no_terms(
    monkeypatch,
):
    monkeypatch.setattr("readerstudy.analysis.statistics.trend._MOST_STEPS", 2)
    trend = results(study())["learning"]["trend"]
    assert trend["status"] == "separation"
    assert {term["outcome"] for term in trend["terms"]} == {"log_seconds"}


def test_reads_that_all_took_as_long_have_a_trend_of_success_alone():
    reads = [Read(**{**vars(r), "seconds": 30.0}) for r in study()]
    trend = results(reads)["learning"]["trend"]
    assert [each["status"] for each in trend["outcomes"]] == ["ok", "zero_variance"]
    assert "took the same time" in trend["outcomes"][1]["message"]


def test_one_case_however_often_it_is_read_has_no_trend():
    reads = [
        Read(f"R{number}", "C1", arm, "AD"[(number + place) % 3 == 0], position=number)
        for number in range(1, 9)
        for place, arm in enumerate(ARMS)
    ]
    trend = results(reads)["learning"]["trend"]
    assert (trend["status"], trend["terms"]) == ("one_case", [])
