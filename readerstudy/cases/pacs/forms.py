"""The form by which a PACS is searched, and what is chosen from its answer."""

import re
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict

from readerstudy.cases.dicom import MODALITIES
from readerstudy.cases.pacs.search import MOST_STUDIES, Wanted
from readerstudy.cases.pacs.servers import PacsServer
from readerstudy.cases.radiograph import Refused
from readerstudy.cases.tables import read_table

MOST_NUMBERS = 500
LONGEST_NUMBER = 64
MOST_TABLE_BYTES = 5 * 1024**2
_CHOSEN = re.compile(r"[0-9.]{1,64}(/[0-9.]{1,64})+")
# A PACS takes them for wildcards and lists.
_SIGNS_WITH_A_MEANING = "*?\\"


class DayField(forms.DateField):
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class SearchForm(forms.Form):
    """What to look for, and into which collection it goes."""

    since = DayField(required=False, label="Study date from")
    until = DayField(required=False, label="Study date to")
    modalities = forms.MultipleChoiceField(
        choices=[(name, name) for name in MODALITIES],
        initial=list(MODALITIES),
        widget=forms.CheckboxSelectMultiple,
    )
    body_parts = forms.ChoiceField(
        choices=[
            ("chest_or_unsaid", "Chest, or not stated"),
            ("chest", "Chest only"),
            ("any", "Any"),
        ],
        label="Body part",
    )
    number_kind = forms.ChoiceField(
        choices=[
            ("AccessionNumber", "Accession numbers"),
            ("PatientID", "Patient IDs"),
        ],
        label="Numbers below are",
    )
    numbers = forms.CharField(
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        help_text="One a line, or separated by commas, semicolons or tabs, as a "
        "column of a spreadsheet is pasted. Leave it empty to search by dates.",
    )
    table = forms.FileField(
        required=False,
        label="Or a CSV with the numbers",
        help_text="Text in UTF-8, with a header.",
    )
    column = forms.CharField(
        required=False,
        max_length=120,
        label="Its column",
        help_text="The name in the header; empty where the CSV has one column.",
    )
    limit = forms.IntegerField(
        min_value=1,
        max_value=MOST_STUDIES,
        initial=100,
        label="At most so many studies",
    )

    def __init__(
        self, servers: dict[str, PacsServer], *arguments: Any, **options: Any
    ) -> None:
        super().__init__(*arguments, **options)
        choices = [
            (name, name if server.is_encrypted else f"{name} (not encrypted)")
            for name, server in servers.items()
        ]
        self.fields["server"] = forms.ChoiceField(label="PACS", choices=choices)

    def clean_numbers(self) -> list[str]:
        return re.split(r"[\n\r,;\t]+", self.cleaned_data["numbers"])

    def clean(self) -> None:
        super().clean()
        if self.errors:
            return
        numbers = self.cleaned_data["numbers"] + self._from_table()
        self.cleaned_data["numbers"] = tuple(dict.fromkeys(_checked(numbers)))
        since, until = self.cleaned_data["since"], self.cleaned_data["until"]
        if since and until and since > until:
            self.add_error("until", "The last day lies before the first.")
        if not (self.cleaned_data["numbers"] or since or until):
            raise ValidationError(
                "Say which studies: by a range of dates, or by numbers."
            )

    def _from_table(self) -> list[str]:
        table: UploadedFile[Any] | None = self.cleaned_data["table"]
        if table is None:
            return []
        try:
            return _column(table, self.cleaned_data["column"].strip().lower())
        except Refused as refusal:
            raise ValidationError({"table": refusal.reason}) from None

    def show_all_numbers(self, sent: QueryDict) -> None:
        """Show the numbers of a CSV as if they had been pasted.

        A browser sends a file once only; the next request needs them too.
        """
        shown = sent.copy()
        shown["numbers"] = "\n".join(self.cleaned_data["numbers"])
        shown["column"] = ""
        self.data = shown

    @property
    def wanted(self) -> Wanted:
        """What a valid form asks for."""
        return Wanted(
            since=self.cleaned_data["since"],
            until=self.cleaned_data["until"],
            modalities=tuple(self.cleaned_data["modalities"]),
            body_parts=self.cleaned_data["body_parts"],
            number_kind=self.cleaned_data["number_kind"],
            numbers=self.cleaned_data["numbers"],
            limit=self.cleaned_data["limit"],
        )


def _column(table: "UploadedFile[Any]", name: str) -> list[str]:
    """The cells of a CSV's column. Raises Refused."""
    if (table.size or 0) > MOST_TABLE_BYTES:
        raise Refused("The CSV is larger than any list of numbers.")
    read = read_table(table.read(), table.name or "The CSV")
    if not name and len(read.columns) == 1:
        name = read.columns[0]
    if name not in read.columns:
        raise Refused(
            f"Name the column with the numbers; the CSV has: {', '.join(read.columns)}."
        )
    return [row[name] for _, row in read.rows()]


def _checked(numbers: list[str]) -> list[str]:
    """Trimmed numbers without blanks. Raises ValidationError for a bad one."""
    found = [number.strip() for number in numbers if number.strip()]
    for number in found:
        if len(number) > LONGEST_NUMBER or not number.isprintable():
            raise ValidationError({"numbers": f"{number[:64]!r} is no such number."})
        if any(sign in number for sign in _SIGNS_WITH_A_MEANING):
            raise ValidationError(
                {"numbers": f"{number} has a sign that means something to a PACS."}
            )
    if len(set(found)) > MOST_NUMBERS:
        raise ValidationError(
            {"numbers": f"{len(set(found))} are too many: {MOST_NUMBERS} at once."}
        )
    return found


class FetchForm(forms.Form):
    """Into which collection the chosen studies go, and under which codes."""

    collection = forms.CharField(
        max_length=80, help_text="An existing one, or a new name."
    )
    code_from = forms.ChoiceField(
        choices=[
            ("AccessionNumber", "The accession number, as a pseudonym"),
            ("PatientID", "The patient ID, as a pseudonym"),
            ("parent", "The study, as a pseudonym"),
        ],
        label="Case codes from",
        help_text="Files without such a number are refused; every study has itself.",
    )
    take_burned_in = forms.BooleanField(
        required=False,
        label="Take files that say that text is burned into their pixels",
    )


def chosen_studies(values: list[str]) -> list[tuple[str, list[str]]]:
    """Studies with their series, as the page sends them back.

    Raises ValidationError where nothing is chosen or a value is none of ours.
    """
    if not values:
        raise ValidationError("Choose the studies that are to be fetched.")
    if len(values) > MOST_STUDIES or not all(map(_CHOSEN.fullmatch, values)):
        raise ValidationError("What was chosen is not from a search. Search again.")
    split = [value.split("/") for value in values]
    return [(study, series) for study, *series in split]


def day_of(text: str) -> date | None:
    """A date as DICOM writes it, for a page."""
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None
