"""The audit: laid-out texts of all arms in, plain JSON out. Seeded: the same again.

The interval is the percentile interval of a bootstrap over cases, in which scores stay
as they are: it holds for other cases like these, not for another reader.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from readerstudy.presentation.blinding_audit.reading.classifier import (
    FOLDS,
    features_of,
    least_squares_readers,
    read_in_folds,
)
from readerstudy.presentation.blinding_audit.reading.leaks import leaks_of
from readerstudy.presentation.blinding_audit.reading.measures import (
    auc,
    aucs,
    bootstrap,
    chance,
    interval,
    swapped_within_cases,
    within_cases,
)
from readerstudy.presentation.blinding_audit.reading.tells import phrases, styles
from readerstudy.presentation.blinding_audit.reading.texts import ArmText, in_order

# Part of an audit's digest: whoever changes what is measured counts it up.
VERSION = 2
SCHEMA = "readerstudy.blinding_audit/1"
SEED = 0
# Below this many cases the number is shown, and said to be of little use.
FEW_CASES = 20
# Beyond this many, cases are drawn: it is enough for a narrow interval.
MOST_CASES = 1000
MOST_ARMS = 12
# Dealings of the arms are tried on so many reports: a table of all pairs grows fast.
_MOST_DEALT = 1600
_BOOTSTRAPS = 2000
_DIGITS = 4


def audit(texts: Sequence[ArmText], labels: Mapping[str, str]) -> dict[str, Any]:
    """Say how well the arms can be told from the texts, and by what.

    labels  the arms' names for people, by arm, in the order of the study
    Raises ValueError, in a sentence, where there is nothing to tell apart.
    """
    arms = list(labels)
    _refuse_what_cannot_be_told(texts, labels)
    chance_of = np.random.default_rng(SEED)
    drawn = _drawn(in_order(texts, arms), chance_of)
    numbers = {case: place for place, case in enumerate(dict.fromkeys(_cases(drawn)))}
    cases = np.array([numbers[case] for case in _cases(drawn)])
    arm_of = np.array([arms.index(text.arm) for text in drawn])
    marks = arm_of[:, None] == np.arange(len(arms))[None, :]
    found: dict[str, Any] = {
        "schema": SCHEMA,
        "version": VERSION,
        "seed": SEED,
        "cases": len({text.case for text in texts}),
        "cases_read": len(numbers),
        "reports": len(drawn),
        "arms": [
            {"arm": arm, "label": labels[arm], "reports": int(marks[:, place].sum())}
            for place, arm in enumerate(arms)
        ],
        "leaks": leaks_of(drawn, labels),
        "phrases": phrases(drawn, marks, arms),
        "styles": styles(drawn, marks, arms),
        "versions": _versions(),
    }
    found |= _measured(drawn, marks, arm_of, cases, arms)
    return {name: _rounded(each) for name, each in found.items()}


def _cases(texts: Sequence[ArmText]) -> list[str]:
    return [text.case for text in texts]


def _refuse_what_cannot_be_told(
    texts: Sequence[ArmText], labels: Mapping[str, str]
) -> None:
    if len(labels) < 2:
        raise ValueError("There is one arm only; nothing can be told apart.")
    if len(labels) > MOST_ARMS:
        raise ValueError(f"An audit reads at most {MOST_ARMS} arms.")
    held = {text.arm for text in texts}
    if without := [label for arm, label in labels.items() if arm not in held]:
        raise ValueError(f"{without[0]} has no report yet.")


def _drawn(texts: list[ArmText], rng: np.random.Generator) -> list[ArmText]:
    """All texts, or those of as many cases as an audit reads."""
    cases = list(dict.fromkeys(_cases(texts)))
    if len(cases) <= MOST_CASES:
        return texts
    kept = {cases[place] for place in rng.permutation(len(cases))[:MOST_CASES]}
    return [text for text in texts if text.case in kept]


def _measured(
    texts: Sequence[ArmText],
    marks: np.ndarray,
    arm_of: np.ndarray,
    cases: np.ndarray,
    arms: Sequence[str],
) -> dict[str, Any]:
    """The numbers of the statistical reader, or why there are none."""
    number = int(cases.max()) + 1
    if number < 2:
        return {"status": "no_number", "auc": None, "ci95": None, "each": []} | {
            "message": "With one case nothing can be learnt and tried on another."
        }
    rng = np.random.default_rng(SEED)
    features = features_of(texts)
    repeats = 10 if number <= 100 else 4 if number <= 400 else 1
    read = read_in_folds(features, marks, cases, repeats=repeats, rng=rng)
    draws = bootstrap(read.scores, marks, cases, draws=_BOOTSTRAPS, rng=rng)
    each = [auc(read.scores[:, arm], marks[:, arm]) for arm in range(len(arms))]
    found = {
        "status": "ok" if number >= FEW_CASES else "few_cases",
        "message": _message(number),
        "auc": float(np.mean(each)),
        "ci95": interval(draws.mean(axis=1)),
        "interval": "percentile, bootstrap over cases",
        "each": [
            {"arm": arm, "auc": each[place], "ci95": interval(draws[:, place])}
            for place, arm in enumerate(arms)
        ],
        "folds": min(FOLDS, number),
        "repeats": repeats,
        "unsettled": read.unsettled,
        "bootstraps": _BOOTSTRAPS,
        "within_cases": None,
        "permutation": _by_chance(features, arm_of, cases, len(arms), rng=rng),
    }
    if len(arms) == 2:
        found["within_cases"] = within_cases(read.scores[:, 0], marks[:, 0], cases)
    return found


def _message(cases: int) -> str:
    if cases >= FEW_CASES:
        return ""
    return (
        f"{cases} cases are too few for a useful number: from about {FEW_CASES} on it "
        "begins to say something. The interval shows how little is known."
    )


def _by_chance(
    features: Any,
    arm_of: np.ndarray,
    cases: np.ndarray,
    arms: int,
    *,
    rng: np.random.Generator,
) -> dict[str, Any]:
    """How often arms dealt anew within each case are told as well."""
    most = max(_MOST_DEALT // arms, FOLDS)
    numbers = np.unique(cases)
    # By lot: cases in the order of their codes may differ from the rest.
    if len(numbers) > most:
        numbers = np.sort(rng.permutation(numbers)[:most])
    kept = np.isin(cases, numbers)
    features, arm_of = features[kept], arm_of[kept]
    cases = np.searchsorted(numbers, cases[kept])
    draws = 999 if len(cases) <= _MOST_DEALT // 2 else 199
    table = least_squares_readers(features, cases, rng=rng)
    dealt = swapped_within_cases(arm_of, cases, draws=draws, rng=rng)
    every = np.vstack([arm_of[None, :], dealt]).T
    told = [
        aucs(table @ (every == arm).astype(float), every == arm) for arm in range(arms)
    ]
    observed, *by_chance = np.mean(told, axis=0)
    return {
        "p_value": chance(float(observed), by_chance),
        "draws": draws,
        "cases": len(np.unique(cases)),
        "auc": float(observed),
        "statistic": "least-squares reader, arms dealt anew within cases",
    }


def _versions() -> dict[str, str]:
    import sklearn

    return {"scikit-learn": str(sklearn.__version__), "numpy": np.__version__}


def _rounded(value: Any) -> Any:
    """Numbers as they are stored: no digit that another machine might add up to."""
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    if isinstance(value, float):
        return None if np.isnan(value) else round(float(value), _DIGITS)
    return value
