"""Forms of copying and moving; the services decide."""

from django import forms

from readerstudy.export.moving.copying import CASES, SAME
from readerstudy.studies.models import Study


class CopyForm(forms.ModelForm):  # type: ignore[type-arg]
    """What the new draft is called, and what it takes over beside the protocol."""

    cases = forms.ChoiceField(
        choices=list(CASES.items()),
        initial=SAME,
        widget=forms.RadioSelect,
        label="Cases",
        help_text="Exclusions come along with their reasons, except with none yet.",
    )
    with_people = forms.BooleanField(
        required=False,
        label="Give the same people the same roles",
        help_text="Readers who have left this study are left out.",
    )
    same_lists = forms.BooleanField(
        required=False,
        label="Deal the same lists again",
        help_text=(
            "Only to repeat a study exactly. Readers then meet the same reports in the "
            "same order, and whoever has seen which arm wrote which report in this "
            "study knows it in the copy too. Leave this open and the lists are new."
        ),
    )

    class Meta:
        model = Study
        fields = ["title", "code"]
        help_texts = {
            "title": "Readers see it. Do not name the report sources in it.",
            "code": "A short name for addresses and files, such as chest-2027.",
        }
        error_messages = {
            "code": {
                "invalid": "Use letters, digits and hyphens only.",
                "unique": "This code is taken by another study; choose another one.",
            }
        }


class CodeForm(forms.Form):
    """What a packed study is to be called here."""

    code = forms.SlugField(
        required=False,
        max_length=40,
        label="Another code",
        help_text="For a draft whose code is taken here. A locked study keeps its own.",
    )


class UnpackForm(CodeForm):
    """A packed study; it is stored once somebody has seen what would happen."""

    file = forms.FileField(label="Packed study (ZIP)")
    field_order = ("file", "code")
