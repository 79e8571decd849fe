"""Labels of a collection: compute them, bring them in, look at them, take them away."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from readerstudy import access, access_labels
from readerstudy.audit.downloads import record_download
from readerstudy.body_limits import takes_files
from readerstudy.cases.radiograph import Refused
from readerstudy.key_pages import key_page
from readerstudy.pages import carried_out, parsed, refusals_shown
from readerstudy.reports.labels import computing, importing
from readerstudy.reports.labels.files import FILES
from readerstudy.reports.labels.forms import (
    ComputeForm,
    ConfirmForm,
    FilterForm,
    UploadForm,
)
from readerstudy.reports.labels.models import LabelStoring, LabelUpload
from readerstudy.reports.labels.reading import POLARITIES, counts, shown, standing
from readerstudy.reports.models import Source
from readerstudy.work.models import CPU, WorkerPulse

CASES_PER_PAGE = 20
SHOWN_LINES, SHOWN_CODES = 100, 10


@require_POST
def compute(request: HttpRequest, name: str) -> HttpResponse:
    """Let a worker label the reports of a source."""
    found = access.collection_for_review(request, name)
    with refusals_shown(request):
        asked = parsed(ComputeForm(request.POST))
        source = get_object_or_404(Source, name=asked["source"])
        computing.order(
            collection=found,
            source=source,
            actor=access.person(request),
            strict=asked["strict"],
        )
    return redirect("analysis:findings:collection", name)


@never_cache
@require_GET
def progress(request: HttpRequest, job_id: int) -> HttpResponse:
    """How far a worker is with labelling; polled by the page of the collection."""
    job = access_labels.labelling_for_coordinator(request, job_id)
    context = {
        "job": job,
        "has_worker": WorkerPulse.objects.alive().serving(CPU).exists(),
    }
    answer = render(request, "reports/labels/_progress.html", context)
    if not job.is_unfinished:
        answer["HX-Refresh"] = "true"
    return answer


@takes_files
@require_http_methods(["GET", "POST"])
def bring_in(request: HttpRequest, name: str) -> HttpResponse:
    """Upload a file of labels, answers or metrics."""
    found = access.collection_for_review(request, name)
    form = UploadForm(found, initial=request.GET.dict())

    def upload(kind: str, file: Any, **_: Any) -> LabelUpload:
        return importing.upload(
            collection=found,
            kind=kind,
            name=file.name,
            chunks=file.chunks(),
            actor=access.person(request),
            asked=form.asked(),
        )

    if request.method == "POST":
        form = UploadForm(found, request.POST, request.FILES)
        if made := carried_out(request, form, upload, ""):
            return redirect("reports:labels:check", made.token)
    waiting = LabelUpload.objects.filter(
        collection=found, uploaded_by=access.person(request)
    )
    return render(
        request,
        "reports/labels/bring_in.html",
        {"collection": found, "form": form, "waiting": waiting.order_by("-pk")},
    )


@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, token: str) -> HttpResponse:
    """What a file would bring in, and which lines can't; then confirm it."""
    upload = access_labels.label_upload_of_person(request, token)
    if request.method == "POST":
        with refusals_shown(request):
            return _confirmed(request, upload)
        return redirect("reports:labels:check", token)
    if job := upload.storing:
        return redirect("reports:labels:storing", job.pk)
    checked, problem = None, ""
    try:
        checked = importing.check(upload)
    except Refused as refusal:
        problem = refusal.reason
    return render(
        request,
        "reports/labels/check.html",
        {
            "upload": upload,
            "collection": upload.collection,
            "checked": checked,
            "problem": problem,
            "most": SHOWN_LINES,
            "blocking": checked.blocking[:SHOWN_LINES] if checked else [],
            "unknown": checked.unknown[:SHOWN_LINES] if checked else [],
            "missing": checked.missing[:SHOWN_CODES] if checked else [],
        },
    )


def _confirmed(request: HttpRequest, upload: LabelUpload) -> HttpResponse:
    """Stored at once, or soon by a worker. Raises ValidationError."""
    made = importing.confirm(
        upload=upload,
        actor=access.person(request),
        **parsed(ConfirmForm(request.POST)),
    )
    if isinstance(made, LabelStoring):
        return redirect("reports:labels:storing", made.pk)
    messages.success(request, "Stored.")
    return redirect("analysis:findings:collection", upload.collection.name)


@never_cache
@require_GET
def storing(request: HttpRequest, job_id: int) -> HttpResponse:
    """A file that a worker stores; its part asks again while that lasts."""
    job = access_labels.label_storing_of_person(request, job_id)
    context = {
        "job": job,
        "collection": job.collection,
        "has_worker": WorkerPulse.objects.alive().serving(CPU).exists(),
    }
    if not request.headers.get("HX-Request"):
        return render(request, "reports/labels/storing.html", context)
    answer = render(request, "reports/labels/_storing.html", context)
    if not job.is_unfinished:
        # What it has come to stands on the whole page.
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
def drop(request: HttpRequest, token: str) -> HttpResponse:
    """Forget an uploaded file."""
    upload = access_labels.label_upload_of_person(request, token)
    with refusals_shown(request, f"{upload.name} is dropped. Nothing was stored."):
        importing.drop(upload=upload, actor=access.person(request))
    return redirect("analysis:findings:collection", upload.collection.name)


@never_cache
@require_GET
def label_set(request: HttpRequest, set_id: int) -> HttpResponse:
    """One label set: its counts, and the texts with what was found in them."""
    found = access_labels.label_set_for_findings(request, set_id)
    form = FilterForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    rows = found.cases.select_related("case", "report")
    finding, says = asked.get("finding", ""), asked.get("says", "")
    if finding and says:
        rows = rows.saying(finding, POLARITIES[says]).filter(problem="")
    elif finding:
        rows = rows.filter(values__has_key=finding)
    if code := asked.get("case", "").strip():
        rows = rows.filter(case__code__icontains=code)
    after = request.GET.get("after")
    page = key_page(rows, "case__code", after=after, size=CASES_PER_PAGE)
    return render(
        request,
        "reports/labels/label_set.html",
        {
            "label_set": found,
            "collection": found.collection,
            "standing": standing(found),
            "may_manage": access.person(request).may_create_studies,
            "counts": counts(found),
            "form": form,
            "asked": {key: value for key, value in asked.items() if value},
            "matching": rows.count(),
            "page": page,
            "cases": [shown(row, finding) for row in page.rows],
        },
    )


@never_cache
@require_GET
def file(request: HttpRequest, set_id: int, kind: str) -> StreamingHttpResponse:
    """A label set as a table."""
    found = access_labels.label_set_for_findings(request, set_id)
    if kind not in FILES:
        raise Http404("There is no such file.")
    record_download(
        actor=access.person(request), name=f"label set {found.pk}: {kind}.csv"
    )
    answer = StreamingHttpResponse(
        FILES[kind](found), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = content_disposition_header(
        True, f"{kind}-{found.pk}.csv"
    )
    return answer
