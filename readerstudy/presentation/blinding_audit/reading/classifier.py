"""The statistical reader itself: words, letters and style, learnt in folds of cases.

Logistic regression with an L2 penalty over word 1- and 2-grams, character 3- to 5-grams
and measures of style. Vocabulary and scales are taken from all texts, without the arms;
the arms of a fold are never seen by what scores it.
"""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from readerstudy.presentation.blinding_audit.reading.style import style_of
from readerstudy.presentation.blinding_audit.reading.texts import ArmText, phrases_of

FOLDS = 5
PENALTY_C = 10.0
# Measures of style count together about as much as the words do.
_STYLE_WEIGHT = 0.5
_STEPS = 300
_RIDGE = 0.3


@dataclass(frozen=True)
class Scored:
    """Out-of-fold scores [reports, arms], and how many fits did not settle."""

    scores: np.ndarray
    unsettled: int


def features_of(texts: Sequence[ArmText]) -> Any:
    """The sparse table of what the reader looks at: [reports, features]."""
    from scipy.sparse import csr_matrix, hstack
    from sklearn.feature_extraction.text import TfidfVectorizer

    seldom = 2 if len(texts) > 2 else 1
    counting = {"min_df": seldom, "sublinear_tf": True, "lowercase": False}
    blocks = [csr_matrix(_scaled(style_of(texts)))]
    words = TfidfVectorizer(analyzer=phrases_of, **counting)
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), **counting)
    for vectoriser, given in ((words, texts), (letters, [each.text for each in texts])):
        try:
            blocks.append(vectoriser.fit_transform(given))
        except ValueError:
            # No phrase stands in two reports: there is nothing to learn from.
            continue
    return hstack(blocks).tocsr()


def _scaled(style: np.ndarray) -> np.ndarray:
    spread = style.std(axis=0)
    standard = (style - style.mean(axis=0)) / np.where(spread > 0, spread, 1)
    weight = _STYLE_WEIGHT / np.sqrt(style.shape[1])
    return np.asarray(np.clip(standard, -3, 3) * weight)


def folds_of(
    cases: np.ndarray, *, rng: np.random.Generator
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Deal the cases into folds; yields which reports are learnt from and scored."""
    number = int(cases.max()) + 1
    dealt = rng.permutation(number) % min(FOLDS, number)
    for fold in range(min(FOLDS, number)):
        held_out = dealt[cases] == fold
        yield ~held_out, held_out


def read_in_folds(
    features: Any,
    marks: np.ndarray,
    cases: np.ndarray,
    *,
    repeats: int,
    rng: np.random.Generator,
) -> Scored:
    """Score every report by readers that learnt from other cases.

    marks  [reports, arms] whether of the arm; of two arms one reader serves both
    """
    scores = np.zeros(marks.shape)
    unsettled = 0
    columns = 1 if marks.shape[1] == 2 else marks.shape[1]
    for _ in range(repeats):
        for learnt, held_out in folds_of(cases, rng=rng):
            for arm in range(columns):
                fitted = fit(features[learnt], marks[learnt, arm])
                if fitted is None:
                    continue
                scores[held_out, arm] += fitted.decision_function(features[held_out])
                unsettled += int(fitted.n_iter_[0] >= _STEPS)
    if columns == 1:
        scores[:, 1] = -scores[:, 0]
    return Scored(scores / repeats, unsettled)


def fit(features: Any, is_arm: np.ndarray) -> Any:
    """One logistic regression; None where all reports are of one kind."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    if is_arm.all() or not is_arm.any():
        return None
    with warnings.catch_warnings():
        # Counted by the caller and told in the result.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = LogisticRegression(C=PENALTY_C, max_iter=_STEPS, tol=1e-4)
        return model.fit(features, is_arm)


def least_squares_readers(
    features: Any, cases: np.ndarray, *, rng: np.random.Generator
) -> np.ndarray:
    """A table that turns arms into out-of-fold scores: [reports, reports].

    Ridge regression on the same features; its scores are linear in the arms, so that
    thousands of dealings of the arms cost one multiplication.
    """
    likeness = np.asarray((features @ features.T).toarray()) + 1.0
    table = np.zeros_like(likeness)
    for learnt, held_out in folds_of(cases, rng=rng):
        inner = likeness[np.ix_(learnt, learnt)]
        inner = inner + _RIDGE * np.eye(len(inner))
        across = likeness[np.ix_(held_out, learnt)]
        table[np.ix_(held_out, learnt)] = np.linalg.solve(inner, across.T).T
    return table
