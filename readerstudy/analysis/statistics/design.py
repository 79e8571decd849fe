"""What the protocol fixed about the analysis: arm order, reference, margin, alpha."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from readerstudy.analysis.statistics.level import ALPHA
from readerstudy.analysis.statistics.protocol_shape import faults

_LARGEST_ALPHA = 0.5
_NO_ARMS = "it has no list of arms, each with a name"
_LARGEST_MARGIN = 100
CROSSED = "crossed"
OUTCOMES = ("success", "stringent")
INFERENCES = ("headline", "fixed", "random")


class BadProtocol(ValueError):
    """A protocol that can't be used; the message is a sentence that says why."""


@dataclass(frozen=True)
class Design:
    """The analysis plan.

    margin     a share (0.1 is ten points)
    alpha      the two-sided level of significance; intervals are at 1 - alpha
    outcome    "success" (A or B) or "stringent" (A alone): the primary one
    inference  "headline", "fixed" or "random": which answer the estimand quotes
    planned    further analyses that the protocol names; None without a protocol
    crossed    every reader was dealt every report; else the rows say what was dealt
    """

    arms: tuple[str, ...] | None = None
    reference: str | None = None
    margin: float | None = None
    alpha: float = ALPHA
    outcome: str = "success"
    inference: str = "headline"
    planned: tuple[str, ...] | None = None
    crossed: bool = True


def design_of_protocol(protocol: object, *, name: str = "The protocol") -> Design:
    """Read the plan from a protocol's JSON; raises BadProtocol where it is none.

    An arm is an object with a name, or the name alone.
    """
    arms = protocol.get("arms") if isinstance(protocol, dict) else None
    if not isinstance(protocol, dict) or not isinstance(arms, list) or not arms:
        raise _unusable(name, _NO_ARMS)
    marked = [arm if isinstance(arm, dict) else {"name": arm} for arm in arms]
    titles = [arm.get("name") for arm in marked]
    names = [title.strip() for title in titles if isinstance(title, str)]
    if len(names) < len(titles) or not all(names):
        raise _unusable(name, _NO_ARMS)
    if len(set(names)) < len(names):
        raise _unusable(name, "it names an arm twice")
    reference = [
        title for title, arm in zip(names, marked, strict=True) if arm.get("reference")
    ]
    if len(reference) > 1:
        raise _unusable(name, "more than one arm is the reference")
    points = protocol.get("margin_points")
    plan = protocol.get("analysis")
    plan = {} if plan is None else plan
    if not isinstance(plan, dict):
        raise _unusable(name, "analysis is not an object")
    planned = plan.get("planned", [])
    if not isinstance(planned, list) or not all(
        isinstance(each, str) for each in planned
    ):
        raise _unusable(name, "the planned analyses are not a list of names")
    return Design(
        arms=tuple(names),
        reference=reference[0] if reference else None,
        margin=None if points is None else margin_of(points, f"{name}: margin_points"),
        alpha=_alpha_of(protocol.get("alpha"), name),
        outcome=_one_of(plan, "primary_outcome", OUTCOMES, name),
        inference=_one_of(plan, "reader_inference", INFERENCES, name),
        planned=tuple(planned),
        crossed=allocation_of(protocol) == CROSSED,
    )


def allocation_of(protocol: Mapping[str, Any]) -> str:
    """How a protocol deals reports; a full crossing where it says nothing."""
    dealt = protocol.get("design")
    if not isinstance(dealt, Mapping):
        return CROSSED
    return str(dealt.get("allocation") or CROSSED)


def _alpha_of(value: object, name: str) -> float:
    """The level of significance; that of the paper where the protocol names none."""
    if value is None:
        return ALPHA
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _unusable(name, "alpha is not a number")
    if not 0 < value <= _LARGEST_ALPHA:
        raise _unusable(name, f"alpha is not above 0 and at most {_LARGEST_ALPHA}")
    return float(value)


def _one_of(plan: dict[str, Any], key: str, known: tuple[str, ...], name: str) -> str:
    """A word of the plan; the first of those known where it says nothing."""
    value = plan.get(key, known[0])
    if value not in known:
        raise _unusable(name, f"{key} is none of {', '.join(known)}")
    return str(value)


def margin_of(points: object, where: str) -> float:
    """A margin in percentage points as a share; raises BadProtocol."""
    # True is a number to Python alone.
    if isinstance(points, bool) or not isinstance(points, int | float):
        points = -1
    # NaN is not between any two numbers.
    if not 0 <= points <= _LARGEST_MARGIN:
        raise BadProtocol(f"{where} has to be a number of percentage points, 0 to 100.")
    return float(points) / 100


def design_beside(reads: Path) -> Design:
    """Return the plan of a protocol.json beside a CSV; an empty plan without one."""
    protocol = protocol_beside(reads)
    if protocol is None:
        return Design()
    return design_of_protocol(protocol, name=str(reads.with_name("protocol.json")))


def protocol_beside(reads: Path) -> Any:
    """The JSON of a protocol.json beside a CSV, checked; None without one.

    Anybody may have written it: every part that something reads is looked at here.
    """
    path = reads.with_name("protocol.json")
    if not path.exists():
        return None
    try:
        protocol = json.loads(path.read_bytes())
    except OSError as problem:
        raise _unusable(path, str(problem.strerror)) from None
    except (ValueError, RecursionError):
        raise _unusable(path, "it is not JSON") from None
    design_of_protocol(protocol, name=str(path))
    for fault in faults(protocol):
        raise _unusable(path, fault)
    try:
        json.dumps(protocol, allow_nan=False, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise _unusable(path, "it holds half a character") from None
    except ValueError:
        raise _unusable(path, "NaN and Infinity are no numbers in JSON") from None
    return protocol


def _unusable(name: str | Path, why: str) -> BadProtocol:
    return BadProtocol(
        f"{name} can't be used: {why}; mend it, or move it away to do without."
    )
