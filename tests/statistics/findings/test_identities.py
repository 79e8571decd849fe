"""What must not change a score, and what must follow from another."""

import json

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.chexpert import FINDINGS
from readerstudy.analysis.statistics.findings import (
    POLICIES,
    LabelTable,
    ScoreSettings,
    read_label_table,
    score,
)
from readerstudy.csv_text import csv_text
from tests.statistics.findings.tables import found, several, table

QUICK = ScoreSettings(draws=20, permutations=20, minimum_count=0)
EASY = settings(deadline=None, max_examples=15)


def without_names(results):
    return json.dumps(
        {key: results[key] for key in ("scores", "averages", "differences")},
        sort_keys=True,
    )


@given(several(models=0), st.sampled_from(sorted(POLICIES)))
@EASY
def test_a_table_against_itself_is_right_wherever_it_is_defined(rows, policy):
    own = table("t", rows[0])
    asked = ScoreSettings(
        policy=policy,
        draws=5,
        permutations=0,
        minimum_count=0,  # type: ignore[arg-type]
    )
    for row in score(own, {"m": own}, asked)["scores"]:
        assert row["fp"] == row["fn"] == 0
        for metric in ("precision", "recall", "specificity", "f1"):
            assert row[metric]["value"] in (1.0, None)


@given(several(), st.randoms())
@EASY
def test_the_order_of_studies_changes_nothing(rows, random):
    tables = [table(str(place), each) for place, each in enumerate(rows)]
    shuffled = []
    for each in tables:
        order = list(range(len(each.ids)))
        random.shuffle(order)
        ids = tuple(each.ids[place] for place in order)
        shuffled.append(LabelTable(each.name, ids, each.values[order]))
    results = [
        score(reference, {"a": first, "b": second}, QUICK)
        for reference, first, second in (tables, shuffled)
    ]
    assert json.dumps(results[0]) == json.dumps(results[1])


@given(several(models=1), st.permutations(FINDINGS))
@EASY
def test_the_order_of_columns_changes_nothing(rows, order):
    def written(values, columns):
        lines = [
            {"study_id": f"S{number}", **dict(zip(FINDINGS, row, strict=True))}
            for number, row in enumerate(values, 1)
        ]
        return csv_text(("study_id", *columns), lines)

    usual, mixed = (
        [read_label_table(written(each, columns), name="t.csv") for each in rows]
        for columns in (FINDINGS, order)
    )
    assert without_names(score(usual[0], {"m": usual[1]}, QUICK)) == without_names(
        score(mixed[0], {"m": mixed[1]}, QUICK)
    )
    assert np.array_equal(usual[1].values, table("", rows[1]).values, equal_nan=True)


@given(several())
@EASY
def test_a_further_model_leaves_the_others_alone(rows):
    reference, first, second = (table("t", each) for each in rows)
    alone = score(reference, {"a": first}, QUICK)
    beside = score(reference, {"a": first, "b": second}, QUICK)
    for block in ("scores", "averages"):
        assert alone[block] == [row for row in beside[block] if row["model"] == "a"]


@given(several())
@EASY
def test_turning_two_models_round_turns_their_differences(rows):
    reference, first, second = (table("t", each) for each in rows)
    one = score(reference, {"a": first, "b": second}, QUICK)["differences"]
    other = score(reference, {"b": second, "a": first}, QUICK)["differences"]
    for row, turned in zip(one, other, strict=True):
        for metric in ("precision", "recall", "specificity", "f1"):
            ours, theirs = row[metric], turned[metric]
            assert ours["status"] == theirs["status"]
            if ours["difference"] is not None:
                assert ours["difference"] == -theirs["difference"]


@given(several(models=1))
@EASY
def test_a_difference_is_that_of_the_scores(rows):
    reference, model = (table("t", each) for each in rows)
    results = score(reference, {"a": model, "b": reference}, QUICK)
    for row in results["differences"]:
        if row["label"] is None:
            continue
        for metric in ("precision", "recall", "specificity", "f1"):
            both = [
                found(results, "scores", model=name, label=row["label"])
                for name in "ba"
            ]
            values = [each[metric]["value"] for each in both]
            if None in values:
                assert row[metric]["difference"] is None
            else:
                assert row[metric]["difference"] == values[0] - values[1]


def test_a_seed_decides_the_draws():
    random = np.random.default_rng(3)
    tables = [
        table("t", random.choice([1.0, 0.0], size=(60, 14)).tolist()) for _ in range(3)
    ]
    results = [
        score(tables[0], {"a": tables[1], "b": tables[2]}, ScoreSettings(seed=seed))
        for seed in (1, 1, 2)
    ]
    same, again, other = (without_names(each) for each in results)
    assert same == again and same != other
