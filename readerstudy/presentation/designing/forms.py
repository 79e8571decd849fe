"""Forms only parse; the services and the database decide."""

from typing import Any

from django import forms

from readerstudy.presentation.estimates import SECONDS
from readerstudy.studies.models import Study
from readerstudy.studies.study_design import DESIGN


class DesignForm(forms.ModelForm):  # type: ignore[type-arg]
    """Who reads what, and an assumed pace that is not stored."""

    seconds = forms.IntegerField(
        label="Seconds per report",
        min_value=1,
        max_value=3600,
        initial=SECONDS,
        required=False,
        help_text="An assumption for the hours below; it is not stored.",
    )

    class Meta:
        model = Study
        fields = DESIGN
        labels = {
            "allocation": "Who reads what",
            "reader_groups": "Groups of readers",
            "anchor_cases": "Anchor cases",
            "arm_order": "Order of the arms",
            "hidden_repeats": "Hidden repeats per reader",
        }
        help_texts = {
            "reader_groups": "For groups only: each reads cases of its own.",
            "anchor_cases": "For groups only: cases that every group reads.",
            "hidden_repeats": (
                "Reports of each list that come again, unannounced; 0 for none."
            ),
        }
        widgets = {"allocation": forms.RadioSelect, "arm_order": forms.RadioSelect}

    def clean_seconds(self) -> int:
        """The assumed pace where none is given."""
        return self.cleaned_data["seconds"] or SECONDS

    @property
    def number_fields(self) -> list[forms.BoundField]:
        return [
            self[name]
            for name in ("reader_groups", "anchor_cases", "hidden_repeats", "seconds")
        ]

    @property
    def stored(self) -> dict[str, Any]:
        """What of a valid form is part of the design."""
        return {name: self.cleaned_data[name] for name in DESIGN}
