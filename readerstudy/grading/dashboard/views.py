"""The dashboard: who has read how much, at what pace; never which grades."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from readerstudy import access
from readerstudy.audit.downloads import record_download
from readerstudy.grading import closing
from readerstudy.grading.dashboard.rows import dashboard_csv, dashboard_rows
from readerstudy.grading.forms import CloseForm, ReminderForm
from readerstudy.grading.models import Reminder
from readerstudy.grading.reminding import services as reminding
from readerstudy.pages import parsed, refusals_shown, study_page
from readerstudy.studies.account.confirming import confirmed_lately
from readerstudy.studies.forms import ConfirmationForm
from readerstudy.studies.lifecycle.forms import PauseForm
from readerstudy.studies.lifecycle.transitions import transitions_of
from readerstudy.studies.lifecycle.unblinding import reason_against_unblinding
from readerstudy.studies.people.forms import WithdrawalForm

REMINDERS_SHOWN = 20


@never_cache
@require_GET
def progress(request: HttpRequest, code: str) -> HttpResponse:
    """Who has read how much and how regularly, and what a coordinator may do."""
    study = access.study_for_results(request, code)
    overall = closing.overall_progress(study)
    rows = dashboard_rows(study)
    to_remind = [row for row in rows if not reminding.reason_against(row)]
    reminders = Reminder.objects.filter(reader__study=study).select_related(
        "reader", "asked_by"
    )
    return study_page(
        request,
        "grading/progress.html",
        study=study,
        tab="progress",
        rows=rows,
        overall=overall,
        transitions=transitions_of(study.state),
        against_unblinding=reason_against_unblinding(study),
        pause_form=PauseForm(auto_id="pause_%s"),
        archive_form=ConfirmationForm(auto_id="archive_%s"),
        close_form=CloseForm(progress=overall, auto_id="close_%s"),
        withdrawal_form=WithdrawalForm(study=study, auto_id="withdraw_%s"),
        reminder_form=ReminderForm(
            rows=to_remind,
            initial={"text": reminding.usual_text(study)},
            auto_id="remind_%s",
        ),
        to_remind=to_remind,
        not_to_remind=[
            (row, against)
            for row in rows
            if row.progress.missing and (against := reminding.reason_against(row))
        ],
        reminders=reminders.order_by("-id")[:REMINDERS_SHOWN],
    )


@never_cache
@require_GET
def progress_csv(request: HttpRequest, code: str) -> HttpResponse:
    """The dashboard as a table, by reader codes."""
    study = access.study_for_results(request, code)
    record_download(
        actor=access.person(request), name="progress.csv", study_code=study.code
    )
    return HttpResponse(
        dashboard_csv(dashboard_rows(study)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{code}-progress.csv"'},
    )


@require_POST
def remind(request: HttpRequest, code: str) -> HttpResponse:
    """Queue reminders to the readers that were ticked."""
    study = access.study_for_coordinator(request, code)
    with refusals_shown(request, "A worker sends the reminders; see below."):
        form = ReminderForm(request.POST, rows=dashboard_rows(study))
        answers = parsed(form)
        reminding.remind(
            study=study,
            actor=access.person(request),
            readers=list(answers["readers"]),
            text=answers["text"],
        )
    return redirect("grading:progress", code)


@confirmed_lately
@require_POST
def close(request: HttpRequest, code: str) -> HttpResponse:
    """End reading for good, knowing what is missing."""
    study = access.study_for_coordinator(request, code)
    with refusals_shown(request, "The study is closed. Results are open now."):
        answers = parsed(CloseForm(request.POST))
        closing.close(
            study=study,
            actor=access.person(request),
            accepted_missing=answers["accepted_missing"],
            reason=answers["reason"],
        )
        return redirect("studies:overview", code)
    return redirect("grading:progress", code)
