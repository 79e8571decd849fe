"""The plain forms of the reading pages; the services decide."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from readerstudy.grading.dashboard.rows import Row
from readerstudy.grading.progress import Progress
from readerstudy.grading.reply import Mark, Reply
from readerstudy.studies.forms import ConfirmationForm
from readerstudy.studies.instruments import chosen
from readerstudy.studies.models import Membership, Study


class SomeReaders(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Readers by code and name."""

    def label_from_instance(self, obj: Membership) -> str:
        return f"{obj.reader_code}, {obj.user}"


class ReminderForm(forms.Form):
    """Whom to remind, and what the letter says."""

    readers = SomeReaders(
        queryset=Membership.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        label="Readers who are behind",
    )
    text = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 9}),
        max_length=4000,
        help_text="{name}, {graded}, {total}, {study} and {end} are filled in.",
    )

    def __init__(self, *args: Any, rows: Sequence[Row], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["readers"]
        assert isinstance(field, SomeReaders)  # noqa: S101
        ids = [row.reader.pk for row in rows]
        readers = Membership.objects.readers().filter(pk__in=ids)
        field.queryset = readers.select_related("user")


class CloseForm(ConfirmationForm):
    """The tick for the close, and where reads are missing their number and a reason."""

    accepted_missing = forms.IntegerField(required=False, min_value=0)
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2000,
        required=False,
        label="Why it is closed before all is graded",
        help_text="It stands in the record of the study.",
    )
    field_order = ["accepted_missing", "reason", "is_sure"]

    def __init__(
        self, *args: Any, progress: Progress | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if progress is None:
            return
        if not progress.missing:
            del self.fields["reason"], self.fields["accepted_missing"]
            return
        number = self.fields["accepted_missing"]
        # A box to tick, which sends the number that its label names.
        number.widget = forms.CheckboxInput(attrs={"value": progress.missing})
        number.label = (
            f"Close although {progress.missing} of {progress.total} reports are not "
            "graded"
        )

    def clean_accepted_missing(self) -> int:
        return self.cleaned_data["accepted_missing"] or 0


class AmendForm(forms.Form):
    reason = forms.CharField(
        max_length=400, label=_("Why do you change it?"), strip=True
    )


def reply_of_form(
    study: Study, sent: QueryDict, prefix: str, entered: Mapping[str, Any]
) -> Reply:
    """Read a reply from the page's plain form, as browsers without script send it.

    `prefix` tells the two reports of a pair apart. Marks need the script: those that
    were entered before stay.
    """
    answers = {
        each.name: str(sent[prefix + each.name])
        for each in chosen(study.instruments)
        if each.kind == "choice" and sent.get(prefix + each.name)
    }
    return Reply(
        letter=sent.get(f"{prefix}letter", ""),
        comment=sent.get(f"{prefix}comment", ""),
        cannot_assess=sent.get(f"{prefix}cannot_assess", ""),
        answers=answers,
        marks=tuple(Mark(**mark) for mark in entered["marks"]),
    )
