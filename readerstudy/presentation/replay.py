"""Sample and allocation worked out again from a protocol's JSON alone.

Whoever holds a protocol can check that its cases and its lists come of its seeds, with
these modules and without any database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from readerstudy.cases.sampling import TooFew, replay_case_set
from readerstudy.presentation.dealing import Design, deal_design
from readerstudy.presentation.randomise import Deal, Infeasible
from readerstudy.presentation.sessions import SessionPlan

SCHEMA = "readerstudy.protocol/4"
COLUMNS = ("reader", "position", "case", "arm", "session", "side", "repeat")


class CannotReplay(ValueError):
    """The protocol does not hold what is needed; the message says what is missing."""


@dataclass(frozen=True)
class Sample:
    """The cases drawn again, and in what they differ; `drawn` None: not to be told."""

    drawn: tuple[str, ...] | None
    difference: str | None


def allocation_rows(deals: Sequence[Deal]) -> list[list[Any]]:
    """The allocation as plain JSON; its hash stands in the protocol."""
    return [
        [
            each.reader,
            each.position,
            each.case,
            each.arm,
            each.session,
            each.side,
            each.repeat,
        ]
        for each in deals
    ]


def deal_again(protocol: Mapping[str, Any]) -> list[Deal]:
    """Deal the lists of a protocol again. Raises CannotReplay in a sentence."""
    if protocol.get("schema") != SCHEMA:
        raise CannotReplay(
            f"Only protocols of the form {SCHEMA} hold all that their lists were dealt "
            f"from; this one is {protocol.get('schema') or 'of no known form'}."
        )
    try:
        reading = protocol["reading"]
        return deal_design(
            Design(**protocol["design"], pairs=reading["presentation"] == "pair"),
            readers=[str(code) for code in protocol["readers"]],
            strata={each["case"]: each["stratum"] for each in protocol["cases"]},
            arms=[arm["name"] for arm in protocol["arms"]],
            minimum_distance=protocol["minimum_pair_distance"],
            seed=protocol["seed"],
            plan=SessionPlan(
                reading["session_reads"], rounds_apart=reading["washout_days"] > 0
            ),
        )
    except KeyError as missing:
        raise CannotReplay(f"The protocol does not hold {missing.args[0]}.") from None
    except (Infeasible, TypeError, ValueError, AttributeError) as problem:
        raise CannotReplay(f"The protocol can't be dealt: {problem}") from None


def draw_again(protocol: Mapping[str, Any]) -> Sample:
    """Draw the cases of a protocol again, and compare."""
    block = protocol.get("case_set") or {}
    try:
        held = sorted(each["case"] for each in protocol["cases"])
        drawn = replay_case_set(block)
    except (TooFew, ValueError) as problem:
        return Sample(None, str(problem))
    except (KeyError, TypeError, AttributeError):
        raise CannotReplay("The protocol's case set is not as it has to be.") from None
    return Sample(tuple(drawn), _first_difference(held, drawn))


def _first_difference(held: Sequence[str], drawn: Sequence[str]) -> str | None:
    for code in held:
        if code not in set(drawn):
            return f"{code} is among the cases of the protocol and was not drawn again."
    for code in drawn:
        if code not in set(held):
            return f"{code} is drawn again and is no case of the protocol."
    return None


def table_of(
    protocol: Mapping[str, Any], deals: Sequence[Deal]
) -> list[dict[str, Any]]:
    """The allocation as rows of COLUMNS, cases under the labels of the bundle."""
    codes = [each["case"] for each in protocol["cases"]]
    width = len(str(len(codes)))
    labels = {code: f"C{number:0{width}d}" for number, code in enumerate(codes, 1)}
    return [
        {
            "reader": each.reader,
            "position": each.position,
            "case": labels[each.case],
            "arm": each.arm,
            "session": each.session,
            "side": each.side or "",
            "repeat": each.repeat,
        }
        for each in deals
    ]


def difference(
    again: Sequence[Mapping[str, Any]], kept: Sequence[Mapping[str, str]]
) -> str | None:
    """The first row in which a kept allocation.csv differs; None where none does."""
    for number, (mine, theirs) in enumerate(zip(again, kept, strict=False), 1):
        for name in COLUMNS:
            if name in theirs and str(mine[name]) != theirs[name]:
                return (
                    f"row {number}, {name}: {theirs[name] or 'empty'} in the file, "
                    f"{mine[name]} dealt again"
                )
    if len(again) != len(kept):
        return f"{len(kept)} rows in the file, {len(again)} dealt again"
    return None
