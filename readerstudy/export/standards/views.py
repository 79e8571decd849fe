"""The downloads of reads in the forms of other systems."""

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from readerstudy import access
from readerstudy.export.standards import services
from readerstudy.pages import refusals_shown
from readerstudy.studies.account.confirming import confirmed_before


@confirmed_before("export:page")
@require_GET
def reads(request: HttpRequest, code: str, kind: str) -> HttpResponseBase:
    """The reads of a closed study as FHIR or as DICOM Structured Reports, in a ZIP."""
    study = access.closed_study_for_texts(request, code)
    if kind not in services.known_forms():
        raise Http404("Reads are offered as fhir and as sr.")
    with refusals_shown(request):
        content = services.zipped(study=study, form=kind, actor=access.person(request))
        shown = content_disposition_header(
            as_attachment=True, filename=f"{code}-{kind}.zip"
        )
        return HttpResponse(
            content,
            content_type="application/zip",
            headers={"Content-Disposition": str(shown)},
        )
    return redirect("export:page", code)
