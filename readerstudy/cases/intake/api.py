"""What the upload page's script asks for: files announced, chunks taken."""

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from readerstudy import access
from readerstudy.body_limits import takes_files
from readerstudy.cases.intake import services
from readerstudy.cases.intake.models import DeliveredFile, Delivery
from readerstudy.cases.intake.services import Announced
from readerstudy.cases.intake.staging import DiskFull

ANNOUNCED_AT_ONCE = 500
LONGEST_MARK = 100
SHOWN_MISSING = 20


@never_cache
@require_GET
def standing(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """What has come and what is missing, as a part of the upload page."""
    found = access.delivery_for_coordinator(request, delivery_id)
    return render(request, "cases/intake/_standing.html", standing_of(found))


def standing_of(delivery: Delivery) -> dict[str, Any]:
    """What the part needs."""
    return {
        "delivery": delivery,
        "counts": delivery.files.all().counts(),
        "missing": delivery.files.all().missing()[:SHOWN_MISSING],
    }


@require_POST
def announce(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """Say which files come; the answer says of each how much is there."""
    found = access.delivery_for_coordinator(request, delivery_id)
    try:
        rows = services.announce(delivery=found, files=_announced(request))
    except ValidationError as refusal:
        return _refused(refusal)
    return JsonResponse({"files": [_told(row) for row in rows]})


def _announced(request: HttpRequest) -> list[Announced]:
    try:
        files = json.loads(request.body)["files"]
        announced = [_one_announced(each) for each in files]
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        raise ValidationError("Send the names and sizes of files as JSON.") from None
    if len(announced) > ANNOUNCED_AT_ONCE:
        raise ValidationError(f"Announce at most {ANNOUNCED_AT_ONCE} files at once.")
    return announced


def _one_announced(told: dict[str, Any]) -> Announced:
    mark = str(told.get("mark", ""))
    if len(mark) > LONGEST_MARK or not mark.isascii():
        raise ValueError
    return Announced(str(told["name"]), int(told["size"]), mark=mark)


def _told(row: DeliveredFile) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "received": row.received,
        "is_whole": row.state != DeliveredFile.State.EXPECTED,
        "url": reverse("cases:intake:chunk", args=[row.delivery_id, row.pk]),
    }


@takes_files
@require_http_methods(["PUT"])
def chunk(request: HttpRequest, delivery_id: int, file_id: int) -> HttpResponse:
    """Take raw bytes of a file from ?offset= on; 409 names the offset it wants."""
    file = access.delivered_file_for_coordinator(request, delivery_id, file_id)
    offset = request.GET.get("offset", "")
    if not (offset.isascii() and offset.isdecimal()) or len(offset) > 18:
        return _refused(ValidationError("Say by offset= where the bytes belong."))
    try:
        # Read from the stream: what Django reads into memory has a limit of its own.
        received = services.receive(file=file, offset=int(offset), content=request)
    except services.WrongOffset as refusal:
        return JsonResponse({"received": refusal.offset}, status=409)
    except DiskFull as refusal:
        return _refused(refusal, status=507)
    except ValidationError as refusal:
        return _refused(refusal)
    except UnreadablePostError:
        return _refused(ValidationError("The line broke."), status=408)
    return JsonResponse({"received": received, "is_whole": received == file.size})


def _refused(refusal: ValidationError, status: int = 400) -> JsonResponse:
    return JsonResponse({"detail": " ".join(refusal.messages)}, status=status)
