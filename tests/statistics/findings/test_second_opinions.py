"""scikit-learn's metrics, and every arrangement of a permutation test written out."""

import warnings
from itertools import product

import numpy as np
import pytest
from sklearn import metrics

from inference.chexpert import FINDINGS
from readerstudy.analysis.statistics.findings import ScoreSettings, score
from readerstudy.analysis.statistics.findings.draws import (
    permutation_p,
    swapped_counts,
)
from readerstudy.analysis.statistics.findings.groups import FIVE
from readerstudy.analysis.statistics.findings.scores import scores_of
from tests.statistics.findings.tables import found, table

F1 = 3


def made(seed, studies=200, shares=(0.2, 0.5, 0.1, 0.2)):
    random = np.random.default_rng(seed)
    truth = random.choice([1, 0, -1, np.nan], p=shares, size=(studies, 14))
    said = random.choice([1, 0, -1, np.nan], p=shares, size=(studies, 14))
    kept = random.random((studies, 14)) < 0.6
    return truth, np.where(kept, truth, said)


def as_table(name, values):
    return table(name, np.where(np.isnan(values), None, values).tolist())


@pytest.mark.parametrize("seed", range(3))
def test_scores_and_averages_are_scikit_learns(seed):
    truth, said = made(seed)
    results = score(
        as_table("t", truth),
        {"m": as_table("m", said)},
        ScoreSettings(policy="uncertain_as_negative", permutations=0, draws=5),
    )
    binary = [(values == 1).astype(int) for values in (truth, said)]
    per_label = metrics.precision_recall_fscore_support(*binary)
    for place, label in enumerate(FINDINGS):
        row = found(results, "scores", label=label)
        for ours, theirs in zip(("precision", "recall", "f1"), per_label, strict=False):
            assert row[ours]["value"] == pytest.approx(theirs[place], abs=1e-12)
        assert row["support_pos"] == per_label[3][place]
        matrix = metrics.confusion_matrix(binary[0][:, place], binary[1][:, place])
        cells = [row[each] for each in ("tn", "fp", "fn", "tp")]
        assert matrix.ravel().tolist() == cells
    for kind in ("micro", "macro", "weighted"):
        row = found(results, "averages", group="included", average=kind)
        theirs = metrics.precision_recall_fscore_support(*binary, average=kind)
        for ours, value in zip(("precision", "recall", "f1"), theirs, strict=False):
            assert row[ours]["value"] == pytest.approx(value, abs=1e-12)


def test_f1chexbert_is_scikit_learns_report_of_positive_or_uncertain():
    truth, said = made(5, studies=40)
    # No study has a fracture on either side: 0/0 counts as 0 in this convention.
    place = FINDINGS.index("Fracture")
    truth[:, place] = said[:, place] = 0
    results = score(as_table("t", truth), {"m": as_table("m", said)})
    (ours,) = results["f1chexbert"]
    binary = [np.isin(values, (1, -1)).astype(int) for values in (truth, said)]
    columns = [FINDINGS.index(label) for label in FIVE]
    for name, chosen in (("5", columns), ("all", list(range(14)))):
        pair = [each[:, chosen] for each in binary]
        for kind in ("micro", "macro", "weighted"):
            value = metrics.f1_score(*pair, average=kind, zero_division=0)
            assert ours[f"f1chexbert_{name}_{kind}_f1"] == pytest.approx(value)
        assert ours[f"f1chexbert_{name}_accuracy"] == metrics.accuracy_score(*pair)
    assert ours["zero_division"] == ["Fracture"]
    assert ours["f1chexbert_labels_f1"]["Fracture"] == 0.0
    assert ours["status"] == "ok"


def test_f1chexbert_without_all_columns_says_so():
    truth, said = made(6, studies=30)
    reference = as_table("t", truth)
    five = table("m", np.where(np.isnan(said), None, said).tolist(), present=FIVE)
    (ours,) = score(reference, {"m": five})["f1chexbert"]
    assert ours["f1chexbert_5_macro_f1"] is not None
    assert ours["f1chexbert_all_macro_f1"] is None
    assert ours["status"] == "columns_missing"
    assert ours["message"].startswith("No figures over all labels: there is no column")


def test_a_permutation_swaps_whole_studies_and_all_of_them_are_right():
    """All 2^6 arrangements at once, against arrangements made by hand."""
    random = np.random.default_rng(0)
    first, second = (
        np.eye(4, dtype=np.float32)[random.integers(4, size=(6, 3))] for _ in range(2)
    )
    bits = np.array(list(product((0, 1), repeat=6)), dtype=np.uint8)
    one, other = swapped_counts(first, second, np.packbits(bits, axis=1))
    for row, swaps in enumerate(bits):
        swap = swaps.astype(bool)[:, np.newaxis, np.newaxis]
        assert (one[row] == np.where(swap, second, first).sum(axis=0)).all()
        assert (other[row] == np.where(swap, first, second).sum(axis=0)).all()
    observed = scores_of(second.sum(axis=0)) - scores_of(first.sum(axis=0))
    permuted = scores_of(other) - scores_of(one)
    p_values, undefined = permutation_p(observed, permuted)
    for label, metric in product(range(3), range(4)):
        drawn = permuted[:, label, metric]
        defined = drawn[~np.isnan(drawn)]
        assert undefined[label, metric] == 64 - len(defined)
        if np.isnan(observed[label, metric]):
            assert np.isnan(p_values[label, metric])
            continue
        far = (abs(defined) >= abs(observed[label, metric]) - 1e-12).sum()
        assert p_values[label, metric] == (1 + far) / (1 + len(defined))


def test_a_p_value_is_never_0_and_equal_models_have_1():
    truth, _ = made(1)
    good = as_table("good", truth)
    wrong = as_table("wrong", np.where(np.isnan(truth), truth, 1 - abs(truth)))
    asked = ScoreSettings(permutations=200, draws=50)
    results = score(as_table("t", truth), {"a": wrong, "b": good, "c": good}, asked)
    row = found(results, "differences", first="a", second="b", label="Edema")
    assert row["f1"]["difference"] == 1.0
    assert row["f1"]["p_value"] == pytest.approx(1 / 201)
    assert row["f1"]["holm_p"] >= row["f1"]["p_value"]
    row = found(results, "differences", first="b", second="c", label="Edema")
    assert row["f1"]["difference"] == 0.0 and row["f1"]["p_value"] == 1.0
    assert row["f1"]["status"] == "zero_variance"


def test_under_the_null_small_p_values_are_as_rare_as_they_should_be():
    """Two models that are exchangeable: 120 tables, of which 5% may fall below 5%."""
    p_values = []
    for seed in range(120):
        random = np.random.default_rng(seed)
        truth = random.integers(2, size=(40, 14)).astype(float)
        models = [
            as_table("m", np.where(random.random((40, 14)) < 0.2, 1 - truth, truth))
            for _ in range(2)
        ]
        asked = ScoreSettings(permutations=99, draws=2, seed=seed)
        predicted = dict(zip("ab", models, strict=True))
        results = score(as_table("t", truth), predicted, asked)
        row = found(results, "differences", average="macro", group="included")
        p_values.append(row["f1"]["p_value"])
    # 120 trials at 5% give 1 to 14 but for 4 times in 1,000.
    assert 1 <= sum(p_value <= 0.05 for p_value in p_values) <= 14


def test_nothing_warns_where_much_is_undefined():
    blank = table("t", [[None] * 14] * 3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        results = score(blank, {"m": blank})
    assert results["status"] == "nothing_included"
