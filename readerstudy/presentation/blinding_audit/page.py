"""What the page says of an audit: plain words, a figure with its table, advice."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from readerstudy.presentation.blinding_audit.advice import advice_of
from readerstudy.presentation.blinding_audit.figure import Figure, figure_of
from readerstudy.presentation.blinding_audit.models import BlindingAudit
from readerstudy.studies.models import Study

# From here on the number speaks for itself.
_WELL = 0.7
_UNLIKELY = 0.05


@dataclass(frozen=True)
class PhraseRow:
    """A phrase, the arm it points to, and in how many reports of each arm it is."""

    phrase: str
    label: str
    counts: list[str]
    example: str


@dataclass(frozen=True)
class StyleRow:
    """A measure of style with its mean in each arm, and what it tells by itself."""

    label: str
    means: list[float]
    rule: str
    auc: float


@dataclass(frozen=True)
class Shown:
    """Everything that the page shows of one audit."""

    audit: BlindingAudit
    found: dict[str, Any]
    headline: str
    further: list[str]
    arms: list[str]
    figure: Figure
    phrases: list[PhraseRow]
    styles: list[StyleRow]
    advice: list[str]


def shown_of(study: Study, audit: BlindingAudit | None) -> Shown | None:
    """What is shown of an audit; None where there is none."""
    if audit is None:
        return None
    found = audit.found
    labels = {each["arm"]: each["label"] for each in found["arms"]}
    sizes = {each["arm"]: each["reports"] for each in found["arms"]}
    return Shown(
        audit=audit,
        found=found,
        headline=headline(found),
        further=list(_further(found)),
        arms=list(labels.values()),
        figure=figure_of(study, audit),
        phrases=[
            PhraseRow(
                row["phrase"],
                labels[row["arm"]],
                [f"{row['reports'][arm]} of {sizes[arm]}" for arm in labels],
                row["example"],
            )
            for row in found["phrases"]
        ],
        styles=[
            StyleRow(
                row["label"],
                [row["means"][arm] for arm in labels],
                f"{'more' if row['more'] else 'less'} in {labels[row['arm']]}",
                row["auc"],
            )
            for row in found["styles"]
        ],
        advice=advice_of(found, audit.layout_profile),
    )


def headline(found: dict[str, Any]) -> str:
    """The number in plain words."""
    if found["auc"] is None:
        return str(found["message"])
    number = f"AUC {found['auc']:.2f}"
    if found["ci95"]:
        low, high = found["ci95"]
        number += f" (95% CI {low:.2f} to {high:.2f})"
    count = len(found["arms"])
    arms = "the two arms" if count == 2 else f"the {count} arms"
    p_value = found["permutation"]["p_value"]
    if found["auc"] <= 0.5 or p_value > _UNLIKELY:
        if _may_be_chance(found):
            return (
                "From the text alone, a simple statistical reader does not tell "
                f"{arms} apart better than chance may: {number}. A more practised "
                "reader might."
            )
        return (
            f"Two simple statistical readers differ: one tells {arms} apart from the "
            f"text alone with {number}; the other, tried on arms dealt by chance, does "
            f"not (p = {p_value:.3f}). Take it that a reader may tell them apart."
        )
    how_far = (
        "a reader who has seen many reports may do so as well."
        if found["auc"] >= _WELL
        else "somewhat better than guessing."
    )
    return (
        f"From the text alone, a simple statistical reader tells {arms} apart with "
        f"{number}: {how_far}"
    )


def _may_be_chance(found: dict[str, Any]) -> bool:
    """Whether the number itself is low, and its interval holds that of guessing.

    The permutation is of another reader than the number, so it can't say so alone.
    """
    if found["auc"] >= _WELL:
        return False
    return found["ci95"] is None or found["ci95"][0] <= 0.5


def _further(found: dict[str, Any]) -> Iterator[str]:
    """What else a coordinator should know of the number."""
    if found["auc"] is None:
        return
    if found["message"]:
        yield found["message"]
    yield "AUC 0.5 is guessing, 1 is certainty."
    if found["within_cases"] is not None:
        share = round(100 * found["within_cases"])
        yield f"Of the two reports of a case it picks the right one in {share}%."
    permutation = found["permutation"]
    yield (
        "Had chance dealt the arms within each case, a second, quicker reader would do "
        f"as well with p = {permutation['p_value']:.3f} ({permutation['draws']} "
        "dealings)."
    )
    best = found["styles"][0]
    yield (
        f"The best rule of thumb, {best['label']} alone, reaches AUC {best['auc']:.2f}."
    )
    if found["cases_read"] < found["cases"]:
        yield f"{found['cases_read']} of the {found['cases']} cases were read, by lot."
    if found["unsettled"]:
        yield f"{found['unsettled']} of the fits did not settle."
