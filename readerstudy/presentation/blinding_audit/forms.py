"""Forms only parse; the services decide."""

from typing import Any, cast

from django import forms

from readerstudy.cases.models import Case
from readerstudy.presentation.blind import OFFERED
from readerstudy.presentation.blinding_audit.services import (
    LONGEST_ACCEPTANCE,
    SHORTEST_ACCEPTANCE,
)
from readerstudy.studies.models import Study


class LayoutForm(forms.Form):
    """A layout profile, and how removed words are shown."""

    layout_profile = forms.ChoiceField(
        choices=[(key, f"{each.title} ({key})") for key, each in OFFERED.items()],
        label="Layout",
        help_text="What each does stands below. None changes a word.",
    )
    redaction = forms.ChoiceField(
        choices=Study.Redaction.choices, label="Words removed for privacy are shown"
    )


class PreviewForm(LayoutForm):
    """A layout to look at, on one of the cases."""

    case = forms.ModelChoiceField(
        queryset=Case.objects.none(), to_field_name="code", empty_label=None
    )
    field_order = ["case", "layout_profile", "redaction"]

    def __init__(self, *args: Any, study: Study, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cases = cast("forms.ModelChoiceField[Case]", self.fields["case"])
        cases.queryset = Case.objects.of_study(study)
        cases.widget.attrs["class"] = "search-field"


class AcceptanceForm(forms.Form):
    """The coordinator's own words on the number of an audit."""

    audit_id = forms.IntegerField(widget=forms.HiddenInput)
    text = forms.CharField(
        label="Why the study may go on with this number",
        help_text=f"In a sentence of your own, {SHORTEST_ACCEPTANCE} characters or "
        "more. It stands in the protocol and in every export, with your name.",
        max_length=LONGEST_ACCEPTANCE,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
