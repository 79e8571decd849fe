"""What gives an arm away: phrases with their direction, and measures of style."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from readerstudy.presentation.blinding_audit.reading.classifier import fit
from readerstudy.presentation.blinding_audit.reading.measures import auc
from readerstudy.presentation.blinding_audit.reading.style import FEATURES, style_of
from readerstudy.presentation.blinding_audit.reading.texts import (
    ArmText,
    phrases_of,
    words_of,
)

MOST_PER_ARM = 8
_LONGEST_EXAMPLE = 160


def phrases(
    texts: Sequence[ArmText], marks: np.ndarray, arms: Sequence[str]
) -> list[dict[str, Any]]:
    """The phrases that point to each arm, weightiest first.

    A phrase weighs what the reader gives it times how much more often the arm uses it.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    seldom = 2 if len(texts) > 2 else 1
    vectoriser = TfidfVectorizer(
        analyzer=phrases_of, min_df=seldom, sublinear_tf=True, lowercase=False
    )
    try:
        table = vectoriser.fit_transform(texts)
    except ValueError:
        return []  # no phrase stands in two reports
    names = vectoriser.get_feature_names_out()
    present = (table > 0).astype(float)
    within = np.array(
        [
            np.asarray(present[marks[:, arm]].sum(axis=0)).ravel()
            for arm in range(len(arms))
        ]
    )
    found: list[dict[str, Any]] = []
    weights = _weights(table, marks)
    for arm, name in enumerate(arms):
        own = within[arm] / marks[:, arm].sum()
        others = (within.sum(axis=0) - within[arm]) / (~marks[:, arm]).sum()
        worth = weights[arm] * (own - others)
        worth[(weights[arm] <= 0) | (own <= others)] = 0
        for place in _distinct(worth, names):
            phrase = str(names[place])
            found.append(
                {
                    "arm": name,
                    "phrase": phrase,
                    "weight": float(weights[arm][place]),
                    "reports": _counts(within[:, place], arms),
                    "example": _example(phrase, texts, name),
                }
            )
    return found


def _weights(table: Any, marks: np.ndarray) -> list[np.ndarray]:
    """What the reader gives each phrase for each arm; of two arms one is the mirror."""
    columns = 1 if marks.shape[1] == 2 else marks.shape[1]
    weights = []
    for arm in range(columns):
        fitted = fit(table, marks[:, arm])
        none = np.zeros(table.shape[1])
        weights.append(none if fitted is None else np.asarray(fitted.coef_[0]))
    return [weights[0], -weights[0]] if columns == 1 else weights


def _distinct(worth: np.ndarray, names: Any) -> list[int]:
    """The weightiest places; of phrases within one another the weightiest alone."""
    chosen: list[int] = []
    for place in np.argsort(-worth, kind="stable"):
        if worth[place] <= 0 or len(chosen) == MOST_PER_ARM:
            break
        if not any(_overlap(names[place], names[one]) for one in chosen):
            chosen.append(int(place))
    return chosen


def _overlap(one: str, other: str) -> bool:
    return f" {one} " in f" {other} " or f" {other} " in f" {one} "


def _counts(row: np.ndarray, arms: Sequence[str]) -> dict[str, int]:
    return {arm: int(count) for arm, count in zip(arms, row, strict=True)}


def _example(phrase: str, texts: Sequence[ArmText], arm: str) -> str:
    """The first sentence of the arm that holds the phrase, cut where it is long."""
    own = (sentence for text in texts if text.arm == arm for sentence in text.sentences)
    holding = (
        sentence
        for sentence in own
        if f" {phrase} " in f" {' '.join(words_of(sentence))} "
    )
    return shortened(next(holding, ""))


def shortened(sentence: str) -> str:
    """A sentence as an example, cut where it is long."""
    if len(sentence) <= _LONGEST_EXAMPLE:
        return sentence
    return f"{sentence[: _LONGEST_EXAMPLE - 1].rstrip()}\u2026"


def styles(
    texts: Sequence[ArmText], marks: np.ndarray, arms: Sequence[str]
) -> list[dict[str, Any]]:
    """Each measure of style: its mean per arm, and how well it tells an arm alone.

    The arm is the one that the measure tells best, and `more` whether it has more.
    """
    table = style_of(texts)
    found = []
    for number, (name, (label, _)) in enumerate(FEATURES.items()):
        values = table[:, number]
        told = [auc(values, marks[:, arm]) for arm in range(len(arms))]
        best = int(np.argmax([abs(each - 0.5) for each in told]))
        means = {
            arm: float(values[marks[:, place]].mean()) for place, arm in enumerate(arms)
        }
        found.append(
            {
                "feature": name,
                "label": label,
                "means": means,
                "arm": arms[best],
                "more": told[best] >= 0.5,
                "auc": max(told[best], 1 - told[best]),
            }
        )
    return sorted(found, key=lambda each: -each["auc"])


def repeated_sentences(texts: Sequence[ArmText]) -> dict[str, Counter[str]]:
    """By arm, how many reports hold each sentence, whatever its capitals."""
    counts: dict[str, Counter[str]] = {}
    for text in texts:
        held = {" ".join(words) for words in text.words if len(words) > 1}
        counts.setdefault(text.arm, Counter()).update(held)
    return counts
