"""Every score of random tables against loops and fractions."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.chexpert import FINDINGS
from readerstudy.analysis.statistics.bootstrap import draw_weights
from readerstudy.analysis.statistics.findings import POLICIES, ScoreSettings, score
from readerstudy.analysis.statistics.findings.averages import AVERAGES
from readerstudy.analysis.statistics.findings.scores import METRICS
from tests.statistics.findings import plain
from tests.statistics.findings.tables import several, table

POLICY = st.sampled_from(sorted(POLICIES))


def close(ours, theirs):
    if theirs is None or ours is None:
        return ours is theirs
    return abs(ours - float(theirs)) < 1e-12


@given(several(), POLICY, st.integers(0, 3))
@settings(deadline=None, max_examples=60)
def test_scores_and_counts_are_those_of_a_loop(rows, policy, least):
    reference, *models = rows
    asked = ScoreSettings(policy=policy, minimum_count=least, draws=2, permutations=0)
    predicted = {f"m{place}": table("p", each) for place, each in enumerate(models)}
    results = score(table("r", reference), predicted, asked)
    json.dumps(results, allow_nan=False)
    for row in results["scores"]:
        label = FINDINGS.index(row["label"])
        said = models[int(row["model"][1:])]
        cells = plain.counts(reference, said, label, policy)
        assert (row["tp"], row["fp"], row["fn"], row["tn"]) == cells
        assert row["n_pairs"] + sum(row["excluded"].values()) == len(reference)
        assert row["n_pairs"] == sum(cells)
        for metric in METRICS:
            assert close(row[metric]["value"], plain.score(cells, metric))
            assert (row[metric]["status"] == "undefined") == (
                row[metric]["value"] is None
            )
    included = [
        place
        for place in range(len(FINDINGS))
        if min(
            sum(plain.seen(study[place], policy) == side for study in reference)
            for side in (1, 0)
        )
        >= least
    ]
    assert included == [
        FINDINGS.index(each["label"]) for each in results["labels"] if each["included"]
    ]
    for row in results["averages"]:
        if row["group"] != "included":
            continue
        said = models[int(row["model"][1:])]
        cells = {
            label: plain.counts(reference, said, label, policy) for label in included
        }
        for metric in METRICS:
            defined = [
                label
                for label in included
                if plain.score(cells[label], metric) is not None
            ]
            expected = plain.average(cells, metric, row["average"], defined)
            assert close(row[metric]["value"], expected)


@given(several(most=5), POLICY, st.integers(0, 5))
@settings(deadline=None, max_examples=12)
def test_intervals_are_those_of_tables_drawn_row_by_row(rows, policy, seed):
    """Each draw is written out as a table and scored by the loop."""
    reference, first, second = rows
    draws = 9
    asked = ScoreSettings(
        policy=policy, minimum_count=0, draws=draws, permutations=0, seed=seed
    )
    results = score(
        table("r", reference), {"a": table("a", first), "b": table("b", second)}, asked
    )
    weights = np.concatenate(
        list(draw_weights(len(reference), seed=seed, draws=draws))
    ).astype(int)
    tables = {"a": first, "b": second}
    drawn = {
        (model, label): [
            plain.counts(
                repeated(reference, times),
                repeated(said, times),
                label,
                policy,
            )
            for times in weights
        ]
        for model, said in tables.items()
        for label in range(len(FINDINGS))
    }
    for row in results["scores"]:
        cells = drawn[row["model"], FINDINGS.index(row["label"])]
        for metric in METRICS:
            values = [plain.score(each, metric) for each in cells]
            agrees(row[metric], values, "value", row["n_pairs"])
    for row in results["averages"]:
        if row["group"] != "included":
            continue
        for metric in METRICS:
            whole = {
                label: plain.counts(reference, tables[row["model"]], label, policy)
                for label in range(len(FINDINGS))
            }
            defined = [
                label
                for label in range(len(FINDINGS))
                if plain.score(whole[label], metric) is not None
            ]
            values = [
                plain.average(
                    {
                        label: drawn[row["model"], label][draw]
                        for label in range(len(FINDINGS))
                    },
                    metric,
                    row["average"],
                    defined,
                )
                for draw in range(draws)
            ]
            agrees(row[metric], values, "value", len(reference))
    for row in results["differences"]:
        if row["label"] is None:
            continue
        label = FINDINGS.index(row["label"])
        for metric in METRICS:
            pairs = [
                [plain.score(drawn[model, label][draw], metric) for model in "ba"]
                for draw in range(draws)
            ]
            values = [
                None if None in pair else pair[0] - pair[1]  # type: ignore[operator]
                for pair in pairs
            ]
            agrees(row[metric], values, "difference", len(reference))


def repeated(rows, times):
    """The rows, each as often as it was drawn."""
    return [row for row, often in zip(rows, times, strict=True) for _ in range(often)]


def agrees(block, values, name, studies):
    """An interval is that of the defined draws; the others are counted."""
    known = [float(value) for value in values if value is not None]
    if block[name] is None:
        assert block["ci95"] is None
        return
    assert block["undefined_draws"] == len(values) - len(known)
    if studies < 2:
        assert block["ci95"] is None and block["status"] == "one_study"
    elif 2 * len(known) < len(values):
        assert block["ci95"] is None and block["status"] == "mostly_undefined"
    else:
        assert block["ci95"] == pytest.approx(
            list(np.percentile(known, [2.5, 97.5])), abs=1e-12
        )


def test_the_averages_are_named_side_by_side():
    reference = [[1.0] * 14, [0.0] * 14, [1.0] * 14]
    results = score(table("r", reference), {"m": table("m", reference)})
    for group in ("included", "five"):
        kinds = [row["average"] for row in results["averages"] if row["group"] == group]
        assert tuple(kinds) == AVERAGES
