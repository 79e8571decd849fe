"""What is said where a score, an interval or a test can't be given."""

import math

NO_INTERVAL_OF_ONE = "1 study: no interval and no test."
MOSTLY_UNDEFINED = "No interval: the score is undefined in most of the draws."
ALIKE = (
    "Every draw of studies gives the same value, so the interval says nothing on how "
    "uncertain it is."
)
UNDEFINED_DIFFERENCE = "Undefined: the score of at least one side is."
NO_PERMUTATIONS = "No p value: no permutations were asked for."
READERS_ARE_NOT_SWAPPED = (
    "No p value: a model can't change places with a mean of readers, so the interval "
    "stands alone."
)


def number(value: float) -> float | None:
    """A number that JSON can hold; None for what is undefined."""
    found = float(value)
    return found if math.isfinite(found) else None
