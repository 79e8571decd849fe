"""Files of the store that no image refers to: of imports that were killed or refused.

Pixels are kept before their row is stored, so what is young may still be waited for;
only what has lain for days is removed. An import that meets pixels that are there makes
them young again (frame_store.py).
"""

import re
import time
from datetime import timedelta

from django.db import transaction

from readerstudy.cases.deidentification import originals
from readerstudy.cases.desk import thumbnails
from readerstudy.cases.frame_store import FOLDER, PREVIEWS, frames_alone, frames_held
from readerstudy.cases.models import Image
from readerstudy.media_store import store

_KEY = re.compile(r"([0-9a-f]{32})[0-9a-f]{0,32}(-\d+\.png|\.u16\.gz)?")
_UNFINISHED = re.compile(r"tmp[a-z0-9_]+")


def remove_leftovers(age: timedelta) -> dict[str, int]:
    """Remove what is older and belongs to no image; returns how many by folder."""
    before = time.time() - age.total_seconds()
    frames = _old(FOLDER, before)
    small = [*_old(PREVIEWS, before), *_old(thumbnails.FOLDER, before)]
    kept = _old(originals.FOLDER, before)
    shown = _keys("frame_sha256") if frames or small else set()
    taken = _keys("source_sha256") if kept else set()
    return {
        "frames": _removed(frames, shown, "frame_sha256", before),
        "small_pictures": _removed(small, shown, "frame_sha256", before),
        "originals": _removed(kept, taken, "source_sha256", before),
    }


def _old(folder: str, before: float) -> list[str]:
    """Names in a folder of the store that were last needed before a time."""
    return [
        each.name
        for each in store().listed(folder)
        if each.seconds < before and _key(each.name)
    ]


def _key(name: str) -> str:
    """By what a file is named; of a half-written one its own name; "" for others."""
    file = name.rpartition("/")[2]
    if _UNFINISHED.fullmatch(file):
        return file
    found = _KEY.fullmatch(file)
    return found[1] if found else ""


def _is_old(name: str, before: float) -> bool:
    seconds = store().seconds_of(name)
    return seconds is not None and seconds < before


def _keys(field: str) -> set[str]:
    """The keys of what images refer to; some bytes for each image."""
    digests = Image.objects.values_list(field, flat=True)
    return {digest[:32] for digest in digests.iterator(chunk_size=5000)}


def _removed(names: list[str], known: set[str], field: str, before: float) -> int:
    removed = 0
    for name in names:
        if _key(name) in known:
            continue
        with transaction.atomic():
            frames_alone()
            with frames_held():
                # An import may have taken it up in the meantime.
                is_used = Image.objects.filter(
                    **{f"{field}__startswith": _key(name)}
                ).exists()
                if not is_used and _is_old(name, before):
                    store().remove(name)
                    removed += 1
    return removed
