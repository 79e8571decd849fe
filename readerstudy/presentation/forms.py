"""Forms only parse; the services decide."""

from typing import Any

from django import forms

from readerstudy.studies.forms import ConfirmationForm


class FreezeForm(ConfirmationForm):
    """The tick for the freeze, and one more where the checklist warns."""

    accepts_warnings = forms.BooleanField(
        required=False,
        label="I accept what is warned of above",
        help_text="It will stand in the protocol.",
    )
    field_order = ["accepts_warnings", "is_sure"]

    def __init__(self, *args: Any, warnings: int = 1, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not warnings:
            del self.fields["accepts_warnings"]
