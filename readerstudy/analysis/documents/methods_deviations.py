"""The methods' section on what was changed against the locked protocol."""

from collections.abc import Mapping, Sequence
from typing import Any

# Rows of deviations.csv.
Deviations = Sequence[Mapping[str, Any]]


def deviation_paragraphs(deviations: Deviations) -> list[str]:
    """A sentence for each deviation, in order; none where nothing deviated."""
    return [_sentence(row) for row in deviations]


def _sentence(row: Mapping[str, Any]) -> str:
    number, day = str(row["number"]), str(row["at"])[:10]
    reason = str(row["reason"]).rstrip(".")
    if number.startswith("U"):
        return f"The results were unblinded on {day}, before reading ended: {reason}."
    if number.startswith("W"):
        when, _, rule = str(row["after"]).removeprefix("withdrawn").partition(". ")
        when = f",{when}" if when else ""
        what = str(row["field"])
        return f"{what[0].upper()}{what[1:]} withdrew on {day}{when}: {reason}. {rule}."
    if number.startswith("C"):
        return f"Reading was {row['after']} on {day}: {reason}."
    if number.startswith("E"):
        what = str(row["field"])
        return (
            f"{what[0].upper()}{what[1:]} was {row['after']} on {day}, after the "
            f"close: {reason}."
        )
    return (
        f"Amendment {number} of {day} changed the protocol's {row['field']}: {reason}."
    )
