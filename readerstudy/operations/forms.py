"""What administrators send: which work is tried again, which page they want."""

from typing import Any

from django import forms

from readerstudy.operations.queue import kind_of
from readerstudy.work.models import Work


def _kind(label: str) -> type[Work]:
    found = kind_of(label)
    if found is None:
        raise forms.ValidationError("There is no such kind of work.")
    return found


class FailedForm(forms.Form):
    """A kind of work; a number names one piece of it, or where a page begins."""

    kind = forms.CharField()
    number = forms.IntegerField(required=False, min_value=1, max_value=2**62)

    def clean_kind(self) -> type[Work]:
        return _kind(self.cleaned_data["kind"])

    @property
    def ids(self) -> list[int] | None:
        """The one piece that was named; None for all."""
        number: Any = self.cleaned_data.get("number")
        return None if number is None else [number]
