"""The buttons of a study's status card."""

from django.contrib import messages
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from readerstudy import access
from readerstudy.pages import carried_out, parsed, refusals_shown, study_page
from readerstudy.studies.account.confirming import confirmed_lately
from readerstudy.studies.forms import ConfirmationForm
from readerstudy.studies.lifecycle import services
from readerstudy.studies.lifecycle.forms import (
    ConfirmUnblindForm,
    PauseForm,
    UnblindForm,
)
from readerstudy.studies.lifecycle.models import Unblinding
from readerstudy.studies.lifecycle.unblinding import (
    reason_against_unblinding,
)
from readerstudy.studies.lifecycle.unblinding import unblind as open_results
from readerstudy.studies.models import Study

_SALT = "readerstudy.unblinding"
_GOOD_FOR_SECONDS = 900


@require_POST
def open_for_reading(request: HttpRequest, code: str) -> HttpResponse:
    study = access.study_for_coordinator(request, code)
    with refusals_shown(request, "The study is open for reading."):
        services.open_for_reading(study=study, actor=access.person(request))
    return redirect("grading:progress", code)


@require_POST
def pause(request: HttpRequest, code: str) -> HttpResponse:
    study = access.study_for_coordinator(request, code)
    with refusals_shown(request, "Reading is paused."):
        answers = parsed(PauseForm(request.POST))
        services.pause(study=study, actor=access.person(request), **answers)
    return redirect("grading:progress", code)


@require_POST
def resume(request: HttpRequest, code: str) -> HttpResponse:
    study = access.study_for_coordinator(request, code)
    with refusals_shown(request, "Reading goes on."):
        services.resume(study=study, actor=access.person(request))
    return redirect("grading:progress", code)


@require_POST
def archive(request: HttpRequest, code: str) -> HttpResponse:
    study = access.study_for_coordinator(request, code)
    with refusals_shown(request, "Archived. Results and exports stay open."):
        parsed(ConfirmationForm(request.POST))
        services.archive(study=study, actor=access.person(request))
    return redirect("grading:progress", code)


@require_http_methods(["GET", "POST"])
def unblind(request: HttpRequest, code: str) -> HttpResponse:
    """The first page: what early unblinding means, the reason, a tick."""
    study = access.study_for_coordinator(request, code)
    form = UnblindForm(request.POST or None)
    against = reason_against_unblinding(study)
    if request.method == "POST" and form.is_valid() and not against:
        reason = form.cleaned_data["reason"]
        sealed = signing.dumps([study.pk, request.user.pk, reason], salt=_SALT)
        return _second_page(
            request, study, ConfirmUnblindForm(initial={"sealed": sealed}), reason
        )
    return study_page(
        request,
        "studies/unblind.html",
        study=study,
        tab="progress",
        form=form,
        against=against,
    )


@confirmed_lately
@require_POST
def confirm(request: HttpRequest, code: str) -> HttpResponse:
    """The second page: the study's code, typed; then the results are open."""
    study = access.study_for_coordinator(request, code)
    form = ConfirmUnblindForm(request.POST)
    try:
        reason = _unsealed(request, study)
    except ValidationError as refusal:
        messages.error(request, refusal.message)
        return redirect("lifecycle:unblind", code)

    def verb(*, sealed: str, typed_code: str) -> Unblinding:
        actor = access.person(request)
        return open_results(
            study=study, actor=actor, reason=reason, typed_code=typed_code
        )

    if carried_out(request, form, verb, "The results are open now."):
        return redirect("analysis:results", code)
    return _second_page(request, study, form, reason)


def _unsealed(request: HttpRequest, study: Study) -> str:
    """The reason of the first page; refuse one of another person, study or hour."""
    try:
        study_id, person_id, reason = signing.loads(
            request.POST.get("sealed", ""), salt=_SALT, max_age=_GOOD_FOR_SECONDS
        )
    except signing.BadSignature as problem:
        raise ValidationError("Begin again: state the reason first.") from problem
    if (study_id, person_id) != (study.pk, request.user.pk):
        raise ValidationError("Begin again: state the reason first.")
    return str(reason)


def _second_page(
    request: HttpRequest, study: Study, form: ConfirmUnblindForm, reason: str
) -> HttpResponse:
    return study_page(
        request,
        "studies/confirm_unblind.html",
        study=study,
        tab="progress",
        form=form,
        reason=reason,
    )
