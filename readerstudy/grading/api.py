"""Drafts and grades over HTTP. A grade carries the client's idempotency key."""

from typing import Any

from django.core.exceptions import ValidationError
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from readerstudy import access
from readerstudy.grading import services
from readerstudy.grading.models import Grade
from readerstudy.grading.services import LONGEST_COMMENT
from readerstudy.studies.models import GRADES

# More than a working week on one report is a broken clock.
LONGEST_MS = 7 * 24 * 3600 * 1000


class DraftBody(serializers.Serializer[Any]):
    letter = serializers.ChoiceField(choices=GRADES, allow_null=True)
    comment = serializers.CharField(
        allow_blank=True, max_length=LONGEST_COMMENT, trim_whitespace=False
    )
    active_ms = serializers.IntegerField(min_value=0, max_value=LONGEST_MS)


class GradeBody(serializers.Serializer[Any]):
    idempotency_key = serializers.CharField(min_length=8, max_length=64)
    letter = serializers.ChoiceField(choices=GRADES)
    comment = serializers.CharField(
        allow_blank=True,
        max_length=LONGEST_COMMENT,
        required=False,
        default="",
        trim_whitespace=False,
    )
    active_ms = serializers.IntegerField(min_value=0, max_value=LONGEST_MS, default=0)
    wall_ms = serializers.IntegerField(min_value=0, max_value=LONGEST_MS, default=0)


class StoredDraft(serializers.Serializer[Any]):
    saved_at = serializers.DateTimeField(allow_null=True)


class StoredGrade(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    letter = serializers.CharField()
    submitted_at = serializers.DateTimeField()
    next_url = serializers.CharField()


class Refusal(serializers.Serializer[Any]):
    detail = serializers.CharField()


def _refused(sentence: str, code: int) -> Response:
    return Response({"detail": sentence}, status=code)


@extend_schema(
    request=DraftBody,
    responses={200: StoredDraft, 400: Refusal, 410: Refusal},
    operation_id="slot_draft",
)
@api_view(["PUT"])
def draft(request: Request, public_id: str) -> Response:
    """Keep what was typed so far. A draft is not a grade and is never counted."""
    slot = access.slot_for_reader(request, public_id)
    body = DraftBody(data=request.data)
    body.is_valid(raise_exception=True)
    content = body.validated_data
    try:
        stored = services.save_draft(
            slot=slot,
            letter=content["letter"] or "",
            comment=content["comment"],
            active_ms=content["active_ms"],
        )
    except services.StudyClosed as refusal:
        return _refused(str(refusal), status.HTTP_410_GONE)
    saved_at = stored.saved_at if stored else None
    return Response(StoredDraft({"saved_at": saved_at}).data)


@extend_schema(
    request=GradeBody,
    responses={
        201: StoredGrade,
        400: Refusal,
        409: Refusal,
        410: Refusal,
    },
    operation_id="slot_grade",
)
@api_view(["POST"])
def grade(request: Request, public_id: str) -> Response:
    """Submit the grade of a slot; the same key twice stores one and answers alike."""
    slot = access.slot_for_reader(request, public_id)
    body = GradeBody(data=request.data)
    body.is_valid(raise_exception=True)
    try:
        stored, _ = services.submit(
            slot=slot, actor=access.person(request), **body.validated_data
        )
    except services.Conflict as refusal:
        return _refused(str(refusal), status.HTTP_409_CONFLICT)
    except services.StudyClosed as refusal:
        return _refused(str(refusal), status.HTTP_410_GONE)
    except ValidationError as refusal:
        return _refused(" ".join(refusal.messages), status.HTTP_400_BAD_REQUEST)
    return Response(_answer(stored), status=status.HTTP_201_CREATED)


def _answer(stored: Grade) -> dict[str, Any]:
    code = stored.slot.reader.study.code
    return StoredGrade(
        {
            "version": stored.version,
            "letter": stored.letter,
            "submitted_at": stored.submitted_at,
            "next_url": reverse("grading:next", args=[code]),
        }
    ).data
