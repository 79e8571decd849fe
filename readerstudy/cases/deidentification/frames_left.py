"""Frames of which a blanked copy took the place: their pixels do not stay."""

from pathlib import Path

from django.core.files.storage import default_storage
from django.db import transaction

from readerstudy.cases.desk.thumbnails import thumbnail_path
from readerstudy.cases.frame_store import (
    FOLDER,
    frames_alone,
    frames_held,
    preview_path,
)
from readerstudy.cases.models import Image


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
        frame = Path(default_storage.path(f"{FOLDER}/{sha256[:32]}.u16.gz"))
        frame.unlink(missing_ok=True)
        for small in (preview_path(sha256), thumbnail_path(sha256)):
            small.unlink(missing_ok=True)
