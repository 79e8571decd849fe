"""The checklist, the freeze, the locked protocol, and the window for the image."""

from functools import partial

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from readerstudy import access
from readerstudy.pages import carried_out, parsed, refusals_shown, study_page
from readerstudy.presentation import services, thawing
from readerstudy.presentation.forms import FreezeForm, PracticeForm
from readerstudy.presentation.practice import add_practice_case, remove_practice_case
from readerstudy.presentation.readiness import checklist
from readerstudy.presentation.viewer_words import viewer_words
from readerstudy.studies.account.confirming import confirmed_lately
from readerstudy.studies.lifecycle.forms import ThawForm
from readerstudy.studies.lifecycle.services import open_for_reading
from readerstudy.studies.models import Study
from readerstudy.studies.protocol import canonical_json


@confirmed_lately
@require_http_methods(["GET", "POST"])
def freeze(request: HttpRequest, code: str) -> HttpResponse:
    study = access.study_for_coordinator(request, code)
    if request.method == "POST":
        with refusals_shown(request):
            _freeze(request, study, **parsed(FreezeForm(request.POST)))
        return redirect("presentation:freeze", code)
    checks = checklist(study) if study.is_draft else []
    return study_page(
        request,
        "presentation/freeze.html",
        study=study,
        tab="freeze",
        checks=checks,
        still_open=sum(not check.done for check in checks),
        form=FreezeForm(warnings=sum(check.warns for check in checks)),
        thaw_form=ThawForm(),
    )


def _freeze(
    request: HttpRequest,
    study: Study,
    *,
    accepts_warnings: bool,
    opens_at_once: bool,
    is_sure: bool,
) -> None:
    actor = access.person(request)
    with transaction.atomic():
        study = services.freeze(
            study=study, actor=actor, accepts_warnings=accepts_warnings
        )
        if opens_at_once:
            open_for_reading(study=study, actor=actor)
    messages.success(
        request,
        "Frozen. The study is open for reading."
        if opens_at_once
        else "Frozen. Readers can begin once you open the study.",
    )


@require_POST
def thaw(request: HttpRequest, code: str) -> HttpResponse:
    """Make a draft of a frozen study again, which nobody has read."""
    study = access.study_for_coordinator(request, code)
    with refusals_shown(request, "The study is a draft again."):
        reason = parsed(ThawForm(request.POST))["reason"]
        thawing.thaw(study=study, actor=access.person(request), reason=reason)
    return redirect("presentation:freeze", code)


@require_http_methods(["GET", "POST"])
def practice(request: HttpRequest, code: str) -> HttpResponse:
    """The practice set: made in a draft, to be looked at afterwards."""
    study = access.study_for_coordinator(request, code)
    form = PracticeForm(request.POST or None)
    verb = partial(add_practice_case, study=study, actor=access.person(request))
    if request.method == "POST" and carried_out(request, form, verb, "Added."):
        return redirect("presentation:practice", code)
    return study_page(
        request,
        "presentation/practice.html",
        study=study,
        tab="setup",
        practice=study.practicecase_set.select_related(
            "report__case", "report__source"
        ),
        form=form,
    )


@require_POST
def remove_practice(request: HttpRequest, code: str, number: int) -> HttpResponse:
    study = access.study_for_coordinator(request, code)
    with refusals_shown(request, "Removed from the practice set."):
        remove_practice_case(study=study, actor=access.person(request), number=number)
    return redirect("presentation:practice", code)


@require_GET
def protocol(request: HttpRequest, code: str) -> HttpResponse:
    """The locked protocol, byte for byte what the hash was taken of."""
    study = access.study_for_protocol(request, code)
    if study.is_draft:
        return redirect("studies:overview", code)
    return HttpResponse(
        canonical_json(study.locked_protocol),
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{code}-protocol.json"'},
    )


@require_GET
def amendments(request: HttpRequest, code: str) -> HttpResponse:
    """What was amended since the lock, beside the protocol that stays as it was."""
    study = access.study_for_results(request, code)
    content = {
        "protocol_sha256": study.protocol_sha256,
        "amendments": [
            each.as_record() for each in study.amendment_set.select_related("author")
        ],
    }
    name = f"{code}-amendments.json"
    return JsonResponse(
        content,
        json_dumps_params={"indent": 1},
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@never_cache
@require_GET
def window(request: HttpRequest, public_id: str) -> HttpResponse:
    """A bare page for a second screen; the reading page hands the image over to it."""
    access.slot_for_reader(request, public_id)
    return render(request, "presentation/window.html", {"words": viewer_words()})
