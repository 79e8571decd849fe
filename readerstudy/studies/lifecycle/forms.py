"""Forms of the verbs; the services decide."""

from django import forms

from readerstudy.studies.forms import ConfirmationForm


class ReasonForm(forms.Form):
    """Why something is done, for the record."""

    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2000,
        label="Reason",
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


class UnblindForm(ReasonForm, ConfirmationForm):
    """The first of two confirmations: why, and a tick."""

    field_order = ["reason", "is_sure"]


class ConfirmUnblindForm(forms.Form):
    """The second: the reason comes back under a signature, the code is typed."""

    sealed = forms.CharField(widget=forms.HiddenInput)
    typed_code = forms.CharField(
        max_length=40,
        label="The study's code",
        help_text="Type it to open the results now.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class ThawForm(ReasonForm, ConfirmationForm):
    field_order = ["reason", "is_sure"]
