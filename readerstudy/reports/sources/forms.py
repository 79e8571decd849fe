"""Forms of the sources' pages."""

from django import forms


class ModelForm(forms.Form):
    """One more checkpoint of CXR-LLaVA, under a name of its own."""

    name = forms.SlugField(
        max_length=80,
        label="Name of the source",
        help_text="Letters, digits, - and _. Arms of a study choose it by this name.",
    )
    checkpoint = forms.CharField(
        max_length=300,
        help_text="A folder on the server, or a hub id such as ECOFRI/CXR-LLaVA-v2, "
        "also with @revision.",
    )
