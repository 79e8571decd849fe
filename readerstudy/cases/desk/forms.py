"""Forms of the collection desk."""

from typing import Any, cast

from django import forms

from readerstudy.cases.desk.bulk import ALL, FIRST_FRONTAL, NONE, OF_UNKNOWN_VIEW, READ
from readerstudy.cases.desk.filters import STATES
from readerstudy.cases.desk.flags import FLAGS
from readerstudy.cases.models import Case, Collection, Image

LAYOUTS = {"grid": "Grid", "table": "Table"}
ANY = [("", "Any")]


class DeskFilterForm(forms.Form):
    """What of a collection is shown; everything may be empty."""

    q = forms.CharField(required=False, max_length=120, label="Code contains")
    stratum = forms.ChoiceField(
        required=False, choices=[*ANY, *Case.Stratum.choices], label="Stratum"
    )
    view = forms.ChoiceField(
        required=False, choices=[*ANY, *Image.View.choices], label="Has a view"
    )
    show = forms.ChoiceField(required=False, label="Only cases with")
    layout = forms.ChoiceField(
        required=False, choices=list(LAYOUTS.items()), label="Shown as"
    )

    def __init__(self, *args: Any, counts: dict[str, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.ChoiceField, self.fields["show"])
        field.choices = [
            ("", "Anything"),
            *(
                (name, f"{label} ({counts.get(name, 0)})")
                for name, label in (STATES | FLAGS).items()
            ),
        ]


class BulkForm(forms.Form):
    """One change of many cases: what, and of which of them."""

    change = forms.ChoiceField(
        label="Set",
        choices=[
            ("", "Choose"),
            (
                "View",
                [
                    (f"view:{name}", f"View: {label}")
                    for name, label in Image.View.choices
                ],
            ),
            (
                "Stratum",
                [
                    (f"stratum:{name}", f"Stratum: {label}")
                    for name, label in Case.Stratum.choices
                ],
            ),
            (
                "Radiograph that is read",
                [
                    (f"choice:{FIRST_FRONTAL}", "Read the first frontal radiograph"),
                    (f"choice:{NONE}", "Read none: clear the choice"),
                ],
            ),
        ],
    )
    which = forms.ChoiceField(
        label="A view is set on",
        choices=[
            (OF_UNKNOWN_VIEW, "radiographs of unknown view"),
            (READ, "the radiograph that is read"),
            (ALL, "every radiograph"),
        ],
        required=False,
    )
    scope = forms.ChoiceField(
        choices=[("selected", "The selected cases"), ("all", "All that match")]
    )
    leaves_fixed = forms.BooleanField(
        required=False, label="Leave out cases of frozen studies"
    )
    case = forms.ModelMultipleChoiceField(
        queryset=Case.objects.none(), required=False, label="Selected cases"
    )

    def __init__(self, *args: Any, collection: Collection, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(Any, self.fields["case"])
        field.queryset = Case.objects.filter(collection=collection)

    def change_asked(self) -> dict[str, Any]:
        """What the change is, for the service."""
        what, _, value = self.cleaned_data["change"].partition(":")
        return {
            "what": what,
            "value": value,
            "which": self.cleaned_data["which"] or OF_UNKNOWN_VIEW,
            "leaves_fixed": self.cleaned_data["leaves_fixed"],
        }


class SetAsideForm(forms.Form):
    reason = forms.CharField(max_length=200, label="Reason")


class TellApartForm(forms.Form):
    """Images by their numbers."""

    image = forms.ModelMultipleChoiceField(
        queryset=Image.objects.select_related("case__collection"), label="Radiographs"
    )
