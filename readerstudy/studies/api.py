"""My studies over HTTP."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from readerstudy import access
from readerstudy.accounts.scopes import ANY, needs


class StudyLine(serializers.Serializer[Any]):
    code = serializers.CharField()
    title = serializers.CharField()
    state = serializers.CharField()
    role = serializers.CharField()


@needs(ANY)
@extend_schema(responses={200: StudyLine(many=True)}, operation_id="studies")
@api_view(["GET"])
def studies(request: Request) -> Response:
    """The studies in which I have a role."""
    mine = access.person(request).membership_set.select_related("study")
    lines = [
        {
            "code": membership.study.code,
            "title": membership.study.title,
            "state": membership.study.state,
            "role": membership.role,
        }
        for membership in mine.order_by("study__code")
    ]
    return Response(StudyLine(lines, many=True).data)
