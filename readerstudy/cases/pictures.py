"""A radiograph as a picture for people who may see it: small enough to come at once."""

import io

import PIL.Image
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag

from readerstudy.cases.models import Image
from readerstudy.cases.services import RadiographLost, rendered_image

# Enough to look closely, little enough to come at once.
LARGEST_SIDE = 1600


def picture(request: HttpRequest, image: Image | None) -> HttpResponse:
    """Answer with a radiograph as models get it, at most 1600 pixels wide and high."""
    if image is None:
        raise Http404("The case has no radiograph.")
    etag = quote_etag(f"{image.frame_sha256}-{LARGEST_SIDE}")
    if unchanged := get_conditional_response(request, etag=etag):
        return unchanged
    try:
        rendered, _ = rendered_image(image)
    except RadiographLost as problem:
        raise Http404(str(problem)) from problem
    rendered.thumbnail((LARGEST_SIDE, LARGEST_SIDE), PIL.Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    rendered.save(buffer, "PNG")
    # Kept by the browser, and asked for again each time: the right to it may end.
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    return HttpResponse(buffer.getvalue(), content_type="image/png", headers=headers)
