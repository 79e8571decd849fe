"""What the protocol fixed about the analysis: arm order, reference, margin."""

import json
from dataclasses import dataclass
from pathlib import Path

_NO_ARMS = "it has no list of arms, each with a name"
_LARGEST_MARGIN = 100


class BadProtocol(ValueError):
    """A protocol that can't be used; the message is a sentence that says why."""


@dataclass(frozen=True)
class Design:
    """The analysis plan; `margin` is a share (0.1 is ten points)."""

    arms: tuple[str, ...] | None = None
    reference: str | None = None
    margin: float | None = None


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
    return Design(
        arms=tuple(names),
        reference=reference[0] if reference else None,
        margin=None if points is None else margin_of(points, f"{name}: margin_points"),
    )


def margin_of(points: object, where: str) -> float:
    """A margin in percentage points as a share; raises BadProtocol."""
    points = points if isinstance(points, int | float) else -1
    # NaN is not between any two numbers.
    if not 0 <= points <= _LARGEST_MARGIN:
        raise BadProtocol(f"{where} has to be a number of percentage points, 0 to 100.")
    return float(points) / 100


def design_beside(reads: Path) -> Design:
    """Return the plan of a protocol.json beside a CSV; an empty plan without one."""
    path = reads.with_name("protocol.json")
    if not path.exists():
        return Design()
    try:
        protocol = json.loads(path.read_bytes())
    except OSError as problem:
        raise _unusable(path, str(problem.strerror)) from None
    except (ValueError, RecursionError):
        raise _unusable(path, "it is not JSON") from None
    return design_of_protocol(protocol, name=str(path))


def _unusable(name: str | Path, why: str) -> BadProtocol:
    return BadProtocol(
        f"{name} can't be used: {why}; mend it, or move it away to do without."
    )
