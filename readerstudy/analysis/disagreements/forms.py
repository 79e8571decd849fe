"""The filters of the list of disagreements, as they stand in the address."""

from typing import Any

from django import forms

from readerstudy.analysis.disagreements.listing import ARMS, READERS, Filters
from readerstudy.cases.models import Case
from readerstudy.studies.models import Study

_SPREADS = [(1, "1 step or more"), (2, "2 steps or more"), (3, "3 steps: A to D")]


class FilterForm(forms.Form):
    """Every field may be missing; what it can't read counts as missing."""

    kind = forms.ChoiceField(
        choices=[
            (READERS, "readers of a report"),
            (ARMS, "arms of a case"),
        ],
        required=False,
        label="Between",
    )
    spread = forms.TypedChoiceField(
        choices=_SPREADS, coerce=int, required=False, label="By"
    )
    arm = forms.TypedChoiceField(coerce=int, required=False, empty_value=None)
    reader = forms.TypedChoiceField(
        coerce=int, required=False, empty_value=None, label="Read by"
    )
    stratum = forms.ChoiceField(required=False)
    split = forms.BooleanField(required=False, label="A or B against C or D")
    marked = forms.BooleanField(required=False, label="Errors marked")
    comment = forms.BooleanField(required=False, label="With a comment")

    def __init__(self, data: Any, *, study: Study) -> None:
        super().__init__(data, auto_id="filter-%s")
        arms = study.arm_set.values_list("pk", "label")
        readers = study.membership_set.readers().values_list("pk", "reader_code")
        choices = {
            "arm": [("", "any arm"), *arms],
            "reader": [("", "anyone"), *readers],
            "stratum": [("", "any stratum"), *Case.Stratum.choices],
        }
        for name, values in choices.items():
            self.fields[name].choices = values  # type: ignore[attr-defined]

    def filters(self) -> Filters:
        """What is asked for, as far as it can be read."""
        self.is_valid()
        asked = self.cleaned_data
        return Filters(
            kind=asked.get("kind") or READERS,
            arm=asked.get("arm"),
            reader=asked.get("reader"),
            stratum=asked.get("stratum") or "",
            spread=asked.get("spread") or 1,
            split=bool(asked.get("split")),
            errors=bool(asked.get("marked")),
            comment=bool(asked.get("comment")),
        )
