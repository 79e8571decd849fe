"""Forms of the cases stage."""

from django import forms

from readerstudy.cases.models import Case, Image


class OverrideForm(forms.Form):
    view = forms.ChoiceField(choices=Image.View.choices)
    stratum = forms.ChoiceField(choices=Case.Stratum.choices)
    is_chosen = forms.BooleanField(required=False)
    is_prior = forms.BooleanField(required=False)
