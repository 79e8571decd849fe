"""What views of every stage share: a refused write becomes sentences on the page."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from readerstudy.studies.models import Study

Row = TypeVar("Row", bound=Model)


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


def carried_out(
    request: HttpRequest,
    form: BaseForm,
    verb: Callable[..., Row],
    success: str,
) -> Row | None:
    """Call a verb with what a form holds and return the row that it wrote.

    Returns None where nothing was stored: the page is to be shown again, with the
    reasons and with everything that was typed.
    """
    if form.is_valid():
        try:
            row = verb(**form.cleaned_data)
        except ValidationError as refusal:
            _put_into(form, refusal)
        else:
            messages.success(request, success)
            return row
    for sentence in form.non_field_errors():
        messages.error(request, str(sentence))
    if form.errors.keys() - {NON_FIELD_ERRORS}:
        messages.error(request, _("Nothing was stored. What is wrong is marked below."))
    return None


def _put_into(form: BaseForm, refusal: ValidationError) -> None:
    """Put a service's refusal beside the fields it speaks of."""
    by_field = getattr(refusal, "error_dict", {NON_FIELD_ERRORS: [refusal]})
    for field, sentences in by_field.items():
        form.add_error(field if field in form.fields else None, sentences)


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


def address_to_send(request: HttpRequest, path: str) -> str:
    """A path as a whole address, for a letter: it begins with SITE_URL, where that is
    set, and never with a name that only a request claims to have come to."""
    if settings.SITE_URL:
        return f"{settings.SITE_URL.rstrip('/')}{path}"
    return request.build_absolute_uri(path)


def study_page(
    request: HttpRequest, template: str, *, study: Study, tab: str, **context: Any
) -> HttpResponse:
    """Render a page of a study with its tabs; one query for the person's role."""
    role = study.membership_set.values_list("role", flat=True).get(user=request.user.pk)
    context |= {"study": study, "tab": tab, "role": role}
    return render(request, template, context)
