"""Which labels enter the averages, and the reason that is printed for each other."""

from dataclasses import replace

import pytest

from inference.chexpert import FINDINGS
from readerstudy.analysis.statistics.findings import PRESETS, ScoreSettings, score
from readerstudy.analysis.statistics.findings.groups import FIVE
from tests.statistics.findings.tables import found, one_label, table

QUICK = {"draws": 5, "permutations": 0}


def reason(truth, said, **asked):
    results = score(
        one_label("r", truth, "Edema"),
        {"ours": one_label("p", said, "Edema")},
        ScoreSettings(**(QUICK | asked)),
    )
    return found(results, "labels", label="Edema")["exclusion_reason"]


def test_both_limits_and_what_they_are_counted_on():
    truth = [1] * 10 + [0] * 190
    said = [1] * 9 + [None] * 1 + [0] * 190
    assert reason(truth, said, minimum_count=10) is None
    assert reason(truth, said, minimum_share=0.05) is None
    assert reason(truth, said, minimum_count=11) == (
        "Fewer than 11 positive (10 positive, 190 negative of the reference)."
    )
    assert reason(truth, said, minimum_share=0.06) == (
        "Under 6% positive (10 positive, 190 negative of the reference)."
    )
    joint = {"counted_on": "joint_definite"}
    assert reason(truth, said, minimum_count=10, **joint) == (
        "Fewer than 10 positive (9 positive, 190 negative of the pairs with ours)."
    )
    assert reason(truth, said, minimum_share=0.05, **joint) == (
        "Under 5% positive (9 positive, 190 negative of the pairs with ours)."
    )


def test_the_rarer_class_counts_whichever_it_is():
    truth = [0] * 3 + [1] * 30
    assert reason(truth, truth, minimum_count=10) == (
        "Fewer than 10 negative (30 positive, 3 negative of the reference)."
    )


def test_limits_count_what_the_policy_makes_of_labels():
    truth = [1] * 3 + [None] * 20
    assert reason(truth, truth) == (
        "No negative study (3 positive, 0 negative of the reference)."
    )
    assert reason(truth, truth, policy="blank_as_negative") is None


def test_a_label_is_left_out_for_all_models_alike():
    truth = [1] * 10 + [0] * 10
    results = score(
        one_label("r", truth, "Edema"),
        {
            "full": one_label("p", truth, "Edema"),
            "shy": one_label("p", [1] * 2 + [None] * 8 + [0] * 10, "Edema"),
        },
        ScoreSettings(minimum_count=5, counted_on="joint_definite", **QUICK),
    )
    assert found(results, "labels", label="Edema")["exclusion_reason"] == (
        "Fewer than 5 positive (2 positive, 10 negative of the pairs with shy)."
    )
    assert {row["included"] for row in results["scores"]} == {False}
    # Its scores stand all the same.
    assert found(results, "scores", model="full")["f1"]["value"] == 1.0


def test_a_label_without_a_column_is_left_out_with_a_reason():
    rows = [[1.0] * 14, [0.0] * 14]
    reference = table("r", rows, present=("Edema", "Fracture"))
    results = score(
        reference,
        {"m": table("p", rows, present=("Edema", "Pneumonia"))},
        ScoreSettings(**QUICK),
    )
    reasons = {each["label"]: each["exclusion_reason"] for each in results["labels"]}
    assert reasons["Edema"] is None
    assert reasons["Fracture"] == "m has no column for it."
    assert reasons["Pneumonia"] == "The reference has no column for it."
    assert [row["label"] for row in results["scores"]] == ["Edema"]


def test_an_absent_column_is_no_negative_even_where_blank_is():
    rows = [[1.0] * 14, [0.0] * 14]
    results = score(
        table("r", rows),
        {"m": table("p", rows, present=FIVE), "all": table("p", rows)},
        ScoreSettings(policy="blank_as_negative", **QUICK),
    )
    own = {row["label"] for row in results["scores"] if row["model"] == "m"}
    assert own == set(FIVE)


def test_a_model_that_lacks_a_label_has_no_average_over_it_but_one_over_the_five():
    rows = [[1.0] * 14, [0.0] * 14]
    results = score(
        table("r", rows),
        {"m": table("p", rows), "five": table("p", rows, present=FIVE)},
        ScoreSettings(**QUICK),
    )
    absent = found(results, "averages", model="five", group="included", average="macro")
    assert absent["f1"]["value"] is None
    assert absent["f1"]["message"].startswith("No average: it has no column for No Fi")
    held = found(results, "averages", model="five", group="five", average="macro")
    assert held["f1"]["value"] == 1.0 and set(held["labels"]) == set(FIVE)
    row = found(results, "differences", group="included", average="macro")
    assert row["f1"]["difference"] is None
    row = found(results, "differences", group="five", average="macro")
    assert row["f1"]["difference"] == 0.0


def test_labels_that_all_models_have_are_a_set_of_their_own():
    rows = [[1.0] * 14, [0.0] * 14]
    two = ("Edema", "Fracture")
    results = score(
        table("r", rows),
        {"m": table("p", rows), "two": table("p", rows, present=two)},
        ScoreSettings(**QUICK),
    )
    groups = {row["group"]: tuple(row["labels"]) for row in results["averages"]}
    assert groups["common"] == two


def mimic():
    """Positives per 300 studies: Fracture 9, Pneumothorax 14, the rest 60."""
    few = {"Fracture": 9, "Pneumothorax": 14}
    return [
        [float(study < few.get(label, 60)) for label in FINDINGS]
        for study in range(300)
    ]


@pytest.mark.parametrize(
    ("preset", "out"),
    [
        (
            "report_to_report_mimic",
            {
                "Fracture": "Fewer than 10 positive (9",
                "Pneumothorax": "Under 5% positive (14",
                "Enlarged Cardiomediastinum": "It overlaps with Cardiomegaly",
            },
        ),
        (
            "report_to_report_indiana",
            {
                "Fracture": "Fewer than 10 positive (9",
                "Enlarged Cardiomediastinum": "It overlaps with Cardiomegaly",
            },
        ),
        (
            "labels_to_image",
            {
                "Fracture": "Under 5% positive (9",
                "Pneumothorax": "Under 5% positive (14",
                "Enlarged Cardiomediastinum": "It overlaps with Cardiomegaly",
                "No Finding": "It is no pathology",
            },
        ),
        ("readers_to_image", {}),
        ("f1chexbert", {}),
    ],
)
def test_the_presets_leave_out_what_the_notes_below_the_tables_say(preset, out):
    rows = mimic()
    settings = replace(PRESETS[preset].settings, draws=2, permutations=0)
    readers = ["m"] if preset == "readers_to_image" else []
    results = score(
        table("r", rows), {"m": table("p", rows)}, settings, readers=readers
    )
    reasons = {
        each["label"]: each["exclusion_reason"]
        for each in results["labels"]
        if each["exclusion_reason"]
    }
    assert set(reasons) == set(out)
    for label, beginning in out.items():
        assert reasons[label].startswith(beginning)
    assert results["settings"]["preset"] == preset
