"""What a plan assumes: the numbers that a coordinator can choose."""

from dataclasses import asdict, dataclass, field
from typing import Any

from readerstudy.analysis.statistics.level import ALPHA
from readerstudy.analysis.statistics.planning.designs import Layout


@dataclass(frozen=True)
class Shares:
    """Shares of the latent variance, 0 to 1; the residual is what they leave.

    The defaults are those of the power table in docs/explanation/simulation.md.
    """

    case: float = 0.25
    reader: float = 0.05
    report: float = 0.30
    reader_by_arm: float = 0.02
    case_by_reader: float = 0.05

    def __post_init__(self) -> None:
        if min(asdict(self).values()) < 0:
            raise ValueError("A share of the variance can't be below 0.")
        if self.residual < 0:
            raise ValueError("The shares of the variance add up to more than 1.")

    @property
    def residual(self) -> float:
        """What no effect explains."""
        explained: float = sum(asdict(self).values())
        return round(1 - explained, 12)


@dataclass(frozen=True)
class Inputs:
    """One comparison of an arm with the reference.

    rate, reference_rate  expected success, 0 to 1; the difference is rate minus
                          reference_rate
    margin_points         None to show a difference; else that the arm is not worse by
                          more than so many percentage points
    alpha                 two-sided level of significance
    inference             "headline", "fixed" or "random": whose answer will be judged
    """

    readers: int = 5
    cases: int = 200
    arms: int = 2
    rate: float = 0.727
    reference_rate: float = 0.84
    margin_points: float | None = None
    alpha: float = ALPHA
    layout: Layout = field(default_factory=Layout)
    shares: Shares = field(default_factory=Shares)
    inference: str = "headline"

    @property
    def margin(self) -> float | None:
        """The margin as a share."""
        return None if self.margin_points is None else self.margin_points / 100

    @property
    def reads_per_reader(self) -> int:
        """The most reports that a reader grades, over all arms."""
        return self.layout.reads_per_reader(self.readers, self.cases, self.arms)

    def as_json(self) -> dict[str, Any]:
        """Plain values, for the protocol."""
        return asdict(self)
