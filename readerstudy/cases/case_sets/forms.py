"""Forms of a study's case set."""

import re
from typing import Any

from django import forms

from readerstudy.cases.case_sets.eligibility import Filters
from readerstudy.cases.case_sets.reasons import REASONS
from readerstudy.cases.desk.flags import FLAGS
from readerstudy.cases.models import Case, CaseSet, Collection
from readerstudy.cases.sampling import STRATA

# The study of the CXR-LLaVA paper.
OF_THE_PAPER = 25


class CollectionField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A collection by its name, shown with what can be drawn from it."""

    def label_from_instance(self, collection: Collection) -> str:
        counts = ", ".join(
            f"{getattr(collection, stratum)} {stratum}"
            for stratum in Case.Stratum.values
            if getattr(collection, stratum)
        )
        return f"{collection.name} ({counts or 'no cases'})"


def _collection(**options: Any) -> CollectionField:
    return CollectionField(
        queryset=Collection.objects.order_by("name").counted(),
        to_field_name="name",
        empty_label="Choose a collection",
        **options,
    )


class DrawForm(forms.Form):
    """An empty size takes every case of that stratum."""

    collection = _collection()
    normal = forms.IntegerField(
        min_value=0, required=False, initial=OF_THE_PAPER, label="Normal cases"
    )
    abnormal = forms.IntegerField(
        min_value=0, required=False, initial=OF_THE_PAPER, label="Abnormal cases"
    )
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
    takes_what_is_there = forms.BooleanField(
        required=False,
        initial=True,
        label="Where a stratum has fewer cases, take them all",
    )
    search = forms.CharField(
        required=False, max_length=120, label="Code contains", strip=True
    )
    needs_reports = forms.BooleanField(
        required=False, label="Only cases of which every arm has a report"
    )
    without_flags = forms.MultipleChoiceField(
        required=False,
        choices=list(FLAGS.items()),
        widget=forms.CheckboxSelectMultiple,
        label="Leave out cases flagged as",
    )

    @staticmethod
    def as_asked(parsed: dict[str, Any]) -> dict[str, Any]:
        """What the form holds, as the draw takes it."""
        return {
            "sizes": {stratum: parsed[stratum] for stratum in STRATA},
            "takes_what_is_there": parsed["takes_what_is_there"],
            "filters": Filters(
                without_flags=tuple(parsed["without_flags"]),
                search=parsed["search"],
                needs_reports=parsed["needs_reports"],
            ),
        }

    @staticmethod
    def initial_of(case_set: CaseSet) -> dict[str, Any]:
        """The draw that was made."""
        return {
            "collection": case_set.collection.name,
            "seed": case_set.seed,
            "takes_what_is_there": False,
            **{stratum: getattr(case_set, stratum) for stratum in STRATA},
            **case_set.filters,
        }


class ExcludeForm(forms.Form):
    """Codes, one a line or separated by commas or spaces, and why."""

    collection = _collection()
    codes = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 2}),
        label="Codes of the cases",
        help_text="One a line, or separated by commas.",
    )
    reason = forms.ChoiceField(choices=list(REASONS.items()), label="Reason")
    note = forms.CharField(
        required=False,
        max_length=300,
        label="In your words",
        help_text="Stands in the protocol; name no patient.",
    )
    is_replaced = forms.BooleanField(
        required=False,
        label="The next case of the ranking takes its place",
    )

    def __init__(self, *args: Any, case_set: CaseSet | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # After a draw the collection is known; before it there is nothing to replace.
        del self.fields["collection" if case_set else "is_replaced"]

    def clean_codes(self) -> list[str]:
        """A code may hold spaces, but neither a comma nor a line break separates it."""
        parts = re.split(r"[,;\n\r]+", self.cleaned_data["codes"])
        return [part.strip() for part in parts if part.strip()]
