"""The export page and its downloads."""

from http import HTTPStatus
from pathlib import Path

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST

from readerstudy import access, access_export
from readerstudy.analysis.services import Awaited
from readerstudy.audit.downloads import record_download
from readerstudy.audit.models import Stream
from readerstudy.export import services
from readerstudy.export.archive import opened
from readerstudy.export.columns import holds_texts_by_arm
from readerstudy.export.forms import BundleForm
from readerstudy.export.models import BundleOrder, ExportBundle
from readerstudy.export.standards import services as standards
from readerstudy.pages import parsed, refusals_shown, study_page
from readerstudy.studies.account.confirming import (
    confirmed_before,
    confirmed_lately,
)
from readerstudy.work.models import CPU, WorkerPulse

_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "md": "text/markdown; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@require_GET
def page(request: HttpRequest, code: str) -> HttpResponse:
    study = access.study_for_results(request, code)
    if not study.has_open_results:
        return study_page(request, "analysis/sealed.html", study=study, tab="export")
    return study_page(
        request,
        "export/page.html",
        study=study,
        tab="export",
        files=services.described_files(),
        forms=standards.forms_of(study),
        record=Stream.objects.filter(name=study.code).first(),
        form=BundleForm(),
        is_built_at_once=services.is_built_at_once(study),
        order=BundleOrder.objects.latest_of(study),
        has_worker=WorkerPulse.objects.alive().serving(CPU).exists(),
        bundles=study.exportbundle_set.select_related("made_by").order_by("-id"),
    )


@confirmed_before("export:page")
@require_POST
def bundle(request: HttpRequest, code: str) -> HttpResponseBase:
    """The whole bundle: at once as a ZIP, or ordered where the study is large."""
    study = access.closed_study_for_texts(request, code)
    actor = access.person(request)
    with refusals_shown(request):
        chosen = parsed(BundleForm(request.POST))
        if services.is_built_at_once(study):
            made = services.make_bundle(study=study, actor=actor, **chosen)
            return _zip(request, made)
        services.order_bundle(study=study, actor=actor, **chosen)
        messages.success(request, "A worker builds the bundle; it is offered here.")
    return redirect("export:page", code)


@require_GET
def order(request: HttpRequest, code: str, order_id: int) -> HttpResponse:
    """How far a bundle is, as a part of the page that asks again by itself."""
    found = access_export.bundle_order_for_results(request, code, order_id)
    answer = render(
        request,
        "export/_order.html",
        {
            "order": found,
            "study": found.study,
            "has_worker": WorkerPulse.objects.alive().serving(CPU).exists(),
        },
    )
    if not found.is_unfinished:
        # What is done stands in the list of the page.
        answer["HX-Refresh"] = "true"
    return answer


@confirmed_lately
@require_POST
def retry(request: HttpRequest, code: str, order_id: int) -> HttpResponse:
    """Try a bundle again that failed."""
    found = access_export.bundle_order_for_results(request, code, order_id)
    with refusals_shown(request, "The bundle is built anew."):
        services.retry(order=found, actor=access.person(request))
    return redirect("export:page", code)


@confirmed_before("export:page")
@require_GET
def stored(request: HttpRequest, code: str, bundle_id: int) -> HttpResponseBase:
    """A bundle that was made before, as it was."""
    found = access_export.bundle_for_results(request, code, bundle_id)
    answer = _zip(request, found)
    if answer.status_code == HTTPStatus.OK:
        record_download(
            actor=access.person(request), name=f"bundle {found.pk}", study_code=code
        )
    return answer


@confirmed_before("export:page")
@require_GET
def single_file(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """One file of the bundle."""
    door = (
        access.closed_study_for_texts
        if holds_texts_by_arm(name)
        else access.closed_study_for_results
    )
    study = door(request, code)
    try:
        content = services.file_of(study, name, actor=access.person(request))
    except Awaited as awaited:
        return HttpResponse(
            f"{awaited}\n", status=awaited.status, content_type=_TYPES["txt"]
        )
    if content is None:
        raise Http404("No such file is offered alone. Look for it in the bundle.")
    record_download(actor=access.person(request), name=name, study_code=code)
    kind = _TYPES.get(name.rsplit(".", 1)[-1], "application/octet-stream")
    shown = f"{code}-{Path(name).name}"
    disposition = content_disposition_header(as_attachment=True, filename=shown)
    return HttpResponse(
        content, content_type=kind, headers={"Content-Disposition": disposition}
    )


def _zip(request: HttpRequest, found: ExportBundle) -> HttpResponseBase:
    content = opened(found.file, found.sha256)
    if content is None:
        answer = study_page(
            request, "export/gone.html", study=found.study, tab="export", bundle=found
        )
        answer.status_code = HTTPStatus.NOT_FOUND
        return answer
    return FileResponse(
        content,
        as_attachment=True,
        filename=f"{found.study.code}-bundle.zip",
        content_type="application/zip",
    )
