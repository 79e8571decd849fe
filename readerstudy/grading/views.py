"""My studies, the reader's pages, and who has read how much."""

from dataclasses import dataclass
from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from readerstudy import access
from readerstudy.grading import amending, services
from readerstudy.grading.forms import AmendForm, reply_of_form
from readerstudy.grading.graded import graded_pages
from readerstudy.grading.path import Stop, next_step, slot_after
from readerstudy.grading.progress import Progress, progress_of, progress_of_readers
from readerstudy.grading.reading import page_context, reading_context
from readerstudy.pages import parsed, refusals_shown, study_page
from readerstudy.presentation.blind import Redaction, removed_note
from readerstudy.presentation.models import Slot
from readerstudy.studies import next_step as desk
from readerstudy.studies.forms import ConfirmationForm
from readerstudy.studies.models import Membership


@dataclass(frozen=True)
class MyStudy:
    """A study on the home page: my role, what I do next, and how far I have read."""

    membership: Membership
    next_step: str
    progress: Progress | None


@never_cache
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """My studies, each with the next thing to do; two queries per study that I read."""
    roles = access.person(request).membership_set.select_related("study")
    studies = [_my_study(each) for each in roles.order_by("-study__created_at")]
    return render(request, "studies/home.html", {"studies": studies})


def _my_study(membership: Membership) -> MyStudy:
    words = desk.next_step(membership).words
    if membership.role != Membership.Role.READER or not membership.study.is_open:
        return MyStudy(membership, words, None)
    progress = progress_of(membership)
    if progress.graded:
        words = "Go on reading" if progress.missing else ""
    return MyStudy(membership, words, progress)


@never_cache
@require_GET
def start(request: HttpRequest, code: str) -> HttpResponse:
    """Instructions, the scale, and the way in."""
    reader = access.reader_of_study(request, code)
    context = _whereabouts(reader) | {
        "instructions": reader.study.instructions,
        "removed_note": removed_note(cast(Redaction, reader.study.redaction)),
        "scale": reader.study.scale,
        "begin_url": reverse("grading:next", args=[code]),
    }
    return render(request, "grading/start.html", context)


def _whereabouts(reader: Membership) -> dict[str, object]:
    """How far a reader is, and the way out."""
    progress = progress_of(reader)
    return {
        "study": {
            "code": reader.study.code,
            "title": reader.study.title,
            "is_open": reader.study.is_open,
        },
        "reader_code": reader.reader_code,
        "completed": progress.graded,
        "total": progress.total,
        "may_read": reader.study.is_open and progress.graded < progress.total,
        "exit_url": reverse("home"),
    }


@never_cache
@require_GET
def next_report(request: HttpRequest, code: str) -> HttpResponse:
    """Lead to the first report without a grade, to a wait, or to the end."""
    reader = access.reader_of_study(request, code)
    step = next_step(reader)
    if step.stop == Stop.READ and step.slot:
        return redirect("grading:read", step.slot.public_id)
    if step.stop == Stop.WAIT:
        context = _whereabouts(reader) | {"opens_at": step.opens_at}
        return render(request, "grading/wait.html", context)
    return render(request, "grading/done.html", _whereabouts(reader))


@never_cache
@require_http_methods(["GET", "POST"])
def read(request: HttpRequest, public_id: str) -> HttpResponse:
    """One page to grade. Only the next one opens; every other way leads there."""
    slot = access.slot_for_reader(request, public_id)
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
    upcoming = slot_after(slot)
    if upcoming is None or not slot.reader.study.is_open:
        return HttpResponse(status=204)
    return render(request, "grading/_page.html", {"page": page_context(upcoming)})


@never_cache
@require_GET
def graded(request: HttpRequest, code: str) -> HttpResponse:
    """The reports that I graded, with the way to change a grade where there is one."""
    reader = access.reader_of_study(request, code)
    context = _whereabouts(reader) | {
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
    except services.StudyClosed as refusal:
        messages.error(request, str(refusal))
    return redirect("grading:graded", slot.reader.study.code)


def _submitted_without_script(request: HttpRequest, slot: Slot) -> HttpResponse:
    """Take the plain form, for browsers in which the page's script did not start."""
    study = slot.reader.study
    prefixes = ["report1-", "report2-"] if slot.side else [""]
    try:
        with refusals_shown(request):
            services.submit(
                slot=slot,
                actor=access.person(request),
                idempotency_key=request.POST.get("idempotency_key", ""),
                replies=[reply_of_form(study, request.POST, each) for each in prefixes],
                preference=request.POST.get("preference", ""),
            )
    except (services.Conflict, services.StudyClosed) as refusal:
        messages.error(request, str(refusal))
    return redirect("grading:next", study.code)


@require_GET
def progress(request: HttpRequest, code: str) -> HttpResponse:
    """Who has read how much; never which grades."""
    study = access.study_for_results(request, code)
    readers = progress_of_readers(study)
    graded = sum(each.progress.graded for each in readers)
    total = sum(each.progress.total for each in readers)
    return study_page(
        request,
        "grading/progress.html",
        study=study,
        tab="progress",
        readers=readers,
        overall=Progress(graded, total),
        is_coordinator=access.membership(request, code).role == "coordinator",
        form=ConfirmationForm(),
    )
