"""Rule labels of Indiana reports against people's, and texts of three real systems.

READERSTUDY_TEST_DATA names the folder.
"""

import csv
import os
from pathlib import Path

import pytest

from inference.chexpert import FINDINGS
from readerstudy.analysis.statistics.findings import (
    ScoreSettings,
    read_label_table,
    score,
)
from readerstudy.analysis.statistics.metrics import text_metrics
from readerstudy.csv_text import csv_text
from tests.statistics.findings.tables import found

DATA = Path(os.environ["READERSTUDY_TEST_DATA"])
RULES = DATA / "labels" / "indiana_rule_labels.csv"
MANUAL = DATA / "labels" / "indiana_manual_findings.csv"
PAIRS = DATA / "pairs" / "iu_side_by_side_dev.csv"
# F1 of the rule labels against people's, positive alone counting as positive, as
# another script measured it on all 3,826 reports; these are part of them.
MEASURED = {
    "Cardiomegaly": 0.70,
    "Pleural Effusion": 0.79,
    "Pneumothorax": 0.71,
    "Consolidation": 0.72,
    "Edema": 0.81,
    "Pneumonia": 0.57,
    "Atelectasis": 0.85,
    "No Finding": 0.84,
}


def people():
    """The manual findings under CheXpert's names and the ids of the rule labels."""
    with MANUAL.open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["uid"] = row["filename"].removeprefix("CXR")
        row["No Finding"] = row["normal"]
    columns = ("uid", *(name for name in ("Effusion", *FINDINGS) if name in rows[0]))
    return read_label_table(csv_text(columns, rows), name=MANUAL.name)


def test_rule_labels_score_as_another_script_measured():
    results = score(
        people(),
        {"rules": read_label_table(RULES)},
        ScoreSettings(policy="uncertain_as_negative", permutations=0),
        inner=True,
    )
    assert results["studies"]["n"] > 2000
    for label, measured in MEASURED.items():
        f1 = found(results, "scores", label=label)["f1"]
        assert f1["ci95"][0] <= measured <= f1["ci95"][1], (label, f1)


def test_the_policy_moves_the_score_as_far_as_the_reference_says():
    values = {}
    for policy in ("uncertain_as_positive", "uncertain_as_negative"):
        results = score(
            people(),
            {"rules": read_label_table(RULES)},
            ScoreSettings(policy=policy, draws=2, permutations=0),
            inner=True,
        )
        row = found(results, "scores", label="Pneumothorax")
        values[policy] = row["precision"]["value"], row["recall"]["value"]
    # Counting uncertain as positive lifts recall and costs precision.
    assert values["uncertain_as_positive"][1] >= values["uncertain_as_negative"][1]
    assert values["uncertain_as_positive"][0] < values["uncertain_as_negative"][0]


@pytest.mark.parametrize("system", ["ai_cvt2distilgpt2", "ai_moerad", "ai_mrg_rl"])
def test_texts_of_real_systems_are_measured(system):
    with PAIRS.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    reference = {row["study_id"]: row["reference_findings"] for row in rows}
    # One system's reports are there for some of the studies alone.
    generated = {row["study_id"]: row[system] for row in rows if row[system].strip()}
    found_ = text_metrics(reference, generated, source=system)
    assert len(found_.ids) == len(generated) > 40
    for metric in ("BLEU-4", "ROUGE-L"):
        known = [value for value in found_.values[metric] if value is not None]
        assert all(0 <= value <= 1 for value in known)
        assert 0.02 < sum(known) / len(known) < 0.7
