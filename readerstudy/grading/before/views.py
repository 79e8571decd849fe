"""The pages before a session: consent, the display, practice."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from readerstudy import access
from readerstudy.grading.before import consent as consenting
from readerstudy.grading.before import display as displays
from readerstudy.grading.before import practice as practising
from readerstudy.grading.before.forms import (
    ConsentForm,
    DisplayForm,
    StalePattern,
    sealed,
    told_of_device,
    unsealed,
)
from readerstudy.grading.before.models import DisplayCheck
from readerstudy.grading.before.pattern import REMEDIES, greys, new_pattern, not_met
from readerstudy.grading.path import Missing, Stop, next_step
from readerstudy.grading.whereabouts import session_count, whereabouts
from readerstudy.pages import parsed, refusals_shown
from readerstudy.presentation.models import PracticeCase
from readerstudy.presentation.practice import body_of
from readerstudy.presentation.viewer_words import viewer_words
from readerstudy.studies.models import Membership


@never_cache
@require_http_methods(["GET", "POST"])
def consent(request: HttpRequest, code: str) -> HttpResponse:
    """What a reader agrees to, in its present version."""
    reader = access.reader_of_study(request, code)
    if request.method == "POST":
        with refusals_shown(request):
            version = parsed(ConsentForm(request.POST))["version"]
            consenting.agree(reader=reader, version=version)
            return redirect("grading:begin", code)
        return redirect("grading:consent", code)
    context = whereabouts(reader) | {
        "text": reader.study.consent,
        "instructions": reader.study.instructions,
        "version": consenting.consent_version(reader.study),
        "is_asked": consenting.lacks_consent(reader) and reader.may_read,
        "is_amended": consenting.agreed_before(reader),
    }
    return render(request, "grading/consent.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def display(request: HttpRequest, code: str) -> HttpResponse:
    """The test pattern. Another one each time, so that nobody answers by heart."""
    reader = access.reader_of_study(request, code)
    session = _coming_session(reader)
    if not reader.may_read:
        return redirect("grading:next", code)
    form = DisplayForm(request.POST or None)
    if request.method == "GET" or not form.is_valid():
        return _pattern_page(request, reader, form)
    try:
        pattern = unsealed(request.POST.get("pattern", ""), reader)
    except StalePattern:
        messages.warning(
            request, _("This page was open for too long. Look at the new pattern.")
        )
        return _pattern_page(request, reader, DisplayForm())
    # Reading may have ended a moment ago.
    with refusals_shown(request):
        check = displays.store_check(
            reader=reader,
            session=session,
            pattern=pattern,
            answers=form.answers(),
            device=told_of_device(request.POST.get("device", "")),
        )
        if check.passed:
            messages.success(request, _("Your display is fit for reading."))
            return redirect("grading:begin", code)
        missed = not_met(pattern, check.answers)
        return _pattern_page(request, reader, DisplayForm(), failed=missed)
    return redirect("grading:next", code)


@never_cache
@require_http_methods(["POST"])
def display_go_on(request: HttpRequest, code: str) -> HttpResponse:
    """Read on a display that did not pass, knowingly."""
    reader = access.reader_of_study(request, code)
    with refusals_shown(request):
        displays.go_on_knowingly(reader=reader, session=_coming_session(reader))
        return redirect("grading:begin", code)
    return redirect("grading:display", code)


def _coming_session(reader: Membership) -> int:
    """The session in which a reader reads next, else the last one."""
    slot = next_step(reader).slot
    return slot.session if slot else session_count(reader)


def _pattern_page(
    request: HttpRequest,
    reader: Membership,
    form: DisplayForm,
    failed: list[str] | None = None,
) -> HttpResponse:
    pattern = new_pattern()
    context = whereabouts(reader) | {
        "form": form,
        "sealed": sealed(pattern, reader),
        "pattern": pattern,
        "greys": list(enumerate(greys(pattern.steps))),
        "remedies": [REMEDIES[name] for name in failed or ()],
        "is_another_screen": _is_another_screen(request, reader),
    }
    return render(request, "grading/display.html", context)


def _is_another_screen(request: HttpRequest, reader: Membership) -> bool:
    """Whether the browser led here because the last check was on another screen."""
    checked = DisplayCheck.objects.filter(reader=reader).exclude(screen="")
    return "screen" in request.GET and checked.exists()


@never_cache
@require_safe
def practice(request: HttpRequest, code: str) -> HttpResponse:
    """The practice cases, with what the reader said of each."""
    reader = access.reader_of_study(request, code)
    step = next_step(reader)
    if step.missing in {Missing.CONSENT, Missing.DISPLAY} or step.stop == Stop.NOT_YET:
        return redirect("grading:begin", code)
    cases = PracticeCase.objects.filter(study=reader.study)
    context = whereabouts(reader) | {
        "cases": [(each, practising.last_reading(reader, each)) for each in cases],
        "upcoming": practising.next_practice(reader),
    }
    return render(request, "grading/practice.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def practice_case(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """One practice case: radiograph, report and grades; then what was expected."""
    reader, case = access.practice_case_for_reader(request, code, number)
    if request.method == "POST":
        with refusals_shown(request):
            letter = request.POST.get("letter", "")
            practising.practise(reader=reader, practice=case, letter=letter)
        return redirect("grading:practice_case", code, number)
    upcoming = practising.next_practice(reader)
    step = next_step(reader)
    is_early = upcoming is not None and case.number > upcoming.number
    is_early |= step.stop == Stop.NOT_YET
    if is_early or step.missing in {Missing.CONSENT, Missing.DISPLAY}:
        return redirect("grading:practice", code)
    reading = practising.last_reading(reader, case)
    is_again = "again" in request.GET
    context = whereabouts(reader) | {
        "case": case,
        "cases": PracticeCase.objects.filter(study=reader.study).count(),
        "indication": _indication(case),
        "body": body_of(case).as_json(),
        "scale": reader.study.scale,
        "reading": None if is_again else reading,
        "upcoming": upcoming,
        "image": {
            kind: reverse(f"api:practice_{name}", args=[code, number])
            for kind, name in _ADDRESSES.items()
        },
        "words": {"viewer": viewer_words()},
    }
    return render(request, "grading/practice_case.html", context)


_ADDRESSES = {"meta": "image", "preview": "preview", "frame": "frame"}


def _indication(case: PracticeCase) -> str:
    shown = case.study.show_indication
    return case.report.case.indication if shown else ""
