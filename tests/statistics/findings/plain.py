"""The scores again with loops and fractions, sharing no line with the product."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

Label = float | None
Study = Sequence[Label]
Counts = tuple[int, int, int, int]

# What becomes of an uncertain and of a blank label; None leaves it out.
RULES: dict[str, tuple[int | None, int | None]] = {
    "definite_joint": (None, None),
    "uncertain_as_positive": (1, 0),
    "uncertain_as_negative": (0, 0),
    "blank_as_negative": (None, 0),
    "uncertain_as_positive_without_blank": (1, None),
    "uncertain_as_negative_without_blank": (0, None),
}


def seen(label: Label, policy: str) -> int | None:
    """A label under a policy."""
    uncertain, blank = RULES[policy]
    if label is None:
        return blank
    return uncertain if label == -1 else int(label)


def counts(
    reference: Sequence[Study], predicted: Sequence[Study], label: int, policy: str
) -> Counts:
    """TP, FP, FN, TN of one label."""
    cells = [0, 0, 0, 0]
    for truth, said in zip(reference, predicted, strict=True):
        ours, theirs = seen(said[label], policy), seen(truth[label], policy)
        if ours is None or theirs is None:
            continue
        cells[{(1, 1): 0, (0, 1): 1, (1, 0): 2, (0, 0): 3}[theirs, ours]] += 1
    return cells[0], cells[1], cells[2], cells[3]


def quotient(above: int, below: int) -> Fraction | None:
    return Fraction(above, below) if below else None


def score(cells: Counts, metric: str) -> Fraction | None:
    tp, fp, fn, tn = cells
    if metric == "precision":
        return quotient(tp, tp + fp)
    if metric == "recall":
        return quotient(tp, tp + fn)
    if metric == "specificity":
        return quotient(tn, tn + fp)
    return quotient(2 * tp, 2 * tp + fp + fn)


def average(
    cells: Mapping[int, Counts], metric: str, kind: str, defined: Sequence[int]
) -> Fraction | None:
    """An average over labels; means are over the labels `defined` in the data."""
    if kind == "micro":
        pooled = [sum(each[place] for each in cells.values()) for place in range(4)]
        return score((pooled[0], pooled[1], pooled[2], pooled[3]), metric)
    total, weights = Fraction(0), Fraction(0)
    for label in defined:
        tp, _, fn, _ = cells[label]
        weight = 1 if kind == "macro" else tp + fn
        value = score(cells[label], metric)
        if weight and value is None:
            return None
        total += weight * (value or 0)
        weights += weight
    return total / weights if weights else None
