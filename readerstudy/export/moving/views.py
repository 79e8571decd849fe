"""Pages on which a study is copied, packed and unpacked."""

from functools import partial

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
)

from readerstudy import access, access_export
from readerstudy.accounts.models import User
from readerstudy.body_limits import takes_files
from readerstudy.export.models import Arrival
from readerstudy.export.moving import arriving, packing
from readerstudy.export.moving.copying import copy_study
from readerstudy.export.moving.forms import CodeForm, CopyForm, UnpackForm
from readerstudy.export.moving.packing import reason_against_packing
from readerstudy.export.moving.sending import blocks
from readerstudy.pages import carried_out, parsed, refusals_shown, study_page
from readerstudy.studies.account.confirming import confirmed_before
from readerstudy.studies.models import Study
from readerstudy.work.models import CPU, WorkerPulse


@require_http_methods(["GET", "POST"])
def copy(request: HttpRequest, code: str) -> HttpResponse:
    """A new draft with the choices of this study."""
    study = access.study_for_copying(request, code)
    form = CopyForm(request.POST or None, initial={"title": study.title})
    verb = partial(copy_study, study=study, actor=access.person(request))
    if request.method == "POST":
        made = carried_out(request, form, verb, f"Copied from {study.code}.")
        if made:
            return redirect("studies:setup", made.code)
    return study_page(
        request, "export/moving/copy.html", study=study, tab="setup", form=form
    )


@confirmed_before("export:pack")
@require_http_methods(["GET", "POST"])
def pack(request: HttpRequest, code: str) -> HttpResponseBase:
    """What a packed study holds, and the file itself."""
    study = access.study_for_packing(request, code)
    if request.method == "POST":
        with refusals_shown(request):
            return _file(study, access.person(request))
        return redirect("export:pack", code)
    return study_page(
        request,
        "export/moving/pack.html",
        study=study,
        tab="setup",
        against=reason_against_packing(study),
    )


def _file(study: Study, actor: User) -> StreamingHttpResponse:
    """A study, packed while it is sent."""
    ready = packing.made_ready(study=study, actor=actor)
    answer = StreamingHttpResponse(blocks(ready), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{study.code}-study.zip"'
    return answer


@takes_files
@require_http_methods(["GET", "POST"])
def unpack(request: HttpRequest) -> HttpResponse:
    """Where packed studies are uploaded, and those that wait for a decision."""
    actor = access.site_coordinator(request)
    form = UnpackForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        with refusals_shown(request):
            made = arriving.keep(
                name=upload.name,
                chunks=upload.chunks(),
                code=form.cleaned_data["code"],
                actor=actor,
            )
            return redirect("export:arrival", made.token)
    waiting = Arrival.objects.of_person(actor)
    return render(
        request, "export/moving/unpack.html", {"form": form, "waiting": waiting}
    )


@never_cache
@require_GET
def arrival(request: HttpRequest, token: str) -> HttpResponse:
    """A packed study on its way in; its part asks again while a worker works."""
    found = access_export.arrival_of_person(request, token)
    context = {
        "arrival": found,
        "has_worker": WorkerPulse.objects.alive().serving(CPU).exists(),
        "form": CodeForm(initial={"code": found.code}),
        "seen_sha256": arriving.digest_of(found.seen),
    }
    if not request.headers.get("HX-Request"):
        return render(request, "export/moving/arrival.html", context)
    answer = render(request, "export/moving/_arrival.html", context)
    if not found.is_unfinished:
        # What it has come to stands on the whole page.
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
def confirm_arrival(request: HttpRequest, token: str) -> HttpResponse:
    found = access_export.arrival_of_person(request, token)
    with refusals_shown(request):
        arriving.confirm(
            arrival=found,
            actor=access.person(request),
            seen_sha256=request.POST.get("seen", ""),
        )
    return redirect("export:arrival", token)


@require_POST
def look_again(request: HttpRequest, token: str) -> HttpResponse:
    """Have the file looked at anew, as a study of another code where one is given."""
    found = access_export.arrival_of_person(request, token)
    with refusals_shown(request):
        chosen = parsed(CodeForm(request.POST))
        arriving.look_again(arrival=found, actor=access.person(request), **chosen)
    return redirect("export:arrival", token)


@require_POST
def drop_arrival(request: HttpRequest, token: str) -> HttpResponse:
    found = access_export.arrival_of_person(request, token)
    with refusals_shown(request, "Dropped. Nothing of it is left on this server."):
        arriving.drop(arrival=found, actor=access.person(request))
        return redirect("export:unpack")
    return redirect("export:arrival", token)
