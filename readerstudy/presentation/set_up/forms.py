"""The form of a new study."""

from django import forms

from readerstudy.cases.case_sets.forms import CollectionField
from readerstudy.cases.models import Collection
from readerstudy.presentation.set_up.creating import AS_IN_THE_PAPER, STARTS
from readerstudy.studies import forms as studies


class NewStudyForm(studies.NewStudyForm):
    """Title and code, what the study starts with, and where its cases come from."""

    start = forms.ChoiceField(
        choices=list(STARTS.items()),
        initial=AS_IN_THE_PAPER,
        widget=forms.RadioSelect,
        label="Start",
    )
    collection = CollectionField(
        queryset=Collection.objects.order_by("name").counted(),
        to_field_name="name",
        required=False,
        empty_label="None for now",
        label="Draw the cases from",
        help_text=(
            "25 normal and 25 abnormal cases are drawn by chance, or as many as there "
            "are. They can be drawn again."
        ),
    )
