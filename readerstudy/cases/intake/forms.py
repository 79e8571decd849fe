"""The form that begins a delivery."""

from typing import Any

from django import forms

from readerstudy.cases.intake.models import Delivery

WAYS = (
    (Delivery.Origin.UPLOAD, "From this computer: files, a folder, or an archive"),
    (Delivery.Origin.FOLDER, "From a folder of the server"),
)
CODES = (
    ("stem", "The name of its file: one file, one case"),
    ("parent", "The folder it lies in: one folder, one case with all its views"),
    ("PatientID", "The patient number in the file, replaced by a pseudonym"),
    ("AccessionNumber", "The accession number in the file, replaced by a pseudonym"),
)


class BringInForm(forms.Form):
    """Where cases come from, where they go, and how they are told apart."""

    collection = forms.CharField(
        max_length=80,
        widget=forms.TextInput(attrs={"list": "collections", "autocomplete": "off"}),
        help_text="A new name begins a collection. The name of one that is there adds "
        "to it; what it holds already is not stored twice.",
    )
    origin = forms.ChoiceField(
        choices=WAYS,
        initial=WAYS[0][0],
        widget=forms.RadioSelect,
        label="Where the files are",
    )
    layout = forms.ChoiceField(
        choices=Delivery.Layout.choices,
        initial=Delivery.Layout.RADIOGRAPHS,
        widget=forms.RadioSelect,
        label="What the files are",
        help_text="The last two bring reports along, which are stored as the ground "
        "truth. Views are set from indiana_projections.csv or "
        "mimic-cxr-2.0.0-metadata.csv where such a table is among the files.",
    )
    code_from = forms.ChoiceField(
        choices=CODES,
        initial=CODES[0][0],
        widget=forms.RadioSelect,
        required=False,
        label="What names a case",
        help_text="For plain radiographs. The last two need DICOM, keep no file name "
        "with a case, and always give the same patient the same pseudonym here.",
    )
    take_burned_in = forms.BooleanField(
        required=False,
        label="Also take files that say text is burned into their pixels",
        help_text="They are refused otherwise: such text often names the patient.",
    )

    def clean(self) -> dict[str, Any]:
        """As `services.open_delivery` takes it."""
        given = super().clean() or {}
        options = {
            "code_from": given.pop("code_from", "") or "stem",
            "take_burned_in": given.pop("take_burned_in", False),
        }
        return given | {"options": options}
