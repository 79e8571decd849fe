"""The tables of a closed study over HTTP, for analysts' scripts."""

from typing import Any

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from readerstudy import access
from readerstudy.accounts.scopes import Scope, needs
from readerstudy.analysis.api import AWAITED
from readerstudy.analysis.services import Awaited
from readerstudy.analysis.statistics.columns import RESULT_COLUMNS
from readerstudy.audit.downloads import record_download
from readerstudy.export import services
from readerstudy.export.columns import TABLES, holds_texts_by_arm
from readerstudy.export.contents import sentence_of
from readerstudy.export.tables import table_lines, table_names
from readerstudy.studies.account.confirming import require_confirmed

_CSV = "text/csv; charset=utf-8"
_PANDAS = (
    "The name of a table with the ending of a kind that the list has for it: .csv, "
    ".json, of some .parquet. With pandas:"
    ' `pandas.read_csv(url, storage_options={"Authorization": "Token KEY"})`.'
)


class TableLine(serializers.Serializer[Any]):
    name = serializers.CharField()
    meaning = serializers.CharField()
    kinds = serializers.ListField(child=serializers.CharField())
    columns = serializers.DictField(child=serializers.CharField())


@needs(Scope.RESULTS)
@extend_schema(responses={200: TableLine(many=True)}, operation_id="study_tables")
@api_view(["GET"])
def tables(request: Request, code: str) -> Response:
    """The tables of a closed study, with what each column holds."""
    access.closed_study_for_results(request, code)
    lines = [
        {
            "name": file.removesuffix(".csv"),
            "meaning": sentence_of(file),
            "kinds": services.kinds_of(file),
            "columns": columns,
        }
        for file, columns in (TABLES | RESULT_COLUMNS).items()
    ]
    return Response(TableLine(lines, many=True).data)


@needs(Scope.RESULTS)
@extend_schema(
    responses={
        (200, "text/csv"): OpenApiResponse(OpenApiTypes.STR, description=_PANDAS),
        (200, "application/json"): OpenApiResponse(OpenApiTypes.ANY),
        (200, "application/vnd.apache.parquet"): OpenApiResponse(OpenApiTypes.BINARY),
        **AWAITED,
    },
    operation_id="study_table",
    description=_PANDAS,
)
@api_view(["GET"])
def table(request: Request, code: str, file: str) -> HttpResponseBase:
    """One table of a closed study; the study's own tables come a line at a time."""
    require_confirmed(request)
    name, _, kind = file.rpartition(".")
    door = (
        access.closed_study_for_texts
        if holds_texts_by_arm(file)
        else access.closed_study_for_results
    )
    study = door(request, code)
    actor = access.person(request)
    if kind == "csv" and f"{name}.csv" in table_names():
        record_download(actor=actor, name=file, study_code=code, by="script")
        lines = table_lines(study, f"{name}.csv")
        return StreamingHttpResponse(lines, content_type=_CSV)
    try:
        found = services.table_in(study, name, kind, actor=actor)
    except Awaited as awaited:
        return Response({"detail": str(awaited)}, status=awaited.status)
    if found is None:
        raise Http404("There is no such table; the list of tables names them all.")
    record_download(actor=actor, name=file, study_code=code, by="script")
    content, content_type = found
    return HttpResponse(content, content_type=content_type)
