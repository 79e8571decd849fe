"""Scores of findings as one JSON-ready result: every page and file shows it."""

import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

import numpy as np

import readerstudy
from inference.chexpert import FINDINGS
from readerstudy.analysis.statistics.findings.cautions import cautions
from readerstudy.analysis.statistics.findings.counts import cells_of
from readerstudy.analysis.statistics.findings.differences import differences
from readerstudy.analysis.statistics.findings.f1chexbert import f1chexbert
from readerstudy.analysis.statistics.findings.groups import groups_of
from readerstudy.analysis.statistics.findings.joined import Joined, joined, order_doubts
from readerstudy.analysis.statistics.findings.kinds import check_readers, unlike_preset
from readerstudy.analysis.statistics.findings.label_tables import BadLabels, LabelTable
from readerstudy.analysis.statistics.findings.limits import Limits, limits_of
from readerstudy.analysis.statistics.findings.policies import POLICIES
from readerstudy.analysis.statistics.findings.published import PUBLISHED
from readerstudy.analysis.statistics.findings.score_rows import average_rows, label_rows
from readerstudy.analysis.statistics.findings.settings import (
    BadSettings,
    ScoreSettings,
)
from readerstudy.analysis.statistics.findings.tally import Tally

SCHEMA = "readerstudy.findings/1"
CI_METHOD = "percentile bootstrap over studies, paired across models"
P_METHOD = "two-sided permutation test that swaps two models study by study, plus one"
NOTHING_INCLUDED = (
    "No label is left for an average: each falls short of the limits or lacks a column."
)


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
     "cautions": [those of the warnings that are not about how a file was read],
     "unlike_preset": [those that say that the preset is for other kinds of labels],
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
     "averages": [{"model", "group": "included"|"common"|"five", "average":
                   "micro"|"macro"|"weighted", "labels": [...], the same counts and
                   METRICs}],
     "differences": [{"first", "second", "label" or null, "group" or null, "average":
                      "none"|"micro"|"macro"|"weighted", "included", "precision":
                      DIFFERENCE, "recall", "specificity", "f1"}],  # second - first
     "f1chexbert": [{"model", "status", "message", "f1chexbert_5_micro_f1", ...}],
     "published": [{"table", "model", "label", "value", "ci95", "average", ...}],
     "versions": {...}}
    METRIC is {"value", "ci95": [low, high], "status", "message", "undefined_draws"},
    DIFFERENCE {"difference", "ci95", "p_value", "holm_p", "status", "message",
    "undefined_draws", "undefined_permutations"}.
    """
    settings = settings or ScoreSettings()
    check_readers(settings.preset, len(readers))
    _check(predicted, readers, published)
    tables = joined(reference, predicted, inner=inner)
    policy = POLICIES[settings.policy]
    cells = cells_of(tables, policy)
    limits = limits_of(tables, cells, settings)
    places = tuple(tables.models.index(name) for name in readers)
    tally = Tally(
        models=tables.models,
        cells=cells,
        groups=groups_of(limits.included, cells.held),
        included=limits.included,
        readers=places if len(places) > 1 else (),
        draws=settings.draws,
        seed=settings.seed,
    )
    mean_name = _mean_name(tables.models, len(places))
    unlike = unlike_preset(settings.preset, reference, predicted, readers)
    told = [*unlike, *cautions(tables, tally, settings)]
    return {
        "schema": SCHEMA,
        "status": "ok" if tally.groups else "nothing_included",
        "message": None if tally.groups else NOTHING_INCLUDED,
        "warnings": [*_notes(reference, predicted), *told],
        "cautions": told,
        "unlike_preset": unlike,
        "settings": {
            **settings.as_json(),
            "policy_sentence": policy.sentence,
            "inner": inner,
            "ci_method": CI_METHOD,
            "p_method": P_METHOD if settings.permutations else None,
        },
        "studies": {
            "n": len(tables.ids),
            "reference": reference.name,
            "by_row": reference.by_row,
            "only_reference": tables.only_reference,
            "only_model": dict(tables.only_model),
        },
        "models": _models(tables, places, mean_name if tally.readers else ""),
        "labels": _labels(tables, limits),
        "scores": label_rows(tally, limits.reasons, mean_name),
        "averages": average_rows(tally, mean_name),
        "differences": differences(
            tally, permutations=settings.permutations, mean_name=mean_name
        ),
        "f1chexbert": f1chexbert(tables),
        "published": [row.as_json() for name in published for row in PUBLISHED[name]],
        "versions": {
            "readerstudy": readerstudy.VERSION,
            "python": platform.python_version(),
            "numpy": version("numpy"),
        },
    }


def score_readers(
    reference: LabelTable,
    readers: Mapping[str, LabelTable],
    settings: ScoreSettings | None = None,
    *,
    inner: bool = False,
    published: Sequence[str] = (),
) -> dict[str, Any]:
    """Score human readers, and their mean, against the reference: see `score`."""
    return score(
        reference,
        readers,
        settings,
        inner=inner,
        readers=tuple(readers),
        published=published,
    )


def _check(
    predicted: Mapping[str, LabelTable],
    readers: Sequence[str],
    published: Sequence[str],
) -> None:
    for name in readers:
        if name not in predicted:
            raise BadLabels(f"There is no predicted table of a reader {name}.")
    for name in published:
        if name not in PUBLISHED:
            raise BadSettings(
                f"There is no published table {name}; take {', '.join(PUBLISHED)}."
            )


def _mean_name(models: Sequence[str], readers: int) -> str:
    """The name of the readers' mean, which no model has."""
    name = f"mean of {readers} readers"
    while name in models:
        name = f"{name}*"
    return name


def _notes(reference: LabelTable, predicted: Mapping[str, LabelTable]) -> list[str]:
    tables = (reference, *predicted.values())
    notes = [note for table in tables for note in table.notes]
    return list(dict.fromkeys([*notes, *order_doubts(reference, predicted)]))


def _models(
    tables: Joined, readers: Sequence[int], mean_name: str
) -> list[dict[str, Any]]:
    found = [
        {
            "name": name,
            "is_reader": place in readers,
            "is_reader_mean": False,
            "labels": list(tables.present[name]),
        }
        for place, name in enumerate(tables.models)
    ]
    if mean_name:
        labels = [
            label
            for label in FINDINGS
            if any(label in tables.present[tables.models[each]] for each in readers)
        ]
        mean = {"is_reader": True, "is_reader_mean": True, "labels": labels}
        found.append({"name": mean_name, **mean})
    return found


def _labels(tables: Joined, limits: Limits) -> list[dict[str, Any]]:
    """Every label that the reference has a column for, or that is left out by name."""
    found = []
    for place, label in enumerate(FINDINGS):
        given = tables.reference[:, place]
        has = label in tables.reference_present
        counts = {
            "positive": int((given == 1).sum()),
            "negative": int((given == 0).sum()),
            "uncertain": int((given == -1).sum()),
            "blank": int(np.isnan(given).sum()),
        }
        found.append(
            {
                "label": label,
                "included": not limits.reasons[place],
                "exclusion_reason": limits.reasons[place] or None,
                "reference": counts if has else None,
            }
        )
    return found
