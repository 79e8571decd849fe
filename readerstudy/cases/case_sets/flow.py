"""The flow of a study's cases, from the collection to those that are read.

Worked out from the protocol's `case_set` alone, for the page, the export, the figure.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from readerstudy.cases.case_sets.reasons import REASONS
from readerstudy.cases.sampling import STRATA


@dataclass(frozen=True)
class Box:
    """Cases at one point of the flow, and those that leave it there, with reasons."""

    what: str
    count: int
    strata: dict[str, int]
    leaves: tuple[tuple[str, int], ...] = ()

    @property
    def mixture(self) -> str:
        """The strata in words."""
        return ", ".join(f"{count} {name}" for name, count in self.strata.items())


def boxes(block: Mapping[str, Any]) -> list[Box]:
    """The boxes from top to bottom, or none where the block does not tell them."""
    candidates, cases = block.get("candidates"), block.get("cases")
    if not candidates or cases is None or block.get("collection_cases") is None:
        return []
    stratum_of = {
        code: stratum for stratum, codes in candidates.items() for code in codes
    }
    after = [each for each in block.get("exclusions") or () if "replaced_by" in each]
    came = [each["replaced_by"] for each in after if each["replaced_by"]]
    stay = list(cases)
    gone = [each["case"] for each in after]
    drawn = sorted({*stay, *gone} - set(came))
    left = _reasons("excluded after the draw", after, set(gone) - set(came))
    later = _reasons("excluded in its turn", after, set(came))
    return [
        Box(
            f"In the collection {block['collection']}",
            block["collection_cases"],
            {},
            tuple(
                (each["what"], each["count"]) for each in block.get("left_out") or ()
            ),
        ),
        Box(
            "Eligible",
            len(stratum_of),
            _strata(list(stratum_of), stratum_of),
            _some(("not drawn", len(stratum_of) - len(drawn))),
        ),
        Box("Drawn", len(drawn), _strata(drawn, stratum_of), tuple(left.items())),
        *(
            [
                Box(
                    "Came in place of excluded cases",
                    len(came),
                    _strata(came, stratum_of),
                    tuple(later.items()),
                )
            ]
            if came
            else []
        ),
        Box("In the study", len(stay), _strata(stay, stratum_of)),
    ]


def _reasons(
    what: str,
    after: list[Mapping[str, Any]],
    codes: set[str],
) -> Counter[str]:
    return Counter(
        f"{what}: {REASONS.get(each['reason'], each['reason']).lower()}"
        for each in after
        if each["case"] in codes
    )


def _some(*rows: tuple[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(row for row in rows if row[1])


def _strata(codes: list[str], stratum_of: Mapping[str, str]) -> dict[str, int]:
    counts = Counter(stratum_of.get(code, "unknown") for code in codes)
    return {name: counts[name] for name in STRATA if counts[name]}
