"""Which way round two arms are told: arm minus reference where one is named."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from readerstudy.analysis.panels.panel import Block, Results, Wording

Bounds = Sequence[float | None] | None


@dataclass(frozen=True)
class Sides:
    """The two arms of a comparison, and whether the result set has them reversed."""

    arm: str
    against: str
    turned: bool

    def difference(self, share: float | None) -> float | None:
        """Second minus first, as arm minus the other."""
        return turned_one(share) if self.turned else share

    def interval(self, bounds: Bounds) -> Bounds:
        """The interval of that difference."""
        if not bounds or not self.turned:
            return bounds
        low, high = bounds
        return [turned_one(high), turned_one(low)]

    def share(self, value: float | None) -> float | None:
        """A share that belongs to the second arm, as that of the arm."""
        return 1 - value if self.turned and value is not None else value

    def parts(self, block: Block, key: str = "{}") -> tuple[object, object]:
        """Values named after first and second, the arm's own before the other's."""
        first, second = block.get(key.format("first")), block.get(key.format("second"))
        return (first, second) if self.turned else (second, first)

    def title(self, wording: Wording) -> str:
        """The comparison in words."""
        return f"{wording.arm(self.arm)} minus {wording.arm(self.against)}"


def turned_one(share: float | None) -> float | None:
    """The difference taken the other way round, without a negative zero."""
    return None if share is None else 0.0 - share


def reference_of(results: Results) -> str | None:
    """The arm that others are compared with, where one is named."""
    named = (results.get("plan") or {}).get("reference")
    found: str | None = named or (results.get("estimand") or {}).get("reference")
    return found


def sides_of(pair: Block, results: Results) -> Sides:
    """The pair as people read it."""
    first, second = pair["first"], pair["second"]
    if second == reference_of(results):
        return Sides(first, second, turned=True)
    return Sides(second, first, turned=False)


def in_order(pairs: Iterable[Block], results: Results) -> list[Block]:
    """Pairs with the reference first, else in the order of the arms."""
    reference = reference_of(results)
    return sorted(
        pairs, key=lambda pair: reference not in (pair["first"], pair["second"])
    )
