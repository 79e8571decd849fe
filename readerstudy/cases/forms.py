"""Forms of the cases stage."""

from django import forms

from readerstudy.cases.models import Case, Collection, Image


class DrawForm(forms.Form):
    """An empty size takes every case of that stratum."""

    collection = forms.ModelChoiceField(
        queryset=Collection.objects.order_by("name"),
        to_field_name="name",
        empty_label="Choose a collection",
    )
    normal = forms.IntegerField(min_value=0, required=False, label="Normal cases")
    abnormal = forms.IntegerField(min_value=0, required=False, label="Abnormal cases")
    unknown = forms.IntegerField(
        min_value=0, required=False, initial=0, label="Cases of unknown stratum"
    )
    seed = forms.IntegerField(
        min_value=0,
        max_value=2**62,
        initial=1,
        label="Seed of the draw",
        help_text="The same seed draws the same cases.",
    )


class OverrideForm(forms.Form):
    view = forms.ChoiceField(choices=Image.View.choices)
    stratum = forms.ChoiceField(choices=Case.Stratum.choices)
    is_chosen = forms.BooleanField(required=False)
