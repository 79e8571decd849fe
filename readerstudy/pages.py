"""What views of every stage share: a refused write becomes a message on the page."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpRequest


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
