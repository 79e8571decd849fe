"""What is said where a number can't be given: one sentence per status."""

from typing import Any

Block = dict[str, Any]

NO_RATINGS = "No ratings: the table holds no grade that counts."
TOO_FEW_ARMS = "No comparison: fewer than two arms were rated."
ONE_CASE = "1 case: no inference."
ONE_READER = "One reader: no inference to other readers."
AGREEMENT_NEEDS_READERS = "Agreement needs at least 2 readers."
ZERO_VARIANCE = (
    "Zero variance: every case shows the same difference, so there is no interval."
)
CASES_AGREE = (
    "Not estimable: no case's number of successes differs between the arms. "
    "Difference 0.0 points."
)


def no_complete_blocks(arms: int) -> str:
    """No row can be compared."""
    which = "both arms" if arms == 2 else "every arm"
    return f"No comparison: no reader rated {which} of any case."


def no_discordant_blocks(blocks: int) -> str:
    """All rows tell the same about every arm."""
    return (
        "Not estimable: no reader rated the arms differently in any of "
        f"{blocks} blocks. Difference 0.0 points."
    )


def not_crossed(cells: int) -> str:
    """The two-way analysis of variance lacks cells."""
    noun = "cell" if cells == 1 else "cells"
    return f"Not computed: {cells} {noun} missing; it needs every reader on every case."


def block(status: str, message: str | None, **values: Any) -> Block:
    """A block of the result set, with its status and sentence first."""
    return {"status": status, "message": message, **values}
