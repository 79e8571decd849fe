"""The radiographs behind a slot, under names of the slot's own.

The same radiograph has another address in every slot, so an address can't tell a
reader that two reports belong together.
"""

import logging
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from readerstudy import access
from readerstudy.accounts.scopes import Scope, needs
from readerstudy.cases.models import Image
from readerstudy.cases.services import (
    RadiographLost,
    frame_bytes,
    preview_bytes,
    viewer_description,
)
from readerstudy.presentation.radiographs import radiographs_of

logger = logging.getLogger(__name__)

# A slot's radiograph never changes, but it is the reader's alone.
_CACHE = "private, max-age=3600"


def _image(request: Request, public_id: str, number: int) -> Image:
    """A radiograph of a slot by its number; 0 is the one that is read."""
    slot = access.slot_for_reader(request, public_id, with_image=True)
    shown = radiographs_of(slot)
    if number >= len(shown):
        raise NotFound("This case has no radiograph of that number.")
    return shown[number].image


@needs(Scope.READING)
@extend_schema(responses={200: OpenApiTypes.OBJECT}, operation_id="slot_image")
@api_view(["GET"])
def image(request: Request, public_id: str, number: int) -> Response:
    """How to show a radiograph of a slot: size, windows, spacing, orientation."""
    found = _image(request, public_id, number)
    description: dict[str, Any] = viewer_description(found)
    return Response(description, headers={"Cache-Control": _CACHE})


@needs(Scope.READING)
@extend_schema(
    responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    operation_id="slot_preview",
)
@api_view(["GET"])
def preview(request: Request, public_id: str, number: int) -> HttpResponse:
    """A small frame of the radiograph, in the form of the frame."""
    return pixels(preview_bytes, _image(request, public_id, number))


@needs(Scope.READING)
@extend_schema(
    responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    operation_id="slot_frame",
)
@api_view(["GET"])
def frame(request: Request, public_id: str, number: int) -> HttpResponse:
    """The pixels: little-endian uint16, row by row, gzip as content encoding."""
    return pixels(frame_bytes, _image(request, public_id, number))


def _practice_image(request: Request, code: str, number: int) -> Image:
    _, practice = access.practice_case_for_reader(request, code, number)
    found = practice.report.case.image
    if found is None:
        raise NotFound("This practice case has no radiograph.")
    return found


@needs(Scope.READING)
@extend_schema(responses={200: OpenApiTypes.OBJECT}, operation_id="practice_image")
@api_view(["GET"])
def practice_image(request: Request, code: str, number: int) -> Response:
    """How to show the radiograph of a practice case."""
    found = _practice_image(request, code, number)
    description: dict[str, Any] = viewer_description(found)
    return Response(description, headers={"Cache-Control": _CACHE})


@needs(Scope.READING)
@extend_schema(
    responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    operation_id="practice_preview",
)
@api_view(["GET"])
def practice_preview(request: Request, code: str, number: int) -> HttpResponse:
    """A small frame of a practice case, in the form of the frame."""
    return pixels(preview_bytes, _practice_image(request, code, number))


@needs(Scope.READING)
@extend_schema(
    responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    operation_id="practice_frame",
)
@api_view(["GET"])
def practice_frame(request: Request, code: str, number: int) -> HttpResponse:
    """The pixels of a practice case, as those of a slot."""
    return pixels(frame_bytes, _practice_image(request, code, number))


def pixels(read: Callable[[Image], bytes], image: Image) -> HttpResponse:
    """Answer with the pixels that `read` finds, or with a sentence for a reader."""
    try:
        content = read(image)
    except RadiographLost as problem:
        # The problem itself names the case, which a reader must not learn.
        logger.error("%s", problem)
        raise NotFound(
            "The radiograph can't be read on the server. Your grades are safe; please "
            "tell the coordinator of the study."
        ) from None
    return HttpResponse(
        content,
        content_type="application/octet-stream",
        headers={"Content-Encoding": "gzip", "Cache-Control": _CACHE},
    )
