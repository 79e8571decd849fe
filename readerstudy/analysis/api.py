"""Results over HTTP, for analysts' scripts."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from readerstudy import access
from readerstudy.accounts.scopes import Scope, needs
from readerstudy.analysis import services


class Waiting(serializers.Serializer[Any]):
    """There are no results of the reads as they are yet; the sentence says why."""

    detail = serializers.CharField()


AWAITED = {
    202: OpenApiResponse(Waiting, description="A worker computes it. Ask again."),
    409: OpenApiResponse(Waiting, description="The worker failed at it."),
}


@needs(Scope.RESULTS)
@extend_schema(
    responses={200: OpenApiTypes.OBJECT, **AWAITED}, operation_id="study_results"
)
@api_view(["GET"])
def results(request: Request, code: str) -> Response:
    """results.json of a closed study; 202 while a worker computes it."""
    study = access.closed_study_for_results(request, code)
    try:
        run = services.fresh_run(study=study, actor=access.person(request))
    except services.Awaited as awaited:
        return Response({"detail": str(awaited)}, status=awaited.status)
    return Response(run.results)
