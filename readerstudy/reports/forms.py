"""Forms only parse; the services decide."""

from django import forms


class OverruleForm(forms.Form):
    """Why a study uses a source that ignores the pixels."""

    result = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Why the study uses it all the same",
        help_text="It stands in the protocol and in every export.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
