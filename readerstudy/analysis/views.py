"""The results page of a closed study."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from readerstudy import access
from readerstudy.analysis import services
from readerstudy.analysis.report import report
from readerstudy.pages import study_page


@require_GET
def results(request: HttpRequest, code: str) -> HttpResponse:
    """Table 5 as in the paper, and beside it the clustered answer."""
    study = access.study_for_results(request, code)
    if not study.is_closed:
        return study_page(request, "analysis/sealed.html", study=study, tab="results")
    run = services.run_of(access.closed_study_for_results(request, code))
    return study_page(
        request,
        "analysis/results.html",
        study=study,
        tab="results",
        run=run,
        **report(run.results, study.locked_protocol),
    )
