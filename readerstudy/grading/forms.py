"""The plain forms of the reading pages; the services decide."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from readerstudy.grading.reply import Mark, Reply
from readerstudy.studies.instruments import chosen
from readerstudy.studies.models import Study


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
