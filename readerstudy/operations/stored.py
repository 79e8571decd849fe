"""What lies where: files and bytes of each folder of the media store.

A walk over a million files takes a minute, so a worker does it every few hours and
leaves what it found in the shared cache.
"""

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

EVERY_HOURS = 6
_FOUND = "operations:stored"
_TURN = "operations:stored:turn"
_KEPT_SECONDS = 14 * 24 * 3600
MEANINGS = {
    "frames": "Pixels of radiographs",
    "previews": "Radiographs for the screen",
    "thumbnails": "Small pictures",
    "originals": "Files as they came, with patients' names",
    "deliveries": "Uploads that are not taken in yet",
    "tables": "Tables of reports that are not stored yet",
    "bundles": "Exports that were kept",
}


@dataclass(frozen=True)
class Folder:
    """A folder of the store: how many files, and how many bytes they have."""

    name: str
    meaning: str
    files: int
    size: int


@dataclass(frozen=True)
class Stored:
    """What was found, and when."""

    at: datetime
    folders: list[Folder]


def look_when_due() -> bool:
    """Walk the store if nobody did in the last hours; whether it was walked."""
    # Of all workers the first to put the key in has the turn.
    if not cache.add(_TURN, True, EVERY_HOURS * 3600):
        return False
    look()
    return True


def look() -> None:
    """Walk the store and keep what was found; a store elsewhere is left alone."""
    try:
        root = Path(default_storage.path(""))
    except NotImplementedError:
        return
    above = sorted(each for each in root.glob("*") if each.is_dir())
    found = [_walked(each) for each in above]
    cache.set(_FOUND, Stored(timezone.now(), found), _KEPT_SECONDS)


def _walked(folder: Path) -> Folder:
    files = size = 0
    waiting = [str(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        files += 1
                        size += entry.stat(follow_symlinks=False).st_size
        except FileNotFoundError:
            continue  # removed meanwhile
    return Folder(folder.name, MEANINGS.get(folder.name, ""), files, size)


def last_looked_at() -> Stored | None:
    """What the last walk found; None where there was none yet."""
    found: Stored | None = cache.get(_FOUND)
    return found


def database_bytes() -> int:
    """The size of the database; one query."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_database_size(current_database())")
        else:
            cursor.execute(
                "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
            )
        return int(cursor.fetchone()[0])
