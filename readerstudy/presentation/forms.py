"""Forms only parse; the services decide."""

from typing import Any

from django import forms

from readerstudy.cases.models import Collection
from readerstudy.studies.forms import ConfirmationForm
from readerstudy.studies.models import GRADES


class FreezeForm(ConfirmationForm):
    """The tick for the freeze, and one more where the checklist warns."""

    accepts_warnings = forms.BooleanField(
        required=False,
        label="I accept what is warned of above",
        help_text="It will stand in the protocol.",
    )
    opens_at_once = forms.BooleanField(
        required=False,
        label="Open for reading at once",
        help_text="Else it is opened from here when the readers are to begin.",
    )
    field_order = ["accepts_warnings", "opens_at_once", "is_sure"]

    def __init__(self, *args: Any, warnings: int = 1, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not warnings:
            del self.fields["accepts_warnings"]


class PracticeForm(forms.Form):
    """A report to practise on."""

    collection = forms.ModelChoiceField(
        queryset=Collection.objects.order_by("name"),
        to_field_name="name",
        empty_label="Choose a collection",
    )
    case = forms.CharField(
        max_length=200,
        help_text="Its code, as the collection has it; not one that the study draws.",
    )
    source = forms.SlugField(
        max_length=80,
        label="Report source",
        help_text="ground_truth, cxr_llava, or the name of an import. No reader sees "
        "it.",
    )
    expected = forms.ChoiceField(
        choices=[("", "Choose a grade"), *((letter, letter) for letter in GRADES)],
        label="Expected grade",
    )
    explanation = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        help_text="Readers see it once they have graded. Do not name the source in it.",
    )
