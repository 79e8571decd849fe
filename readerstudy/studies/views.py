"""Home, and the set-up of a study."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from readerstudy import access
from readerstudy.pages import parsed, refusals_shown, study_page
from readerstudy.studies import services
from readerstudy.studies.forms import (
    AmendmentForm,
    ArmForm,
    MemberForm,
    NewStudyForm,
    SettingsForm,
)


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """My studies, the next thing to do first."""
    person = access.person(request)
    roles = person.membership_set.select_related("study").order_by("-study__created_at")
    return render(request, "studies/home.html", {"memberships": roles})


@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    coordinator = access.site_coordinator(request)
    form = NewStudyForm(request.POST or None)
    if form.is_valid():
        with refusals_shown(request):
            study = services.create(
                coordinator=coordinator,
                code=form.cleaned_data["code"],
                title=form.cleaned_data["title"],
            )
            return redirect("studies:setup", study.code)
    return render(request, "studies/create.html", {"form": form})


@require_GET
def overview(request: HttpRequest, code: str) -> HttpResponse:
    """Send each role to the page on which its work is done."""
    membership = access.membership(request, code)
    study = membership.study
    if membership.role == membership.Role.READER:
        return redirect("grading:start", code)
    if study.is_closed:
        return redirect("analysis:results", code)
    if membership.role == membership.Role.ANALYST or study.is_open:
        return redirect("grading:progress", code)
    return redirect("studies:setup", code)


@require_http_methods(["GET", "POST"])
def setup(request: HttpRequest, code: str) -> HttpResponse:
    study = access.study_for_coordinator(request, code)
    form = SettingsForm(request.POST or None, instance=study)
    if request.method == "POST" and form.is_valid():
        study.refresh_from_db()
        with refusals_shown(request, "Settings saved."):
            services.change_settings(
                study=study, actor=access.person(request), **form.cleaned_data
            )
        return redirect("studies:setup", code)
    return study_page(
        request,
        "studies/setup.html",
        study=study,
        tab="setup",
        form=form,
        arm_form=ArmForm(),
        member_form=MemberForm(),
        amendment_form=AmendmentForm(),
        arms=study.arm_set.all(),
        members=study.membership_set.select_related("user").order_by("role", "id"),
        amendments=study.amendment_set.select_related("author"),
    )


@require_POST
def add_arm(request: HttpRequest, code: str) -> HttpResponse:
    study = access.study_for_coordinator(request, code)
    with refusals_shown(request, "Arm added."):
        services.add_arm(
            study=study, actor=access.person(request), **parsed(ArmForm(request.POST))
        )
    return redirect("studies:setup", code)


@require_POST
def remove_arm(request: HttpRequest, code: str, arm_id: int) -> HttpResponse:
    arm = access.arm_for_coordinator(request, code, arm_id)
    with refusals_shown(request, f"{arm.label} removed."):
        services.remove_arm(study=arm.study, actor=access.person(request), arm=arm)
    return redirect("studies:setup", code)


@require_POST
def add_member(request: HttpRequest, code: str) -> HttpResponse:
    study = access.study_for_coordinator(request, code)
    with refusals_shown(request, "Added to the study."):
        services.add_member(
            study=study,
            actor=access.person(request),
            **parsed(MemberForm(request.POST)),
        )
    return redirect("studies:setup", code)


@require_POST
def remove_member(request: HttpRequest, code: str, membership_id: int) -> HttpResponse:
    membership = access.member_for_coordinator(request, code, membership_id)
    with refusals_shown(request, f"{membership.user} removed from the study."):
        services.remove_member(
            study=membership.study,
            actor=access.person(request),
            membership=membership,
        )
    return redirect("studies:setup", code)


@require_POST
def amend(request: HttpRequest, code: str) -> HttpResponse:
    study = access.study_for_coordinator(request, code)
    with refusals_shown(request, "Amendment recorded."):
        services.amend(
            study=study,
            actor=access.person(request),
            **parsed(AmendmentForm(request.POST)),
        )
    return redirect("studies:setup", code)


@require_POST
def close(request: HttpRequest, code: str) -> HttpResponse:
    study = access.study_for_coordinator(request, code)
    with refusals_shown(request, "The study is closed. Results are open now."):
        services.close(study=study, actor=access.person(request))
    return redirect("studies:overview", code)
