"""Small tables whose scores anyone can work out on paper."""

import pytest

from inference.chexpert import FINDINGS
from readerstudy.analysis.statistics.findings import (
    BadSettings,
    Origin,
    ScoreSettings,
    score,
)
from readerstudy.analysis.statistics.findings.label_tables import BadLabels
from tests.statistics.findings.tables import found, one_label, table

EDEMA = "Edema"
#            TP TP FP FN TN TN  uncertain, blank on either side
TRUTH = [1, 1, 0, 1, 0, 0, -1, None, 1, 0]
SAID = [1, 1, 1, 0, 0, 0, 1, 1, -1, None]


def scored(truth=TRUTH, said=SAID, **asked):
    asked = {"draws": 50, "permutations": 0} | asked
    return score(
        one_label("truth", truth, EDEMA),
        {"model": one_label("said", said, EDEMA)},
        ScoreSettings(**asked),
    )


def edema(results):
    return found(results, "scores", label=EDEMA)


@pytest.mark.parametrize(
    ("policy", "cells", "f1"),
    [
        ("definite_joint", (2, 1, 1, 2), 2 / 3),
        # Study 7 -1/1 is TP, 8 blank/1 FP, 9 1/-1 TP, 10 0/blank TN.
        ("uncertain_as_positive", (4, 2, 1, 3), 8 / 11),
        # Study 7 is FP, 8 FP, 9 FN, 10 TN.
        ("uncertain_as_negative", (2, 3, 2, 3), 4 / 9),
        # Studies 7 and 9 are out; 8 is FP, 10 TN.
        ("blank_as_negative", (2, 2, 1, 3), 4 / 7),
        # 8 and 10 are out; 7 and 9 are TP.
        ("uncertain_as_positive_without_blank", (4, 1, 1, 2), 4 / 5),
        # 8 and 10 are out; 7 is FP and 9 FN.
        ("uncertain_as_negative_without_blank", (2, 2, 2, 2), 1 / 2),
    ],
)
def test_what_a_policy_counts(policy, cells, f1):
    row = edema(scored(policy=policy))
    assert tuple(row[cell] for cell in ("tp", "fp", "fn", "tn")) == cells
    assert row["f1"]["value"] == pytest.approx(f1, abs=1e-15)
    assert row["support_pos"] == cells[0] + cells[2]
    assert row["support_neg"] == cells[1] + cells[3]


def test_every_study_that_is_no_pair_has_one_reason():
    row = edema(scored())
    assert row["n_pairs"] == 6 and row["coverage"] == 0.6
    assert row["excluded"] == {
        "uncertain_ref": 1,
        "blank_ref": 1,
        "uncertain_gen": 1,
        "blank_gen": 1,
    }
    # Eight studies are definite in the reference; one of its positives is not scored.
    assert row["coverage_of_reference"] == 6 / 8
    assert row["dropped_positives"] == 1


def test_positives_that_nobody_scores_are_told():
    (told,) = [each for each in scored()["warnings"] if "neither found" in each]
    assert told == (
        "model has no label that counts for 1 of 4 positives of the reference; under "
        "definite_joint they are neither found nor missed."
    )


def test_f1_is_zero_where_nothing_was_found_though_there_was_something():
    row = edema(scored([1, 1, 0, 0], [0, 0, 0, 0]))
    assert row["f1"]["value"] == 0.0 and row["recall"]["value"] == 0.0
    assert row["precision"]["value"] is None
    assert row["precision"]["status"] == "undefined"
    assert row["precision"]["message"] == (
        "Undefined (0/0): no study is called positive."
    )


def test_f1_is_undefined_where_there_was_nothing_to_find_and_nothing_was_called():
    row = edema(scored([0, 0, 0], [0, 0, 0]))
    assert row["f1"]["value"] is None and row["f1"]["status"] == "undefined"
    assert row["specificity"]["value"] == 1.0
    assert not row["included"]
    assert row["exclusion_reason"] == (
        "No positive study (0 positive, 3 negative of the reference)."
    )


def test_no_pair_at_all_is_said():
    row = edema(scored([1, 0], [None, None]))
    assert row["n_pairs"] == 0
    assert row["f1"]["message"] == (
        "No study has a label on both sides that counts under this policy."
    )


def test_draws_that_leave_a_score_undefined_are_counted():
    """One study is called positive: a draw without it has no precision."""
    row = edema(scored([1, 0, 0, 0], [1, 0, 0, 0], draws=1000))
    assert 200 < row["precision"]["undefined_draws"] < 450
    assert row["precision"]["status"] == "zero_variance"
    assert row["specificity"]["undefined_draws"] < 20


def test_one_study_has_a_score_and_no_interval():
    block = edema(scored([1], [1], minimum_count=0))["f1"]
    assert block["value"] == 1.0 and block["ci95"] is None
    assert block["message"] == "1 study: no interval and no test."


def test_the_three_averages_of_two_labels():
    """Cardiomegaly 8 TP of 8; Edema 1 TP, 1 FP, 1 FN: F1 of 1 and of 1/2."""
    rows = [[None] * 14 for _ in range(12)]
    said = [[None] * 14 for _ in range(12)]
    heart, edema_ = FINDINGS.index("Cardiomegaly"), FINDINGS.index("Edema")
    for study in range(12):
        rows[study][heart] = said[study][heart] = float(study < 8)
    for study, (truth, call) in enumerate([(1, 1), (0, 1), (1, 0), (0, 0)]):
        rows[study][edema_], said[study][edema_] = float(truth), float(call)
    results = score(
        table("r", rows), {"m": table("p", said)}, ScoreSettings(permutations=0)
    )
    values = {row["average"]: row["f1"]["value"] for row in results["averages"]}
    assert values["micro"] == pytest.approx(18 / 20, abs=1e-15)
    assert values["macro"] == pytest.approx(3 / 4, abs=1e-15)
    assert values["weighted"] == pytest.approx((8 * 1 + 2 * 0.5) / 10, abs=1e-15)


def test_a_mean_says_which_labels_it_goes_without():
    rows = [[0.0] * 14 for _ in range(4)]
    said = [[0.0] * 14 for _ in range(4)]
    heart, edema_ = FINDINGS.index("Cardiomegaly"), FINDINGS.index("Edema")
    rows[0][heart] = said[0][heart] = rows[1][edema_] = 1.0
    results = score(table("r", rows), {"m": table("p", said)})
    macro = found(results, "averages", average="macro", group="included")
    assert macro["labels"] == ["Cardiomegaly", "Edema"]
    assert macro["precision"]["value"] == 1.0
    assert macro["precision"]["message"].startswith(
        "Mean over 1 of 2 labels: undefined for Edema."
    )
    assert macro["f1"]["value"] == 0.5
    micro = found(results, "averages", average="micro", group="included")
    assert (
        micro["precision"]["message"] is None
        or "Mean" not in (micro["precision"]["message"])
    )


def test_nothing_left_to_average_is_said():
    results = scored(minimum_count=10)
    assert results["status"] == "nothing_included" and results["averages"] == []
    assert results["message"] == (
        "No label is left for an average: each falls short of the limits or lacks a "
        "column."
    )
    assert edema(results)["f1"]["value"] == pytest.approx(2 / 3)


def test_few_pairs_are_told():
    (told,) = [each for each in scored()["warnings"] if "fewer than" in each]
    assert told.startswith(
        "model: fewer than 10 studies are scored for Edema (6); these"
    )


def test_a_score_that_is_undefined_is_in_no_mean_and_is_not_told_among_the_few():
    nothing = [None] * 10
    negatives = [None, None, 0, None, 0, 0, None, None, None, 0]
    for said in (nothing, negatives):
        results = scored(said=said)
        assert edema(results)["f1"]["value"] is None
        assert not [each for each in results["warnings"] if "fewer than" in each]


def test_settings_that_mean_nothing_are_refused():
    for asked, sentence in (
        ({"policy": "strict"}, "There is no label policy strict; take one of"),
        ({"minimum_share": 0.7}, "The minimum share of a label's smaller class"),
        ({"minimum_share": float("nan")}, "The minimum share of a label's"),
        ({"minimum_count": -1}, "The minimum count has to be a whole number"),
        ({"draws": 0}, "The number of bootstrap draws has to be"),
        ({"permutations": -1}, "The number of permutations has to be"),
        ({"seed": -1}, "The seed has to be a whole number from 0 to 4294967295."),
        ({"left_out": {"Edma": ""}}, "There is no finding Edma to leave out; the"),
        ({"counted_on": "all"}, "Limits are counted on reference_definite or"),
    ):
        with pytest.raises(BadSettings) as refusal:
            ScoreSettings(**asked)
        assert str(refusal.value).startswith(sentence)


def test_names_that_nothing_has_are_refused():
    truth = one_label("truth", TRUTH, EDEMA)
    with pytest.raises(BadLabels, match="nothing to score"):
        score(truth, {})
    with pytest.raises(BadLabels, match="no predicted table of a reader Rosa"):
        score(truth, {"m": truth}, readers=["Rosa"])
    with pytest.raises(BadSettings, match="no published table table9"):
        score(truth, {"m": truth}, published=["table9"])


def test_what_was_asked_for_stands_in_the_results():
    origin = Origin(section="findings", labeler="ours", labeler_version="1")
    results = scored(origin=origin, seed=7, minimum_count=1)
    assert results["settings"]["seed"] == 7
    assert results["settings"]["origin"]["section"] == "findings"
    assert results["settings"]["policy_sentence"].startswith("A study counts for")
    assert results["settings"]["ci_method"].startswith("percentile bootstrap")


def test_a_weighted_mean_without_weight_says_so():
    """Precision of fractures is defined, but the reference has none to weigh it by."""
    truth = {"Edema": [1, 1, 1, 1], "Fracture": [0, 0, 0, 0]}
    told = {"Edema": [0, 0, 0, 0], "Fracture": [1, 0, 1, 1]}

    def of(name, columns):
        rows = [
            [columns[each][study] if each in columns else None for each in FINDINGS]
            for study in range(4)
        ]
        return table(name, rows, present=tuple(columns))

    results = score(
        of("truth", truth),
        {"model": of("told", told)},
        ScoreSettings(draws=20, permutations=0, minimum_count=0),
    )
    weighted = found(results, "averages", group="included", average="weighted")
    assert weighted["precision"]["value"] is None
    assert "none has weight" in weighted["precision"]["message"]
    assert weighted["recall"]["value"] == 0
