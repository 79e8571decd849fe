"""Scores of findings as one JSON-ready result: every page and file shows it."""

from collections.abc import Mapping, Sequence
from typing import Any

from readerstudy.analysis.statistics.findings.label_tables import LabelTable
from readerstudy.analysis.statistics.findings.settings import ScoreSettings

SCHEMA = "readerstudy.findings/1"


def score(
    reference: LabelTable,
    predicted: Mapping[str, LabelTable],
    settings: ScoreSettings | None = None,
    *,
    inner: bool = False,
    readers: Sequence[str] = (),
    published: Sequence[str] = (),
) -> dict[str, Any]:
    """Score every predicted table against the reference, study by study.

    `readers` names those of `predicted` that are human readers; two or more get a
    further row, their mean. `inner` scores the studies that all tables have; else
    missing and extra ids are refused. `published` adds quoted tables
    (PUBLISHED) as they were printed. Raises BadLabels and BadSettings.

    The result never holds NaN. A number that is not there is null with a status other
    than "ok" and a message in a full sentence:
    {"schema", "status", "message", "warnings": [sentence],
     "settings": {"policy", "policy_sentence", "minimum_share", "minimum_count",
                  "counted_on", "left_out", "draws", "permutations", "seed", "preset",
                  "origin", "ci_method", ...},
     "studies": {"n", "reference", "left_out_by_inner": {...}},
     "models": [{"name", "is_reader", "is_reader_mean", "labels"}],
     "labels": [{"label", "included", "exclusion_reason",
                 "reference": {"positive", "negative", "uncertain", "blank"}}],
     "scores": [{"model", "label", "included", "exclusion_reason", "n_pairs",
                 "coverage", "coverage_of_reference", "excluded": {"uncertain_ref",
                 "blank_ref", "uncertain_gen", "blank_gen"},
                 "dropped_positives", "tp", "fp", "fn", "tn", "support_pos",
                 "support_neg", "precision": METRIC, "recall": METRIC,
                 "specificity": METRIC, "f1": METRIC}],
     "averages": [{"model", "group": "included"|"five", "average":
                   "micro"|"macro"|"weighted", "labels": [...], the same counts and
                   METRICs}],
     "differences": [{"first", "second", "label" or null, "group" or null, "average":
                      "none"|"micro"|"macro"|"weighted", "included", "precision":
                      DIFFERENCE, "recall", "specificity", "f1"}],   # second minus first
     "f1chexbert": {MODEL: {"status", "message", "f1chexbert_5_micro_f1", ...}},
     "published": [{"table", "model", "label", "value", "ci95", "average", ...}],
     "versions": {...}}
    METRIC is {"value", "ci95": [low, high], "status", "message", "undefined_draws"},
    DIFFERENCE {"difference", "ci95", "p_value", "status", "message",
    "undefined_draws", "undefined_permutations"}.
    """
    raise NotImplementedError


def score_readers(
    reference: LabelTable,
    readers: Mapping[str, LabelTable],
    settings: ScoreSettings | None = None,
    *,
    inner: bool = False,
    published: Sequence[str] = (),
) -> dict[str, Any]:
    """Score human readers, and their mean, against the reference: see `score`."""
    raise NotImplementedError
