"""The sheet of guesses as a form: two questions a report."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from readerstudy.grading.after.guessing import Guess

_WHO = [("person", _("A person")), ("model", _("A model"))]
_HOW_SURE = [
    (1, _("1, a mere guess")),
    (2, "2"),
    (3, "3"),
    (4, "4"),
    (5, _("5, certain")),
]


class GuessForm(forms.Form):
    """For each of `count` reports who wrote it, and how sure the reader is."""

    def __init__(self, *args: Any, count: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.count = count
        for number in range(1, count + 1):
            self.fields[f"author{number}"] = forms.ChoiceField(
                choices=_WHO,
                widget=forms.RadioSelect,
                label=_("Who wrote it?"),
                error_messages={"required": _("Say who wrote it.")},
            )
            self.fields[f"confidence{number}"] = forms.TypedChoiceField(
                choices=_HOW_SURE,
                coerce=int,
                widget=forms.RadioSelect,
                label=_("How sure are you?"),
                error_messages={"required": _("Say how sure you are.")},
            )

    def sheet(self, bodies: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The reports as the sheet shows them: their texts, with two questions each."""
        return [
            {
                "number": number,
                "sections": body["sections"],
                "author": self[f"author{number}"],
                "confidence": self[f"confidence{number}"],
            }
            for number, body in enumerate(bodies, 1)
        ]

    def guesses(self) -> list[Guess]:
        """The answers, in the order of the reports."""
        entered = self.cleaned_data
        return [
            Guess(entered[f"author{number}"], entered[f"confidence{number}"])
            for number in range(1, self.count + 1)
        ]
