"""Forms of the pages of labels."""

from typing import Any, cast

from django import forms

from inference.chexpert import FINDINGS
from readerstudy.cases.models import Collection
from readerstudy.reports.labels.models import LabelSet, LabelUpload
from readerstudy.reports.labels.reading import POLARITIES, sources_of

Subject = LabelSet.Subject


class ComputeForm(forms.Form):
    """The reports of which source are labelled."""

    source = forms.CharField(max_length=80)
    strict = forms.BooleanField(required=False)


class UploadForm(forms.Form):
    """A file of labels, answers or metrics, and what is known of it."""

    kind = forms.ChoiceField(
        label="What the file holds",
        choices=[
            (LabelUpload.Kind.LABELS, "Labels: a CSV, one case a row"),
            (
                LabelUpload.Kind.ANSWERS,
                "Answers to the label prompt: the JSONL of `python -m inference label`",
            ),
            (LabelUpload.Kind.METRICS, "Metrics: a CSV, one number a case and metric"),
        ],
    )
    file = forms.FileField(
        help_text="Cases are joined by a column study_id or case, findings by the "
        "names of their columns. Nothing is stored before you have looked at it.",
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.jsonl"}),
    )
    subject = forms.ChoiceField(
        label="What was labelled",
        choices=Subject.choices,
        required=False,
        help_text="For labels alone. Metrics always are of the reports of a source.",
    )
    source = forms.ChoiceField(
        label="Source of the reports",
        required=False,
        help_text="For labels of reports, and for metrics.",
    )
    name = forms.CharField(
        required=False,
        max_length=80,
        help_text="How the labels are called in tables; the file's name if empty. For "
        "a human reader choose a code, not a name.",
    )
    labeler = forms.CharField(
        required=False,
        max_length=120,
        label="Labelled by",
        help_text="A program, such as CheXbert, or a person's code.",
    )
    version = forms.CharField(required=False, max_length=120)

    def __init__(self, collection: Collection, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        sources = [(each.name, each.name) for each, _ in sources_of(collection)]
        offered = cast(forms.ChoiceField, self.fields["source"])
        offered.choices = [("", "None"), *sources]

    def clean(self) -> dict[str, Any]:
        """Metrics and labels of reports need a source; labels need a labeler."""
        given = self.cleaned_data
        kind = given.get("kind")
        is_labels = kind == LabelUpload.Kind.LABELS
        of_reports = is_labels and given.get("subject") == Subject.REPORTS
        if (of_reports or kind == LabelUpload.Kind.METRICS) and not given.get("source"):
            self.add_error("source", "Choose whose reports these are of.")
        if is_labels and not given.get("labeler"):
            self.add_error("labeler", "Say which program or person labelled.")
        return given

    def asked(self) -> dict[str, str]:
        """What is kept of the form beside the file."""
        given = dict(self.cleaned_data)
        if given["kind"] == LabelUpload.Kind.METRICS:
            given["subject"] = Subject.REPORTS
        if given["kind"] == LabelUpload.Kind.ANSWERS:
            given["subject"] = Subject.IMAGES
        names = ("subject", "source", "name", "labeler", "version")
        return {name: given[name] for name in names if given.get(name)}


class ConfirmForm(forms.Form):
    """Whether lines about other cases stay out."""

    leave_out = forms.BooleanField(required=False)


class FilterForm(forms.Form):
    """Which cases of a label set are shown."""

    finding = forms.ChoiceField(
        required=False, choices=[("", "All findings"), *((f, f) for f in FINDINGS)]
    )
    says = forms.ChoiceField(
        required=False,
        label="Labelled",
        choices=[("", "Anything"), *((word, word) for word in POLARITIES)],
    )
    case = forms.CharField(required=False, label="Case code", max_length=120)
