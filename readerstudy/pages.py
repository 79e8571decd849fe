"""What views of every stage share: a refused write becomes a message on the page."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from readerstudy.studies.models import Study


@contextmanager
def refusals_shown(request: HttpRequest, success: str = "") -> Iterator[None]:
    """Show a service's refusal, sentence by sentence; else show the success."""
    try:
        yield
    except ValidationError as refusal:
        for sentence in refusal.messages:
            messages.error(request, sentence)
    else:
        if success:
            messages.success(request, success)


def parsed(form: BaseForm) -> dict[str, Any]:
    """Return what a form parsed; raises ValidationError naming each bad field."""
    if form.is_valid():
        return form.cleaned_data
    raise ValidationError(
        [
            f"{form.fields[name].label or name}: {sentence}"
            if name in form.fields
            else str(sentence)
            for name, sentences in form.errors.items()
            for sentence in sentences
        ]
    )


def study_page(
    request: HttpRequest, template: str, *, study: Study, tab: str, **context: Any
) -> HttpResponse:
    """Render a page of a study with its tabs; one query for the person's role."""
    role = study.membership_set.values_list("role", flat=True).get(user=request.user.pk)
    context |= {"study": study, "tab": tab, "role": role}
    return render(request, template, context)
