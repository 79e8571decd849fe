"""Forms of the cases stage."""

from django import forms

from readerstudy.cases.models import Case, Collection, Image


class CollectionField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A collection by its name, shown with what can be drawn from it."""

    def label_from_instance(self, collection: Collection) -> str:
        counts = ", ".join(
            f"{getattr(collection, stratum)} {stratum}"
            for stratum in Case.Stratum.values
            if getattr(collection, stratum)
        )
        return f"{collection.name} ({counts or 'no cases'})"


class DrawForm(forms.Form):
    """An empty size takes every case of that stratum."""

    collection = CollectionField(
        queryset=Collection.objects.order_by("name").counted(),
        to_field_name="name",
        empty_label="Choose a collection",
    )
    normal = forms.IntegerField(min_value=0, required=False, label="Normal cases")
    abnormal = forms.IntegerField(min_value=0, required=False, label="Abnormal cases")
    unknown = forms.IntegerField(
        min_value=0,
        required=False,
        initial=0,
        label="Unknown cases",
        help_text="Neither known as normal nor as abnormal.",
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
    is_prior = forms.BooleanField(required=False)
