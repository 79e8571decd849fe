"""Several human readers against a reference: each, and their mean."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from readerstudy.analysis.statistics.bootstrap import draw_weights
from readerstudy.analysis.statistics.findings import (
    ScoreSettings,
    read_label_table,
    score,
    score_readers,
)
from readerstudy.analysis.statistics.findings.groups import FIVE
from tests.statistics.findings.tables import found, table

STUDIES = 60


def binary(seed, other=None):
    """CSV of the five competition labels; two in ten differ from `other`."""
    random = np.random.default_rng(seed)
    values = random.integers(2, size=(STUDIES, 5))
    if other is not None:
        values = np.where(random.random((STUDIES, 5)) < 0.2, 1 - other, other)
    lines = [f"Study,{','.join(FIVE)}"]
    lines += [f"p{row},{','.join(map(str, each))}" for row, each in enumerate(values)]
    return values, "\n".join(lines)


@pytest.fixture
def radiologists():
    truth, text = binary(0)
    reference = read_label_table(text, name="truth.csv")
    values, readers = {}, {}
    for seed, name in enumerate(("Rosa", "Ruth", "Rolf"), 1):
        values[name], text = binary(seed, truth)
        readers[name] = read_label_table(text, name=f"{name}.csv")
    return truth, reference, values, readers


def test_each_reader_has_the_f1_of_scikit_learn(radiologists):
    truth, reference, values, readers = radiologists
    results = score_readers(reference, readers, ScoreSettings(draws=10))
    for name, said in values.items():
        for place, label in enumerate(FIVE):
            row = found(results, "scores", model=name, label=label)
            expected = f1_score(truth[:, place], said[:, place])
            assert row["f1"]["value"] == pytest.approx(expected, abs=1e-15)
            assert row["n_pairs"] == STUDIES and row["coverage"] == 1.0
    assert {row["label"] for row in results["scores"]} == set(FIVE)


def test_the_mean_over_readers_and_its_interval(radiologists):
    truth, reference, values, readers = radiologists
    results = score_readers(reference, readers, ScoreSettings(draws=60, seed=4))
    row = found(results, "scores", model="mean of 3 readers", label="Edema")
    place = FIVE.index("Edema")
    each = [f1_score(truth[:, place], said[:, place]) for said in values.values()]
    assert row["f1"]["value"] == pytest.approx(np.mean(each), abs=1e-12)
    assert row["n_pairs"] is None and row["tp"] is None
    # Studies stand in natural order of their ids, which is that of the tables.
    drawn = []
    for weights in np.concatenate(list(draw_weights(STUDIES, seed=4, draws=60))):
        rows = np.repeat(np.arange(STUDIES), weights.astype(int))
        drawn.append(
            np.mean(
                [
                    f1_score(truth[rows, place], said[rows, place])
                    for said in values.values()
                ]
            )
        )
    assert row["f1"]["ci95"] == pytest.approx(
        list(np.percentile(drawn, [2.5, 97.5])), abs=1e-12
    )
    macro = found(
        results, "averages", model="mean of 3 readers", average="macro", group="five"
    )
    each = [f1_score(truth, said, average="macro") for said in values.values()]
    assert macro["f1"]["value"] == pytest.approx(np.mean(each), abs=1e-12)


def test_a_model_stands_beside_the_mean_of_the_readers(radiologists):
    _, reference, _, readers = radiologists
    results = score(
        reference,
        {"model": reference, **readers},
        ScoreSettings(draws=50, permutations=50),
        readers=list(readers),
    )
    kinds = {each["name"]: each["is_reader"] for each in results["models"]}
    assert kinds == {
        "model": False,
        "Rosa": True,
        "Ruth": True,
        "Rolf": True,
        "mean of 3 readers": True,
    }
    row = found(
        results, "differences", first="mean of 3 readers", second="model", label="Edema"
    )
    mean = found(results, "scores", model="mean of 3 readers", label="Edema")
    assert row["f1"]["difference"] == pytest.approx(1 - mean["f1"]["value"])
    assert row["f1"]["ci95"][0] > 0
    assert row["f1"]["p_value"] is None and row["f1"]["status"] == "no_p_value"
    assert "can't change places" in row["f1"]["message"]


def test_one_reader_has_no_mean(radiologists):
    _, reference, _, readers = radiologists
    results = score_readers(reference, {"Rosa": readers["Rosa"]})
    assert [each["name"] for each in results["models"]] == ["Rosa"]


def test_a_mean_says_over_how_many_readers_it_is():
    truth = [[float(study == 0)] * 14 for study in range(4)]
    silent = [[0.0] * 14 for _ in range(4)]
    results = score_readers(
        table("r", truth), {"Rosa": table("a", truth), "Ruth": table("b", silent)}
    )
    row = found(results, "scores", model="mean of 2 readers", label="Edema")
    assert row["precision"]["value"] == 1.0
    assert row["precision"]["message"].startswith(
        "Mean over 1 of 2 readers: undefined for the rest."
    )
    assert row["recall"]["value"] == 0.5


def test_a_model_may_be_called_as_the_mean_would_be(radiologists):
    _, reference, _, readers = radiologists
    results = score(
        reference,
        {"mean of 3 readers": reference, **readers},
        ScoreSettings(draws=2, permutations=0),
        readers=list(readers),
    )
    assert results["models"][-1]["name"] == "mean of 3 readers*"
