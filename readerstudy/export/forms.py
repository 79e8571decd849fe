"""The form of the export page: which optional checklists the bundle is to hold."""

from typing import Any

from django import forms

from readerstudy.export.checklists.files import OPTIONAL


class BundleForm(forms.Form):
    checklists = forms.MultipleChoiceField(
        required=False,
        choices=[(each.name, each.title) for each in OPTIONAL],
        widget=forms.CheckboxSelectMultiple,
        label="Further reporting checklists",
    )

    def clean_checklists(self) -> list[str]:
        chosen: Any = self.cleaned_data["checklists"]
        return list(chosen)
