"""The export page and its downloads."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_POST

from readerstudy import access
from readerstudy.export import services
from readerstudy.pages import study_page


@require_GET
def page(request: HttpRequest, code: str) -> HttpResponse:
    study = access.study_for_results(request, code)
    if not study.is_closed:
        return study_page(request, "analysis/sealed.html", study=study, tab="export")
    return study_page(
        request,
        "export/page.html",
        study=study,
        tab="export",
        files=services.described_files(),
        bundles=study.exportbundle_set.select_related("made_by").order_by("-id"),
    )


@require_GET
def single_file(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """One file of the bundle."""
    study = access.closed_study_for_results(request, code)
    content = services.bundle_files(study).get(name)
    if content is None:
        raise Http404("The bundle has no such file.")
    return _download(content, f"{code}-{name}")


@require_POST
def bundle(request: HttpRequest, code: str) -> HttpResponse:
    """The whole bundle as a ZIP; that it was made is recorded."""
    study = access.closed_study_for_results(request, code)
    content = services.make_bundle(study=study, actor=access.person(request))
    return _download(content, f"{code}-bundle.zip")


_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


def _download(content: bytes, name: str) -> HttpResponse:
    kind = _TYPES.get(name.rsplit(".", 1)[-1], "application/octet-stream")
    return HttpResponse(
        content,
        content_type=kind,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
