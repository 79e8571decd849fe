"""What the scripts of a rehearsed page ask: checked as in earnest, stored nowhere."""

import datetime
from collections.abc import Callable
from functools import wraps

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import api_view
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from readerstudy import access
from readerstudy.cases.models import Image
from readerstudy.cases.services import frame_bytes, preview_bytes, viewer_description
from readerstudy.grading.api import Opened, Reopened, StoredDraft, StoredGrade
from readerstudy.grading.bodies import DraftBody, GradeBody, page_of_body
from readerstudy.grading.rehearsal.pages import SPACE, after_page
from readerstudy.grading.rehearsal.services import (
    NoSuchPage,
    NotReady,
    Rehearsal,
    check_answers,
    radiographs_on,
    rehearsal_of,
)
from readerstudy.grading.reply import Reply
from readerstudy.presentation.api import pixels

# Another radiograph may have come to this place when it is asked for again.
_CACHE = {"Cache-Control": "no-store"}
View = Callable[[Request, Rehearsal, int], Response]


def _rehearsal(request: Request, code: str) -> Rehearsal:
    study = access.study_for_rehearsal(request, code)
    try:
        return rehearsal_of(study)
    except NotReady as problem:
        raise NotFound(str(problem)) from None


def _checking(view: View) -> Callable[[Request, str, int], Response]:
    """Give a view the rehearsal, and answer what is refused with its sentence."""

    @wraps(view)
    def answer(request: Request, code: str, number: int) -> Response:
        try:
            rehearsal = _rehearsal(request, code)
            rehearsal.page(number)
            return view(request, rehearsal, number)
        except NoSuchPage:
            raise NotFound("The rehearsal has no such page any more.") from None
        except ValidationError as refusal:
            detail = {"detail": " ".join(refusal.messages)}
            return Response(detail, status=status.HTTP_400_BAD_REQUEST)

    return answer


@extend_schema(exclude=True)
@api_view(["POST"])
@_checking
def opened(request: Request, rehearsal: Rehearsal, place: int) -> Response:
    """A page that was fetched ahead is shown now."""
    return Response(Opened({"opened_at": timezone.now()}).data)


@extend_schema(exclude=True)
@api_view(["PUT"])
@_checking
def draft(request: Request, rehearsal: Rehearsal, place: int) -> Response:
    """Check what was entered so far, and keep nothing of it."""
    body = DraftBody(data=request.data)
    body.is_valid(raise_exception=True)
    if not body.validated_data["times_only"]:
        _check(rehearsal, place, body, is_draft=True)
    return Response(StoredDraft({"saved_at": None}).data)


@extend_schema(exclude=True)
@api_view(["POST"])
@_checking
def grade(request: Request, rehearsal: Rehearsal, place: int) -> Response:
    """Check the grade of a page and lead on; nothing is stored."""
    body = GradeBody(data=request.data)
    body.is_valid(raise_exception=True)
    replies = _check(rehearsal, place, body)
    now = timezone.now()
    taken = {
        "version": 1,
        "letter": replies[0].letter,
        "submitted_at": now,
        "undo_until": now + datetime.timedelta(seconds=rehearsal.study.undo_seconds),
        "next_url": after_page(rehearsal, place),
        # As with a grade that is kept: the page behind it takes no request to open.
        "opened": body.validated_data["opens"],
    }
    return Response(StoredGrade(taken).data, status=status.HTTP_201_CREATED)


def _check(
    rehearsal: Rehearsal,
    place: int,
    body: DraftBody | GradeBody,
    *,
    is_draft: bool = False,
) -> list[Reply]:
    """Check the answers of a page and return them."""
    sent = page_of_body(body.validated_data)
    replies: list[Reply] = sent["replies"]
    page = rehearsal.page(place)
    check_answers(rehearsal, page, replies, sent["preference"], is_draft=is_draft)
    return replies


@extend_schema(exclude=True)
@api_view(["POST"])
@_checking
def undo(request: Request, rehearsal: Rehearsal, place: int) -> Response:
    """Lead back to the page; it comes empty, since its grade was not kept."""
    url = reverse(f"{SPACE}:page", args=[rehearsal.study.code, place])
    answer = Reopened({"version": 2, "url": url})
    return Response(answer.data, status=status.HTTP_201_CREATED)


def _image(request: Request, code: str, place: int, number: int) -> Image:
    rehearsal = _rehearsal(request, code)
    try:
        return radiographs_on(rehearsal, rehearsal.page(place))[number].image
    except LookupError:
        raise NotFound("The rehearsal has no such radiograph.") from None


@extend_schema(exclude=True)
@api_view(["GET"])
def image(request: Request, code: str, number: int, image: int) -> Response:
    """How to show a radiograph of a page."""
    found = _image(request, code, number, image)
    return Response(viewer_description(found), headers=_CACHE)


@extend_schema(exclude=True)
@api_view(["GET"])
def preview(request: Request, code: str, number: int, image: int) -> HttpResponse:
    """A small frame of the radiograph, in the form of the frame."""
    return _pixels(preview_bytes, _image(request, code, number, image))


@extend_schema(exclude=True)
@api_view(["GET"])
def frame(request: Request, code: str, number: int, image: int) -> HttpResponse:
    """The pixels, as a slot's."""
    return _pixels(frame_bytes, _image(request, code, number, image))


def _pixels(read: Callable[[Image], bytes], image: Image) -> HttpResponse:
    answer = pixels(read, image)
    answer["Cache-Control"] = _CACHE["Cache-Control"]
    return answer
