"""Forms of the verbs; the services decide."""

from django import forms

from readerstudy.studies.forms import ConfirmationForm


class ReasonForm(forms.Form):
    """Why something is done, for the record."""

    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2000,
        help_text="It stands in the record of the study.",
    )


class PauseForm(ReasonForm):
    message = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=1000,
        required=False,
        label="What readers are told",
        help_text="They see it in place of the reports. Do not name report sources.",
    )


class ThawForm(ReasonForm, ConfirmationForm):
    field_order = ["reason", "is_sure"]
