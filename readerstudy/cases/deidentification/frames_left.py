"""Frames of which a blanked copy took the place: their pixels do not stay."""

from django.db import transaction

from readerstudy.cases.desk.thumbnails import thumbnail_name
from readerstudy.cases.frame_store import (
    frames_alone,
    frames_held,
    name_of,
    preview_name,
)
from readerstudy.cases.models import Image
from readerstudy.media_store import store


def remove_uncovered(sha256: str) -> None:
    """Remove a frame's pixels and small pictures, unless some image shows them.

    Asked for when the copy is stored and again by the search of the copy, so it is
    done also where the first process was killed in between.
    """
    if not sha256:
        return
    # An import that is storing its row for this frame is over by then, or finds that
    # the frame is gone (`store_image`).
    with transaction.atomic():
        frames_alone()
        _remove(sha256)


def _remove(sha256: str) -> None:
    with frames_held():
        if Image.objects.filter(frame_sha256=sha256).exists():
            return
        for name in (name_of(sha256), preview_name(sha256), thumbnail_name(sha256)):
            store().remove(name)
