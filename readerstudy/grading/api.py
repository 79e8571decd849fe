"""Drafts and grades over HTTP. A grade carries the client's idempotency key."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from readerstudy import access
from readerstudy.accounts.scopes import Scope, needs
from readerstudy.grading import amending, services
from readerstudy.grading.bodies import (
    DRAFT,
    GRADE,
    DraftBody,
    GradeBody,
    page_of_body,
)
from readerstudy.grading.models import Grade
from readerstudy.grading.reading import page_ahead
from readerstudy.presentation.models import Slot


class StoredDraft(serializers.Serializer[Any]):
    saved_at = serializers.DateTimeField(allow_null=True)


class StoredGrade(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    letter = serializers.CharField(allow_blank=True)
    submitted_at = serializers.DateTimeField()
    undo_until = serializers.DateTimeField()
    next_url = serializers.CharField()
    opened = serializers.CharField(allow_blank=True)


class StoredGradeAndAhead(StoredGrade):
    """`ahead` is there where it was asked for and the page before it is open."""

    ahead = serializers.CharField(allow_null=True, required=False)


class Opened(serializers.Serializer[Any]):
    opened_at = serializers.DateTimeField()


class Reopened(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    url = serializers.CharField()


class Refusal(serializers.Serializer[Any]):
    detail = serializers.CharField()


class Contradiction(Refusal):
    """graded and changed: what was sent is of no use; not_now: it may be later."""

    reason = serializers.ChoiceField(choices=list(services.Reason))


_REFUSALS = {400: Refusal, 409: Contradiction, 410: Refusal}
_STORED_GRADE = StoredGrade()
View = Callable[[Request, str], Response]


def _refusing(view: View) -> View:
    """Answer what a service refuses with its sentence."""

    @wraps(view)
    def answer(request: Request, public_id: str) -> Response:
        try:
            return view(request, public_id)
        except services.Conflict as refusal:
            answer = {"detail": str(refusal), "reason": refusal.reason}
            return Response(answer, status=status.HTTP_409_CONFLICT)
        except services.StudyClosed as refusal:
            return Response({"detail": str(refusal)}, status=status.HTTP_410_GONE)
        except ValidationError as refusal:
            return Response(
                {"detail": " ".join(refusal.messages)},
                status=status.HTTP_400_BAD_REQUEST,
            )

    return answer


@needs(Scope.READING)
@extend_schema(
    request=None, responses={200: Opened, **_REFUSALS}, operation_id="slot_open"
)
@api_view(["POST"])
@_refusing
def opened(request: Request, public_id: str) -> Response:
    """Note that a page which was fetched ahead is shown now."""
    slot = access.slot_for_reader(request, public_id)
    services.open_slot(slot=slot, actor=access.person(request))
    slot.refresh_from_db(fields=["opened_at"])
    return Response(Opened({"opened_at": slot.opened_at}).data)


@needs(Scope.READING)
@extend_schema(
    request=DraftBody,
    responses={200: StoredDraft, **_REFUSALS},
    operation_id="slot_draft",
)
@api_view(["PUT"])
@_refusing
def draft(request: Request, public_id: str) -> Response:
    """Keep what was entered so far. A draft is not a grade and is never counted."""
    slot = access.slot_for_reader(request, public_id)
    body = DRAFT.run_validation(request.data)
    page = page_of_body(body)
    if body["times_only"]:
        services.keep_times(slot=slot, visits=page["visits"])
        return Response(StoredDraft({"saved_at": None}).data)
    stored = services.save_draft(slot=slot, **page)
    saved_at = stored.saved_at if stored else None
    return Response(StoredDraft({"saved_at": saved_at}).data)


@needs(Scope.READING)
@extend_schema(
    request=GradeBody,
    responses={201: StoredGradeAndAhead, **_REFUSALS},
    operation_id="slot_grade",
)
@api_view(["POST"])
@_refusing
def grade(request: Request, public_id: str) -> Response:
    """Submit the grade of a page; the same key twice stores one and answers alike.

    `opens` names the page after it, where that is shown already; `opened` says whether
    that was noted. Where it was not, open it. With `ahead` the page behind that one
    comes along, as HTML, so that it can be shown at once; null where another thing
    comes first.
    """
    slot = access.slot_for_reader(request, public_id)
    body = GRADE.run_validation(request.data)
    stored, shown = services.submit_and_open(
        slot=slot,
        actor=access.person(request),
        opens=body["opens"],
        idempotency_key=body["idempotency_key"],
        **page_of_body(body),
    )
    answer = _answer(stored, shown)
    if body["ahead"] and shown:
        answer["ahead"] = _panel_behind(shown, request)
    return Response(answer, status=status.HTTP_201_CREATED)


def _panel_behind(shown: Slot, request: Request) -> str | None:
    """The page behind one that was just opened, as HTML."""
    page = page_ahead(shown, is_prepared=True)
    if page is None:
        return None
    return render_to_string("grading/_page.html", {"page": page}, request._request)


def _answer(stored: Grade, shown: Slot | None) -> dict[str, Any]:
    code = stored.slot.reader.study.code
    return _STORED_GRADE.to_representation(
        {
            "version": stored.version,
            "letter": stored.letter,
            "submitted_at": stored.submitted_at,
            "undo_until": amending.undo_until(stored),
            "next_url": reverse("grading:next", args=[code]),
            "opened": shown.public_id if shown else "",
        }
    )


@needs(Scope.READING)
@extend_schema(
    request=None, responses={201: Reopened, **_REFUSALS}, operation_id="slot_undo"
)
@api_view(["POST"])
@_refusing
def undo(request: Request, public_id: str) -> Response:
    """Take back the grade that was submitted last; it counts until a new one comes."""
    slot = access.slot_for_reader(request, public_id)
    reopening = amending.undo(slot=slot, actor=access.person(request))
    url = reverse("grading:read", args=[public_id])
    answer = Reopened({"version": reopening.version, "url": url})
    return Response(answer.data, status=status.HTTP_201_CREATED)
