"""The files behind a path: a file, a folder, the members of a ZIP or a tar archive.

What cannot be looked into is found too, as a file whose reading is refused, so that
one bad archive or folder costs nothing but itself and nothing is left out in silence.
"""

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NoReturn

from readerstudy.cases import archives
from readerstudy.cases.radiograph import Refused, file_bytes

# Beside radiographs in a folder: lists, notes, indexes. They are no failed imports.
_COMPANIONS = (
    *(".csv", ".tsv", ".txt", ".json", ".xml", ".md", ".html", ".pdf"),
    *(".xls", ".xlsx", ".ods", ".doc", ".docx", ".odt"),
)
_INDEXES = ("DICOMDIR", "THUMBS.DB", "DESKTOP.INI")


@dataclass(frozen=True)
class Found:
    """One file: its name for people, and how to get its bytes (raises Refused).

    is_closed   its content cannot be looked into, so `read` only says why
    """

    name: str
    read: Callable[[], bytes]
    is_closed: bool = False

    @property
    def path(self) -> Path:
        return Path(self.name)

    @property
    def is_companion(self) -> bool:
        """Whether this is a list or a note rather than a radiograph."""
        return not self.is_closed and is_companion(self.path.name)


def is_companion(name: str) -> bool:
    """Whether a file's name is that of a list, a note or an index."""
    return (
        name.startswith(".")
        or name.upper() in _INDEXES
        or name.lower().endswith(_COMPANIONS)
    )


def files_of(path: Path) -> Iterator[Found]:
    """Yield every file behind a path, in the order of names."""
    # Unlike Path.is_dir this raises nothing where a folder above is closed.
    if os.path.isdir(path):
        yield from _of_folder(path, set())
    else:
        yield from _of_file(path)


def _closed(name: str, reason: str) -> Found:
    def refuse() -> NoReturn:
        raise Refused(reason)

    return Found(name, refuse, is_closed=True)


def _of_folder(folder: Path, seen: set[tuple[int, int]]) -> Iterator[Found]:
    """Links are followed; a folder that was seen on the way is not entered again."""
    try:
        place = folder.stat()
        if (place.st_dev, place.st_ino) in seen:
            return
        seen.add((place.st_dev, place.st_ino))
        names = sorted(os.listdir(folder))
    except OSError as problem:
        yield _closed(str(folder), f"It cannot be read: {problem.strerror}.")
        return
    for name in names:
        path = folder / name
        if os.path.isdir(path):
            yield from _of_folder(path, seen)
        else:
            yield from _of_file(path)


def _of_file(path: Path) -> Iterator[Found]:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            yield _closed(str(path), "It is neither a file nor a folder.")
            return
        kind = None if is_companion(path.name) else archives.kind_of(path)
        members = archives.members_of(path, kind) if kind else []
    except FileNotFoundError:
        yield _closed(str(path), "There is no such file or folder.")
    except OSError as problem:
        yield _closed(str(path), f"It cannot be read: {problem.strerror}.")
    except Refused as refusal:
        yield _closed(str(path), refusal.reason)
    else:
        if kind is None:
            yield Found(str(path), partial(file_bytes, path))
        for name, read in members:
            yield Found(f"{path}/{name}", read)
