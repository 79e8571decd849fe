"""The coordinator's console: a case, what the model says of it, and the case panel."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from readerstudy import access
from readerstudy.cases.models import Case
from readerstudy.cases.pictures import picture
from readerstudy.key_pages import key_page
from readerstudy.pages import carried_out, parsed, refusals_shown, study_page
from readerstudy.reports import services as reports
from readerstudy.reports.console import panel, services
from readerstudy.reports.console.forms import PanelForm, QuestionForm
from readerstudy.reports.console.models import LONGEST_QUESTION, Conversation, Turn
from readerstudy.reports.console.reading import shown, suggestions
from readerstudy.studies.models import Study
from readerstudy.work.models import WorkerPulse

CASES_PER_PAGE = 50


@require_GET
def cases(request: HttpRequest, code: str) -> HttpResponse:
    """The cases of the study, to choose one."""
    study = access.study_for_console(request, code)
    sought = request.GET.get("case", "").strip().replace("\0", "")
    of_study = Q(conversation__study=study)
    found = (
        Case.objects.of_study(study)
        .filter(code__icontains=sought)
        .annotate(
            conversations=Count("conversation", filter=of_study, distinct=True),
            last_asked=Max("conversation__turns__created_at", filter=of_study),
        )
    )
    return study_page(
        request,
        "reports/console/cases.html",
        study=study,
        tab="reports",
        page=key_page(
            found, "code", after=request.GET.get("after"), size=CASES_PER_PAGE
        ),
        sought=sought,
        model=reports.model_card(),
    )


@require_http_methods(["GET", "POST"])
def case(request: HttpRequest, code: str, case_id: int) -> HttpResponse:
    """A case about which a new conversation can be begun."""
    study, found = access.case_for_console(request, code, case_id)

    def begin(**asked: str) -> Turn:
        return services.begin(
            study=study, case=found, actor=access.person(request), **asked
        )

    return _asked(request, begin, study, found)


@require_http_methods(["GET", "POST"])
def conversation(request: HttpRequest, code: str, conversation_id: int) -> HttpResponse:
    """A conversation so far, and the next question."""
    found = access.conversation_for_console(request, code, conversation_id)

    def ask(**asked: str) -> Turn:
        return services.ask(conversation=found, actor=access.person(request), **asked)

    return _asked(request, ask, found.study, found.case, found)


def _asked(
    request: HttpRequest,
    verb: Callable[..., Turn],
    study: Study,
    found: Case,
    going_on: Conversation | None = None,
) -> HttpResponse:
    """Ask what was sent; else show the page, with what was typed and refused."""
    form = QuestionForm(request.POST or None)
    if request.method == "POST" and (asked := carried_out(request, form, verb, "")):
        return redirect(_page_of(asked.conversation, study))
    return study_page(
        request,
        "reports/console/case.html",
        study=study,
        tab="reports",
        case=found,
        image=going_on.image if going_on else found.image,
        conversation=going_on,
        others=[
            each
            for each in Conversation.objects.on_case(study, found)
            if each != going_on
        ],
        truth=panel.ground_truth(found),
        form=form,
        longest=LONGEST_QUESTION,
        model=reports.model_card(),
        **_so_far(going_on),
    )


def _so_far(conversation: Conversation | None) -> dict[str, Any]:
    """What has been asked and answered, and what could be asked next."""
    turns: list[Turn] = []
    if conversation is not None:
        turns = list(conversation.turns.select_related("asked_by"))
    alive = WorkerPulse.objects.alive().serving(Turn.queue).exists()
    answered = [each for each in turns if each.is_done]
    return {
        "turns": [shown(each, is_a_worker_alive=alive) for each in turns],
        "last_answered": answered[-1] if answered else None,
        "suggestions": suggestions(turns),
        "is_waiting": any(each.is_unfinished for each in turns),
    }


def _page_of(conversation: Conversation, study: Study) -> str:
    name = "reports:console:conversation"
    return reverse(name, args=[study.code, conversation.pk]) + "#latest"


@require_GET
def turn(request: HttpRequest, code: str, turn_id: int) -> HttpResponse:
    """One question alone, polled by the page until the model has answered it."""
    found = access.turn_for_console(request, code, turn_id)
    so_far = _so_far(found.conversation)
    now = next(each for each in so_far["turns"] if each.turn == found)
    if request.GET.get("seen") == now.state:
        return HttpResponse(status=204)  # the page stays as it is
    return render(
        request,
        "reports/console/_polled.html",
        {
            "study": found.conversation.study,
            "conversation": found.conversation,
            "shown": now,
            **so_far,
        },
    )


@require_POST
def retry(request: HttpRequest, code: str, turn_id: int) -> HttpResponse:
    found = access.turn_for_console(request, code, turn_id)
    with refusals_shown(request):
        services.retry(turn=found, actor=access.person(request))
    return redirect(_page_of(found.conversation, found.conversation.study))


@require_GET
def image(request: HttpRequest, code: str, image_id: int) -> HttpResponse:
    """A radiograph as the model gets it, at most 1600 pixels wide and high."""
    found = access.image_for_console(request, code, image_id)
    return picture(request, found)


@require_POST
def export(request: HttpRequest, code: str, conversation_id: int) -> HttpResponse:
    """The conversation as a case panel or as JSON; that it was exported is recorded."""
    found = access.conversation_for_console(request, code, conversation_id)
    with refusals_shown(request):
        exported = panel.export(
            conversation=found,
            actor=access.person(request),
            **parsed(PanelForm(request.POST)),
        )
        if exported.caution:
            messages.warning(request, exported.caution)
        disposition = content_disposition_header(True, exported.name)
        return HttpResponse(
            exported.content,
            content_type=exported.content_type,
            headers={"Content-Disposition": disposition},
        )
    return redirect("reports:console:conversation", code, conversation_id)
