"""My studies, the reader's pages, and who has read how much."""

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from readerstudy import access
from readerstudy.grading import amending, services
from readerstudy.grading.before.display import checked_screen
from readerstudy.grading.forms import AmendForm, reply_of_form
from readerstudy.grading.graded import graded_pages
from readerstudy.grading.my_studies import my_studies, what_there_is
from readerstudy.grading.path import (
    Step,
    Stop,
    may_look_ahead,
    next_step,
    session_begins,
)
from readerstudy.grading.progress import progress_of
from readerstudy.grading.reading import page_ahead, page_context, reading_context
from readerstudy.grading.whereabouts import (
    at_the_end,
    session_count,
    time_left,
    whereabouts,
)
from readerstudy.pages import parsed, refusals_shown
from readerstudy.presentation.blind import Redaction, removed_note
from readerstudy.presentation.models import Slot
from readerstudy.studies.models import Membership

# Where a reader can do nothing but come back.
HELD = {Stop.NOT_YET, Stop.PAUSED, Stop.WITHDRAWN}


@never_cache
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """My studies, each with the next thing to do; a few queries per study I read."""
    someone = access.person(request)
    studies = my_studies(someone)
    begins = not studies and someone.may_create_studies
    there = what_there_is() if begins else {}
    return render(request, "studies/home.html", {"studies": studies, **there})


@never_cache
@require_GET
def start(request: HttpRequest, code: str) -> HttpResponse:
    """Instructions, the scale, and the way in."""
    reader = access.reader_of_study(request, code)
    step = next_step(reader)
    if step.stop in HELD:
        return _held(request, reader)
    context = whereabouts(reader) | {
        "instructions": reader.study.instructions,
        "removed_note": gettext(removed_note(cast(Redaction, reader.study.redaction))),
        "scale": reader.study.scale,
        "begin_url": reverse("grading:begin", args=[code]),
        "step": step,
        "session_count": session_count(reader),
        "practice_cases": reader.study.practicecase_set.count(),
        "rules": reader.study,
        "checked_screen": checked_screen(reader),
    }
    return render(request, "grading/start.html", context)


@never_cache
@require_GET
def next_report(request: HttpRequest, code: str) -> HttpResponse:
    """Lead to what comes next; between two sessions there is a page to rest at."""
    reader = access.reader_of_study(request, code)
    step = next_step(reader)
    is_ready = step.stop in {Stop.READ, Stop.PREPARE}
    if is_ready and step.slot and session_begins(step.slot):
        return _between(request, reader, step, step.slot.session)
    return _led_on(request, reader, step)


@never_cache
@require_GET
def begin(request: HttpRequest, code: str) -> HttpResponse:
    """Lead to what comes next, into a new session as well."""
    reader = access.reader_of_study(request, code)
    return _led_on(request, reader, next_step(reader))


def _led_on(request: HttpRequest, reader: Membership, step: Step) -> HttpResponse:
    code = reader.study.code
    if step.stop == Stop.READ and step.slot:
        return redirect("grading:read", step.slot.public_id)
    if step.stop == Stop.PREPARE and step.missing:
        return redirect(f"grading:{step.missing}", code)
    if step.stop == Stop.GUESS:
        return redirect("grading:guess", code, step.session)
    if step.stop == Stop.WAIT and step.slot:
        return _between(request, reader, step, step.slot.session)
    if step.stop in HELD:
        return _held(request, reader)
    return render(request, "grading/done.html", at_the_end(reader))


def _held(request: HttpRequest, reader: Membership) -> HttpResponse:
    """Nothing can be read now: not open yet, paused, or the reader has withdrawn."""
    context = whereabouts(reader) | {
        "message": reader.study.pause_message,
        "has_withdrawn": reader.has_withdrawn,
    }
    return render(request, "grading/held.html", context)


def _between(
    request: HttpRequest, reader: Membership, step: Step, session: int
) -> HttpResponse:
    """A session is done; what comes next, now or from a day on."""
    context = at_the_end(reader) | {
        "session": session,
        "done": session - 1,
        # A short last session would show itself as one of repeats alone.
        "reports": None
        if reader.study.hidden_repeats
        else Slot.objects.of_reader(reader).filter(session=session).count(),
        "opens_at": step.opens_at,
        "washout_days": reader.study.washout_days,
        "time_left": time_left(reader, progress_of(reader)),
    }
    return render(request, "grading/wait.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def read(request: HttpRequest, public_id: str) -> HttpResponse:
    """One page to grade. Only the next one opens; every other way leads there."""
    slot = access.slot_for_reader(request, public_id, with_image=True)
    if request.method == "POST":
        return _submitted_without_script(request, slot)
    try:
        services.open_slot(slot=slot, actor=access.person(request))
    except (services.Conflict, services.StudyClosed):
        return redirect("grading:next", slot.reader.study.code)
    return render(request, "grading/read.html", reading_context(slot))


@never_cache
@require_GET
def following(request: HttpRequest, public_id: str) -> HttpResponse:
    """The page after this one, fetched ahead so that it can be shown at once.

    204 where another thing comes first: the end of a session, or of the list.
    """
    slot = access.slot_for_reader(request, public_id)
    may_look = slot.reader.may_read and may_look_ahead(slot)
    page = page_ahead(slot) if may_look else None
    if page is None:
        return HttpResponse(status=204)
    return render(request, "grading/_page.html", {"page": page})


@never_cache
@require_GET
def graded(request: HttpRequest, code: str) -> HttpResponse:
    """The reports that I graded, with the way to change a grade where there is one."""
    reader = access.reader_of_study(request, code)
    context = whereabouts(reader) | {
        "pages": graded_pages(reader),
        "amending": reader.study.get_amending_display(),
        "form": AmendForm(),
    }
    return render(request, "grading/graded.html", context)


@require_POST
def amend(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take up a grade again, with a reason."""
    slot = access.slot_for_reader(request, public_id)
    try:
        with refusals_shown(request):
            answers = parsed(AmendForm(request.POST))
            amending.amend(slot=slot, actor=access.person(request), **answers)
            return redirect("grading:read", public_id)
    except (services.Conflict, services.StudyClosed) as refusal:
        messages.error(request, str(refusal))
    return redirect("grading:graded", slot.reader.study.code)


def _submitted_without_script(request: HttpRequest, slot: Slot) -> HttpResponse:
    """Take the plain form, for browsers in which the page's script did not start."""
    study = slot.reader.study
    preference = request.POST.get("preference", "")
    replies = [
        reply_of_form(study, request.POST, each["prefix"], each["entered"])
        for each in page_context(slot)["reports"]
    ]
    try:
        with refusals_shown(request):
            services.submit(
                slot=slot,
                actor=access.person(request),
                idempotency_key=request.POST.get("idempotency_key", ""),
                replies=replies,
                preference=preference,
            )
    except (services.Conflict, services.StudyClosed) as refusal:
        messages.error(request, str(refusal))
        if study.is_paused:
            # No script keeps it in the browser: it waits as a draft.
            with refusals_shown(request):
                services.save_draft(slot=slot, replies=replies, preference=preference)
    return redirect("grading:next", study.code)
