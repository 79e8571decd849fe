"""Results over HTTP, for analysts' scripts."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from readerstudy import access
from readerstudy.analysis import services


@extend_schema(responses={200: OpenApiTypes.OBJECT}, operation_id="study_results")
@api_view(["GET"])
def results(request: Request, code: str) -> Response:
    """results.json of a closed study."""
    study = access.closed_study_for_results(request, code)
    return Response(services.run_of(study).results)
