"""Results over HTTP, for analysts' scripts."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from readerstudy import access
from readerstudy.accounts.scopes import Scope, needs
from readerstudy.analysis import services


@needs(Scope.RESULTS)
@extend_schema(responses={200: OpenApiTypes.OBJECT}, operation_id="study_results")
@api_view(["GET"])
def results(request: Request, code: str) -> Response:
    """results.json of a closed study; 202 while a worker computes it."""
    study = access.closed_study_for_results(request, code)
    try:
        run = services.fresh_run(study=study, actor=access.person(request))
    except services.Awaited as awaited:
        return Response({"detail": str(awaited)}, status=awaited.status)
    return Response(run.results)
