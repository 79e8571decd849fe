"""My studies, the reader's pages, and who has read how much."""

from dataclasses import dataclass
from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from readerstudy import access
from readerstudy.grading import services
from readerstudy.grading.forms import GradeForm
from readerstudy.grading.models import Draft
from readerstudy.pages import parsed, refusals_shown, study_page
from readerstudy.presentation.blind import Redaction, removed_note
from readerstudy.presentation.models import Slot
from readerstudy.studies.forms import ConfirmationForm
from readerstudy.studies.models import Membership, Study
from readerstudy.studies.next_step import next_step


@dataclass(frozen=True)
class MyStudy:
    """A study on the home page: my role, what I do next, and how far I have read."""

    membership: Membership
    next_step: str
    progress: services.Progress | None


@never_cache
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """My studies, each with the next thing to do; two queries per study that I read."""
    roles = access.person(request).membership_set.select_related("study")
    studies = [_my_study(each) for each in roles.order_by("-study__created_at")]
    return render(request, "studies/home.html", {"studies": studies})


def _my_study(membership: Membership) -> MyStudy:
    words = next_step(membership).words
    if membership.role != Membership.Role.READER or not membership.study.is_open:
        return MyStudy(membership, words, None)
    progress = services.progress_of(membership)
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
    progress = services.progress_of(reader)
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
    """Lead to the first report without a grade, or to the end."""
    reader = access.reader_of_study(request, code)
    slot = services.next_slot(reader)
    if slot and reader.study.is_open:
        return redirect("grading:read", slot.public_id)
    return render(request, "grading/done.html", _whereabouts(reader))


@never_cache
@require_http_methods(["GET", "POST"])
def read(request: HttpRequest, public_id: str) -> HttpResponse:
    """One report to grade. Only the next one opens; every other way leads there."""
    slot = access.slot_for_reader(request, public_id)
    code = slot.reader.study.code
    if request.method == "POST":
        return _submitted_without_script(request, slot)
    upcoming = services.next_slot(slot.reader)
    if upcoming is None or upcoming.pk != slot.pk or not slot.reader.study.is_open:
        return redirect("grading:next", code)
    services.open_slot(slot=slot, actor=access.person(request))
    return render(request, "grading/read.html", reading_context(slot))


def reading_context(slot: Slot) -> dict[str, object]:
    """Everything that the reading page may know of a slot: nothing about its arm."""
    study: Study = slot.reader.study
    draft = Draft.objects.filter(slot=slot).first()
    progress = services.progress_of(slot.reader)
    case = slot.presented.case
    return {
        "study": {"code": study.code, "title": study.title},
        "reader_code": slot.reader.reader_code,
        "slot": {"public_id": slot.public_id},
        "position": slot.position,
        "total": progress.total,
        "indication": case.indication if study.show_indication else "",
        "body": slot.presented.body,
        "scale": study.scale,
        "draft": {
            "letter": draft.letter if draft else "",
            "comment": draft.comment if draft else "",
            "active_ms": draft.active_ms if draft else 0,
        },
        "draft_url": reverse("api:draft", args=[slot.public_id]),
        "grade_url": reverse("api:grade", args=[slot.public_id]),
        "meta_url": reverse("api:image", args=[slot.public_id, 0]),
        "preview_url": reverse("api:preview", args=[slot.public_id, 0]),
        "frame_url": reverse("api:frame", args=[slot.public_id, 0]),
        "exit_url": reverse("grading:start", args=[study.code]),
    }


def _submitted_without_script(request: HttpRequest, slot: Slot) -> HttpResponse:
    """Take the plain form, for browsers in which the page's script did not start."""
    try:
        with refusals_shown(request):
            services.submit(
                slot=slot,
                actor=access.person(request),
                active_ms=0,
                wall_ms=0,
                **parsed(GradeForm(request.POST)),
            )
    except (services.Conflict, services.StudyClosed) as refusal:
        messages.error(request, str(refusal))
    return redirect("grading:next", slot.reader.study.code)


@require_GET
def progress(request: HttpRequest, code: str) -> HttpResponse:
    """Who has read how much; never which grades."""
    study = access.study_for_results(request, code)
    readers = services.progress_of_readers(study)
    graded = sum(each.progress.graded for each in readers)
    total = sum(each.progress.total for each in readers)
    return study_page(
        request,
        "grading/progress.html",
        study=study,
        tab="progress",
        readers=readers,
        overall=services.Progress(graded, total),
        is_coordinator=access.membership(request, code).role == "coordinator",
        form=ConfirmationForm(),
    )
