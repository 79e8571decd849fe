"""What the protocol fixed about the analysis: arm order, reference, margin."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class BadProtocol(ValueError):
    """A protocol.json that can't be used; the message says why."""


@dataclass(frozen=True)
class Design:
    """The analysis plan; `margin` is a share (0.1 is ten points)."""

    arms: tuple[str, ...] | None = None
    reference: str | None = None
    margin: float | None = None


def design_of_protocol(protocol: Mapping[str, Any]) -> Design:
    """Read the plan from a protocol; raises BadProtocol where arms are not named."""
    try:
        arms = protocol["arms"]
        names = tuple(str(arm["name"]) for arm in arms)
        reference = [arm["name"] for arm in arms if arm.get("reference")]
        points = protocol.get("margin_points")
    except (KeyError, TypeError, AttributeError):
        raise BadProtocol(
            "The protocol has no list of arms, each with a name."
        ) from None
    return Design(
        arms=names,
        reference=str(reference[0]) if reference else None,
        margin=None if points is None else float(points) / 100,
    )


def design_beside(reads: Path) -> Design:
    """Return the plan of a protocol.json beside a CSV; an empty plan without one."""
    path = reads.with_name("protocol.json")
    if not path.exists():
        return Design()
    try:
        return design_of_protocol(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as problem:
        raise BadProtocol(f"{path} can't be used: {problem}") from None
