"""Pictures of radiographs for lists: made of the preview once, kept beside it."""

import io

import PIL.Image
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control

from readerstudy.cases.frames import from_bytes
from readerstudy.cases.models import Image
from readerstudy.cases.preview import preview_size, shown_small
from readerstudy.cases.services import preview_bytes
from readerstudy.media_store import store

FOLDER = "thumbnails"
SIDE = 256
YEAR = 365 * 24 * 3600


def small_picture(image: Image) -> PIL.Image.Image:
    """An image's preview in 8 bits, as a model sees the whole of it.

    Raises RadiographLost where neither the preview nor the frame is there.
    """
    size = preview_size(image.rows, image.columns)
    preview = from_bytes(preview_bytes(image), image.description | dict(size))
    return PIL.Image.fromarray(shown_small(preview, image.description), "L")


def thumbnail_name(digest: str) -> str:
    """What the thumbnail of the frame with this SHA-256 is called in the store."""
    return f"{FOLDER}/{digest[:32]}-{SIDE}.png"


def thumbnail(image: Image) -> bytes:
    """A PNG of at most SIDE pixels a side. Raises as `small_picture` does."""
    name = thumbnail_name(image.frame_sha256)
    try:
        return store().get(name)
    except OSError:
        picture = small_picture(image)
        picture.thumbnail((SIDE, SIDE))
        content = _png(picture)
        store().put(name, content)
        return content


def _png(picture: PIL.Image.Image) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()


def picture_answer(request: HttpRequest, image: Image) -> HttpResponseBase:
    """The thumbnail of an image, or with ?larger its preview, for one browser to keep.

    An address that names the pixels (?v=) is asked for once a year; any other is asked
    for again each time, and answered in a word where nothing has changed.
    """
    is_larger = "larger" in request.GET
    etag = f'"{image.frame_sha256[:32]}-{"larger" if is_larger else SIDE}"'
    answer = get_conditional_response(request, etag=etag)
    if answer is None:
        content = _png(small_picture(image)) if is_larger else thumbnail(image)
        answer = HttpResponse(content, content_type="image/png")
    answer["ETag"] = etag
    names_pixels = request.GET.get("v") == image.frame_sha256[:12]
    patch_cache_control(answer, private=True, max_age=YEAR if names_pixels else 0)
    return answer
