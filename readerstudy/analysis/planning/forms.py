"""What a coordinator assumes, within bounds that keep the answer to seconds."""

from decimal import Decimal
from typing import Any

from django import forms

from readerstudy.analysis.statistics.planning.designs import (
    CROSSED,
    ONE_REPORT,
    SPLIT_PLOT,
    Layout,
)
from readerstudy.analysis.statistics.planning.inputs import Inputs, Shares
from readerstudy.cases.models import Case
from readerstudy.studies.models import Study

SHARES = {
    "case": ("Case", "Some radiographs are easier to report than others."),
    "reader": ("Reader", "Some readers are milder than others, in every arm."),
    "report": (
        "Particular report",
        "A report is good or bad, and all its readers see that. It is what makes "
        "grades of the same report alike.",
    ),
    "reader_by_arm": (
        "Reader x arm",
        "Some readers like one arm's way of writing better. More cases don't help "
        "against it; more readers do.",
    ),
    "case_by_reader": ("Case x reader", "A reader finds a certain radiograph hard."),
}
MOST_READERS, MOST_CASES, MOST_GROUPS = 30, 2000, 10
# Studies of so many readers x cases are drawn by the hundred within seconds.
MOST_TOGETHER = 20_000


def _percent(label: str, least: float, most: float, hint: str) -> forms.FloatField:
    return forms.FloatField(
        label=label,
        min_value=least,
        max_value=most,
        help_text=hint,
        widget=forms.NumberInput(attrs={"step": "0.1"}),
    )


class PlanningForm(forms.Form):
    """Rates, shares and margin in percent and percentage points."""

    readers = forms.IntegerField(min_value=1, max_value=MOST_READERS)
    cases = forms.IntegerField(
        min_value=2, max_value=MOST_CASES, help_text="Radiographs, not reports."
    )
    rate = _percent(
        "Success of the arm in percent", 1, 99, "Grades A or B that you expect."
    )
    reference_rate = _percent(
        "Success of the reference in percent", 1, 99, "In the paper 84."
    )
    margin_points = forms.FloatField(
        label="Non-inferiority margin",
        min_value=0.1,
        max_value=50,
        required=False,
        help_text=(
            "In percentage points: the study is to show that the arm is not worse by "
            "more. Empty: it is to show a difference."
        ),
        widget=forms.NumberInput(attrs={"step": "0.1"}),
    )
    design = forms.ChoiceField(
        choices=[
            (CROSSED, "Every reader reads every report"),
            (SPLIT_PLOT, "Groups of readers, each with cases of its own"),
            (ONE_REPORT, "Each reader sees each radiograph once, with one report"),
        ],
        help_text="It starts with the study's own; the others are for comparison.",
    )
    groups = forms.IntegerField(
        label="Groups of readers",
        min_value=2,
        max_value=MOST_GROUPS,
        help_text="For groups only.",
    )
    anchors = forms.IntegerField(
        label="Cases read by all groups",
        min_value=0,
        max_value=MOST_CASES,
        help_text="For groups only.",
    )

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        for name, (label, hint) in SHARES.items():
            self.fields[name] = _percent(f"{label}, percent", 0, 100, hint)

    @property
    def main_fields(self) -> list[forms.BoundField]:
        """The fields that every plan needs."""
        return [self[name] for name in self.fields if name not in SHARES]

    @property
    def share_fields(self) -> list[forms.BoundField]:
        """The shares of variance, folded away on the page."""
        return [self[name] for name in SHARES]

    @property
    def share_errors(self) -> bool:
        """Whether a share was refused, so that they are to be seen."""
        return any(field.errors for field in self.share_fields)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        shares = [cleaned.get(name) for name in SHARES]
        if None not in shares and sum(map(float, filter(None, shares))) > 100:
            self.add_error("case", "Together the shares may not be above 100 percent.")
        readers, cases = cleaned.get("readers"), cleaned.get("cases")
        if readers and cases and readers * cases > MOST_TOGETHER:
            self.add_error(
                "cases",
                f"Readers times cases may be {MOST_TOGETHER:,} at most, so that the "
                f"answer comes in seconds: with {readers} readers "
                f"{MOST_TOGETHER // readers:,} cases.",
            )
        needed = ("design", "groups", "anchors", "readers", "cases")
        if all(cleaned.get(name) is not None for name in needed):
            layout = Layout(cleaned["design"], cleaned["groups"], cleaned["anchors"])
            if not layout.fits(cleaned["readers"], cleaned["cases"]):
                self.add_error(
                    "groups", "Every group needs a reader and a case of its own."
                )
        return cleaned

    def inputs(self, *, arms: int, alpha: float, inference: str) -> Inputs:
        """The plan of a valid form."""
        given = self.cleaned_data
        return Inputs(
            readers=given["readers"],
            cases=given["cases"],
            arms=arms,
            rate=_share(given["rate"]),
            reference_rate=_share(given["reference_rate"]),
            margin_points=given["margin_points"],
            alpha=alpha,
            layout=Layout(given["design"], given["groups"], given["anchors"]),
            shares=Shares(**{name: _share(given[name]) for name in SHARES}),
            inference=inference,
        )


def _share(percent: float) -> float:
    """Percent as a share, without a tail of binary digits."""
    return float(Decimal(str(percent)) / 100)


def _in_percent(share: float) -> float:
    return float(Decimal(str(share)) * 100)


def assumed(study: Study) -> dict[str, Any]:
    """What the form starts with: the kept plan, else the study's own numbers."""
    if study.sample_size:
        return _values(study.sample_size["inputs"])
    plain = Inputs().as_json()
    readers = study.membership_set.readers().count() or plain["readers"]
    cases = Case.objects.of_study(study).count() or plain["cases"]
    margin = study.margin_points
    return _values(
        plain
        | {
            "readers": min(readers, MOST_READERS),
            "cases": min(cases, MOST_CASES),
            "margin_points": None if margin is None else float(margin),
            "layout": {
                "name": study.allocation,
                "groups": min(study.reader_groups, MOST_GROUPS),
                "anchors": study.anchor_cases,
            },
        }
    )


def _values(inputs: dict[str, Any]) -> dict[str, Any]:
    """The plan's JSON as values of the form."""
    layout, shares = inputs["layout"], inputs["shares"]
    return {
        "readers": inputs["readers"],
        "cases": inputs["cases"],
        "rate": _in_percent(inputs["rate"]),
        "reference_rate": _in_percent(inputs["reference_rate"]),
        "margin_points": inputs["margin_points"],
        "design": layout["name"],
        "groups": layout["groups"],
        "anchors": layout["anchors"],
        **{name: _in_percent(shares[name]) for name in SHARES},
    }
