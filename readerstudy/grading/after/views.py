"""The page after a session: whom the reader takes for the author of some reports."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from readerstudy import access
from readerstudy.grading.after import guessing
from readerstudy.grading.after.forms import GuessForm
from readerstudy.grading.after.models import GuessSheet
from readerstudy.grading.amending import may_amend
from readerstudy.grading.path import Stop, next_step
from readerstudy.grading.whereabouts import at_the_end, whereabouts
from readerstudy.pages import refusals_shown
from readerstudy.presentation.models import Slot
from readerstudy.studies.models import Membership


@never_cache
@require_http_methods(["GET", "POST"])
def guess(request: HttpRequest, code: str, session: int) -> HttpResponse:
    """Before it is opened: what it is. Then the reports, once."""
    reader = access.reader_of_study(request, code)
    opened = GuessSheet.objects.filter(reader=reader, session=session).first()
    if request.method == "POST" and opened is not None:
        return _handed_in(request, reader, session)
    step = next_step(reader)
    if step.stop != Stop.GUESS or step.session != session:
        return redirect("grading:next", code)
    if opened is None:
        return _cover(request, reader, session)
    sample = guessing.sampled_slots(reader, session)
    return _sheet(request, reader, session, sample, GuessForm(count=len(sample)))


@require_POST
def open_guess(request: HttpRequest, code: str, session: int) -> HttpResponse:
    """Open the sheet: from now on the session's grades stand."""
    reader = access.reader_of_study(request, code)
    with refusals_shown(request):
        guessing.open_sheet(reader=reader, session=session)
    return redirect("grading:guess", code, session)


def _handed_in(request: HttpRequest, reader: Membership, session: int) -> HttpResponse:
    code = reader.study.code
    sample = guessing.sampled_slots(reader, session)
    form = GuessForm(request.POST, count=len(sample))
    if not form.is_valid():
        if guessing.session_to_guess(reader) != session:
            return redirect("grading:next", code)
        messages.error(request, _("Nothing was stored yet: answers are missing."))
        return _sheet(request, reader, session, sample, form)
    if reader.study.is_paused:
        messages.error(
            request,
            _("Reading is paused. Your answers stand below; send them later."),
        )
        return _sheet(request, reader, session, sample, form)
    try:
        with refusals_shown(request, _("Your answers are stored.")):
            guessing.store_guesses(
                reader=reader, session=session, guesses=form.guesses()
            )
    except guessing.GuessConflict as refusal:
        messages.error(request, str(refusal))
    return redirect("grading:next", code)


def _cover(request: HttpRequest, reader: Membership, session: int) -> HttpResponse:
    last = Slot.objects.of_reader(reader).filter(session=session).last()
    context = at_the_end(reader) | {
        "session": session,
        "count": len(guessing.sampled_slots(reader, session)),
        "may_change": last is not None and may_amend(last),
    }
    return render(request, "grading/guess_cover.html", context)


def _sheet(
    request: HttpRequest,
    reader: Membership,
    session: int,
    sample: list[Slot],
    form: GuessForm,
) -> HttpResponse:
    """The reports of the sample, by an allow-list: their texts and nothing more."""
    context = whereabouts(reader) | {
        "hand_in_url": reverse("grading:guess", args=[reader.study.code, session]),
        "reports": form.sheet([slot.presented.body for slot in sample]),
    }
    return render(request, "grading/guess.html", context)
