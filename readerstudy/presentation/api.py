"""The radiograph behind a slot, under a name of the slot's own.

The same radiograph has another address in every slot, so an address can't tell a
reader that two reports belong together.
"""

import logging
from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from readerstudy import access
from readerstudy.cases.models import Image
from readerstudy.cases.services import (
    RadiographLost,
    frame_bytes,
    viewer_description,
)
from readerstudy.presentation.models import Slot

logger = logging.getLogger(__name__)

# A slot's radiograph never changes, but it is the reader's alone.
_CACHE = "private, max-age=3600"


def _image(slot: Slot) -> Image:
    image = slot.presented.case.image
    if image is None:
        raise NotFound("This case has no radiograph.")
    return image


@extend_schema(responses={200: OpenApiTypes.OBJECT}, operation_id="slot_image")
@api_view(["GET"])
def image(request: Request, public_id: str) -> Response:
    """How to show a slot's radiograph: size, windows, spacing."""
    slot = access.slot_for_reader(request, public_id)
    description: dict[str, Any] = viewer_description(_image(slot))
    return Response(description, headers={"Cache-Control": _CACHE})


@extend_schema(
    responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    operation_id="slot_frame",
)
@api_view(["GET"])
def frame(request: Request, public_id: str) -> HttpResponse:
    """The pixels: little-endian uint16, row by row, gzip as content encoding."""
    slot = access.slot_for_reader(request, public_id)
    try:
        content = frame_bytes(_image(slot))
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
