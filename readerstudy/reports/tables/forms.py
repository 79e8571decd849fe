"""Forms of the steps by which a table comes in; the services decide."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms

from readerstudy.cases.dialects import DELIMITERS, ENCODINGS
from readerstudy.cases.models import Collection
from readerstudy.reports.tables.mapping import PARTS, ColumnMapping
from readerstudy.reports.tables.matching import RULES

MAKING = ("model", "version", "maker", "settings", "made_on")


class UploadForm(forms.Form):
    """A table, and the collection that it speaks of."""

    collection = forms.ModelChoiceField(
        queryset=Collection.objects.order_by("name"),
        to_field_name="name",
        empty_label="Choose a collection",
    )
    file = forms.FileField(
        label="The table",
        help_text="CSV or TSV, at most 200 MB and 50,000 rows.",
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
    )


class DialectForm(forms.Form):
    """How the file is written."""

    encoding = forms.ChoiceField(choices=list(ENCODINGS.items()))
    # A tab is a value of its own, not white space around one.
    delimiter = forms.ChoiceField(
        choices=[(str(ord(sign)), name) for sign, name in DELIMITERS.items()],
        label="Cells are separated by",
    )
    has_header = forms.BooleanField(
        required=False, label="The first row names the columns"
    )

    def clean_delimiter(self) -> str:
        return chr(int(self.cleaned_data["delimiter"]))


class MappingForm(forms.Form):
    """Which column is what, how cases are named, and whose the reports are."""

    case = forms.TypedChoiceField(coerce=int, label="Column that names the case")
    rule = forms.ChoiceField(
        choices=list(RULES.items()), label="What stands in that column"
    )
    before = forms.CharField(
        required=False,
        max_length=80,
        strip=False,
        label="Before the code",
        help_text="Letters in front of every code that are no part of it.",
    )
    after = forms.CharField(
        required=False,
        max_length=80,
        strip=False,
        label="After the code",
        help_text="Letters behind every code that are no part of it.",
    )
    report = forms.TypedChoiceField(
        coerce=int,
        empty_value=None,
        required=False,
        label="The whole report",
        help_text="It counts where sections stand beside it.",
    )
    findings = forms.TypedChoiceField(coerce=int, empty_value=None, required=False)
    impression = forms.TypedChoiceField(coerce=int, empty_value=None, required=False)
    indication = forms.TypedChoiceField(
        coerce=int,
        empty_value=None,
        required=False,
        help_text="It replaces what the case has.",
    )
    stratum = forms.TypedChoiceField(
        coerce=int,
        empty_value=None,
        required=False,
        help_text="It replaces what the case has.",
    )
    normal = forms.CharField(
        max_length=80,
        initial="normal",
        required=False,
        label="Means normal",
        help_text="Words of the stratum's column, separated by commas.",
    )
    abnormal = forms.CharField(
        max_length=80, initial="abnormal", required=False, label="Means abnormal"
    )
    takes_empty = forms.BooleanField(
        required=False,
        label="An empty report is a report: the source wrote nothing",
    )
    doubled = forms.ChoiceField(
        label="Where a case has several different texts",
        choices=[
            ("none", "none of them is taken; they are listed as bad rows"),
            ("last", "the last row counts, as after a second try"),
            ("first", "the first row counts"),
        ],
    )
    source = forms.CharField(
        required=False,
        max_length=80,
        label="Name of the source",
        help_text="Letters, digits, - and _; ground_truth for the reference reports. "
        "Arms of a study choose it by this name.",
    )
    model = forms.CharField(required=False, max_length=120, label="Model")
    version = forms.CharField(
        required=False,
        max_length=120,
        label="Version",
        help_text="A revision or a hash of the weights, if it is known.",
    )
    maker = forms.CharField(
        required=False, max_length=200, label="Who let it write, or wrote"
    )
    made_on = forms.DateField(
        required=False,
        label="Date of writing",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    settings = forms.CharField(
        required=False,
        max_length=5000,
        label="Prompt and settings",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, columns: Sequence[str], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.columns = list(columns)
        choices = [
            (str(number), f"{title} (column {number + 1})")
            for number, title in enumerate(columns)
        ]
        for part in ("case", *PARTS):
            offered = choices if part == "case" else [("", "None"), *choices]
            cast(forms.TypedChoiceField, self.fields[part]).choices = offered

    def chosen(self) -> dict[str, Any]:
        """What the service wants of a valid form."""
        data = dict(self.cleaned_data)
        making = {name: str(data.pop(name) or "") for name in MAKING}
        source = data.pop("source")
        for stratum in ("normal", "abnormal"):
            data[stratum] = data[stratum] or stratum
        titles = {
            part: self.columns[data[part]]
            for part in ("case", *PARTS)
            if data[part] is not None
        }
        mapping = ColumnMapping(**data, titles=titles)
        return {"mapping": mapping, "source": source, "making": making}


class ConfirmForm(forms.Form):
    """Whether the bad rows stay out, of the check that was shown."""

    shown = forms.CharField(required=False, max_length=64)
    bad_rows = forms.ChoiceField(
        required=False,
        choices=[("refuse", "Take nothing"), ("leave_out", "Leave them out")],
    )
