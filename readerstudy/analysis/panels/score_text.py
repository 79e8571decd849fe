"""A score as the paper prints it."""

from collections.abc import Sequence

from readerstudy.analysis.wording import coefficient

NOT_THERE = "N/A"
UNDEFINED = "undefined"


def value_text(value: float | None, bounds: Sequence[float] | None) -> str:
    """A score as the paper prints it: 0.62 (0.57, 0.65)."""
    if value is None:
        return UNDEFINED
    if not bounds:
        return coefficient(value)
    low, high = (coefficient(each) for each in bounds)
    return f"{coefficient(value)} ({low}, {high})"
