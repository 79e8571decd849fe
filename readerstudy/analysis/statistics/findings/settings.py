"""What a scoring of findings is asked for: policy, limits, draws."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from inference.chexpert import FINDINGS
from readerstudy.analysis.statistics.findings.policies import POLICIES, PolicyName

CountedOn = Literal["reference_definite", "joint_definite"]
COUNTED_ON: tuple[CountedOn, ...] = ("reference_definite", "joint_definite")
LARGEST_SEED = 2**32 - 1
MOST_DRAWS = 100_000


class BadSettings(ValueError):
    """Settings that mean nothing; the message is one sentence."""


@dataclass(frozen=True)
class Origin:
    """Where labels come from, for the long table; empty where nobody said.

    section   part of the reports that was labelled, such as "findings+impression"
    labeler   name of what made the labels, with its version
    source    how they got here, such as "labels CSV" or "json_prompt"
    made_at   moment of the scoring, ISO 8601 in UTC
    """

    section: str = ""
    labeler: str = ""
    labeler_version: str = ""
    source: str = ""
    made_at: str = ""


@dataclass(frozen=True)
class ScoreSettings:
    """Settings of one scoring; all of them stand in its results.

    policy         which labels of a study count, and as what (policies.POLICIES)
    minimum_share  least share of the smaller class of a label, 0 to 0.5
    minimum_count  least count of the smaller class of a label; 1 asks for both classes
    counted_on     the labels that the limits are counted on: the reference's own, or,
                   model by model, those of the pairs that are scored
    left_out       labels left out by name, each with the reason to print
    draws          of the bootstrap over studies
    permutations   of the paired test; 0 leaves it out
    seed           of both, 0 to 2^32 - 1
    preset         name of the preset the settings come from; "" for none
    """

    policy: PolicyName = "definite_joint"
    minimum_share: float = 0.0
    minimum_count: int = 1
    counted_on: CountedOn = "reference_definite"
    left_out: dict[str, str] = field(default_factory=dict)
    draws: int = 1_000
    permutations: int = 2_000
    seed: int = 0
    preset: str = ""
    origin: Origin = field(default_factory=Origin)

    def __post_init__(self) -> None:
        if self.policy not in POLICIES:
            raise BadSettings(
                f"There is no label policy {self.policy}; take one of "
                f"{', '.join(POLICIES)}."
            )
        if not 0 <= self.minimum_share <= 0.5:
            raise BadSettings(
                "The minimum share of a label's smaller class has to be a number from "
                "0 to 0.5."
            )
        if self.counted_on not in COUNTED_ON:
            raise BadSettings(
                f"Limits are counted on {' or '.join(COUNTED_ON)}, not on "
                f"{self.counted_on}."
            )
        for label in self.left_out:
            if label not in FINDINGS:
                raise BadSettings(
                    f"There is no finding {label} to leave out; the findings are "
                    f"{', '.join(FINDINGS)}."
                )
        for name, value, least, most in (
            ("minimum count", self.minimum_count, 0, 10**9),
            ("number of bootstrap draws", self.draws, 1, MOST_DRAWS),
            ("number of permutations", self.permutations, 0, MOST_DRAWS),
            ("seed", self.seed, 0, LARGEST_SEED),
        ):
            if not least <= value <= most:
                raise BadSettings(
                    f"The {name} has to be a whole number from {least} to {most}."
                )

    def as_json(self) -> dict[str, Any]:
        """The settings as JSON-ready values."""
        return asdict(self)
