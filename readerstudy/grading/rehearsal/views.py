"""The pages of a rehearsal: the study as a pretend reader meets it."""

from collections.abc import Callable
from functools import wraps
from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from readerstudy import access
from readerstudy.grading.after.forms import GuessForm
from readerstudy.grading.forms import reply_of_form
from readerstudy.grading.rehearsal.pages import (
    SPACE,
    after_page,
    owner_of,
    rehearsed_page,
    rehearsed_room,
)
from readerstudy.grading.rehearsal.pretend import READER
from readerstudy.grading.rehearsal.services import (
    NoSuchPage,
    NotReady,
    Rehearsal,
    check_answers,
    guessed_in,
    rehearsal_of,
)
from readerstudy.grading.take_back import take_back_offer
from readerstudy.pages import refusals_shown
from readerstudy.presentation.blind import Redaction, removed_note
from readerstudy.presentation.viewer_words import viewer_words

View = Callable[[HttpRequest, Rehearsal, int], HttpResponse]


def _rehearsing(view: View) -> Callable[[HttpRequest, str, int], HttpResponse]:
    """Give a view the rehearsal; lead to its first page where there is none yet."""

    @wraps(view)
    def answer(request: HttpRequest, code: str, number: int) -> HttpResponse:
        study = access.study_for_rehearsal(request, code)
        try:
            return view(request, rehearsal_of(study), number)
        except NotReady:
            return redirect(f"{SPACE}:start", code)
        except NoSuchPage:
            raise Http404("The rehearsal has no such page.") from None

    return answer


@never_cache
@require_GET
def start(request: HttpRequest, code: str) -> HttpResponse:
    """What a reader is told, what can be rehearsed, and the way in."""
    study = access.study_for_rehearsal(request, code)
    context = {
        "study": study,
        "rules": study,
        "owner": owner_of(study),
        "reader_code": READER,
        "instructions": study.instructions,
        "removed_note": removed_note(cast(Redaction, study.redaction)),
        "scale": study.scale,
        "practice_cases": study.practicecase_set.count(),
    }
    try:
        context["rehearsal"] = rehearsal_of(study)
    except NotReady as problem:
        context |= {
            "missing": str(problem),
            "to_do": reverse(problem.place, args=[code]),
        }
    return render(request, "grading/rehearsal/start.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@_rehearsing
def page(request: HttpRequest, rehearsal: Rehearsal, place: int) -> HttpResponse:
    """One page to grade, as a reader gets it."""
    if request.method == "POST":
        return _submitted_without_script(request, rehearsal, place)
    context = rehearsed_room(rehearsal, place)
    return render(request, "grading/rehearsal/read.html", context)


def _submitted_without_script(
    request: HttpRequest, rehearsal: Rehearsal, place: int
) -> HttpResponse:
    """Check the plain form, as a browser without script sends it, and go on."""
    replies = [
        reply_of_form(rehearsal.study, request.POST, each["prefix"], each["entered"])
        for each in rehearsed_page(rehearsal, place)["reports"]
    ]
    preference = request.POST.get("preference", "")
    with refusals_shown(request):
        check_answers(rehearsal, rehearsal.page(place), replies, preference)
        return redirect(after_page(rehearsal, place))
    return redirect(f"{SPACE}:page", rehearsal.study.code, place)


@never_cache
@require_GET
@_rehearsing
def following(request: HttpRequest, rehearsal: Rehearsal, place: int) -> HttpResponse:
    """The page after this one, fetched ahead; 204 at the end of a session."""
    session = rehearsal.page(place)[0].session
    if place == rehearsal.places_of(session)[-1]:
        return HttpResponse(status=204)
    context = {"page": rehearsed_page(rehearsal, place + 1)}
    return render(request, "grading/_page.html", context)


@never_cache
@require_GET
def window(request: HttpRequest, code: str) -> HttpResponse:
    """A bare page for a second screen, as readers have it."""
    access.study_for_rehearsal(request, code)
    return render(request, "presentation/window.html", {"words": viewer_words()})


@never_cache
@require_GET
@_rehearsing
def session(request: HttpRequest, rehearsal: Rehearsal, number: int) -> HttpResponse:
    """A session is over: what a reader is told then, or the end of the rehearsal."""
    last = rehearsal.places_of(number)[-1]
    upcoming = rehearsal.sessions.get(number + 1)
    owner = owner_of(rehearsal.study)
    context = {
        "study": rehearsal.study,
        "owner": owner,
        "take_back": take_back_offer(rehearsal.study, owner=owner),
        "reader_code": READER,
        "done": number,
        "session": number + 1,
        "sessions": len(rehearsal.sessions),
        "completed": sum(len(rehearsal.page(place)) for place in range(1, last + 1)),
        "total": rehearsal.reports,
        "reports": sum(len(rehearsal.page(place)) for place in upcoming or ()),
        "first": upcoming[0] if upcoming else None,
    }
    name = "session" if upcoming else "done"
    return render(request, f"grading/rehearsal/{name}.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@_rehearsing
def guess(request: HttpRequest, rehearsal: Rehearsal, number: int) -> HttpResponse:
    """The sheet of guesses after a session; what is answered is dropped."""
    code, bodies = rehearsal.study.code, guessed_in(rehearsal, number)
    form = GuessForm(request.POST or None, count=len(bodies))
    if form.is_valid() or not bodies:
        return redirect(f"{SPACE}:session", code, number)
    if form.is_bound:
        messages.error(request, _("Answers are missing."))
    context = {
        "study": rehearsal.study,
        "session": number,
        "hand_in_url": reverse(f"{SPACE}:guess", args=[code, number]),
        "reports": form.sheet(bodies),
    }
    return render(request, "grading/rehearsal/guess.html", context)
