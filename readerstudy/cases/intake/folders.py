"""Folders of the server that may be imported: those below IMPORT_ROOTS, no others."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from readerstudy.cases.archives import MAXIMUM_MEMBERS
from readerstudy.cases.intake.forgetting import name_instead
from readerstudy.cases.names import shown
from readerstudy.cases.radiograph import Refused

# A page names so many subfolders; more are reached by a path that is typed.
SHOWN_FOLDERS = 500


@dataclass(frozen=True)
class Subfolder:
    """A folder to go into; `files` and `folders` lie directly in it."""

    name: str
    path: str
    files: int
    folders: int


@dataclass(frozen=True)
class Folder:
    """What the page shows of a folder.

    above       the folder it lies in, empty where that is out of bounds
    subfolders  by name, at most SHOWN_FOLDERS of them
    """

    path: str
    above: str
    files: int
    subfolders: list[Subfolder]
    is_cut: bool = False


@dataclass(frozen=True)
class FoundFile:
    """A file below a folder: its name from there, its bytes, its whole path."""

    name: str
    size: int
    address: str


@dataclass
class FoundFiles:
    """All files below a folder; `left_out` counts links that lead out of the roots."""

    files: list[FoundFile] = field(default_factory=list)
    left_out: int = 0


def roots() -> list[Path]:
    """The roots, with links resolved; those that are no folder are left out."""
    named = [Path(os.path.realpath(root)) for root in settings.IMPORT_ROOTS]
    return [root for root in named if root.is_dir()]


def allowed(path: str) -> Path:
    """A path with every link resolved. Raises Refused where it is below no root."""
    try:
        real = Path(os.path.realpath(path))
    except (OSError, ValueError):
        raise Refused("There is no such file or folder.") from None
    if not is_below_a_root(real):
        raise Refused("It is outside the folders that may be imported.")
    return real


def told_path(path: str, *, is_secret: bool) -> str:
    """A folder as the record of events names it: in full, or where cases go by
    pseudonyms as its root and a pseudonym."""
    real = Path(os.path.realpath(path))
    if not is_secret or real in roots():
        return shown(str(real))
    root = next((root for root in roots() if root in real.parents), None)
    return f"{shown(str(root))}/{name_instead(str(real))}"


def is_below_a_root(real: Path) -> bool:
    """Whether a path without links is a root or below one."""
    return any(real == root or root in real.parents for root in roots())


def folder_at(path: str) -> Folder:
    """What lies in a folder. Raises Refused."""
    real = _folder(path)
    found, files = [], 0
    for entry in _entries(real):
        if entry.is_dir() and is_below_a_root(Path(os.path.realpath(entry.path))):
            found.append(entry)
        elif entry.is_file():
            files += 1
    found.sort(key=lambda entry: entry.name)
    first = [_counted(entry.name, entry.path) for entry in found[:SHOWN_FOLDERS]]
    above = real.parent
    return Folder(
        path=str(real),
        above=str(above) if is_below_a_root(above) else "",
        files=files,
        subfolders=first,
        is_cut=len(found) > SHOWN_FOLDERS,
    )


def root_folders() -> list[Subfolder]:
    """The roots as folders to go into."""
    return [_counted(str(root), str(root)) for root in roots()]


def _folder(path: str) -> Path:
    real = allowed(path)
    if not real.is_dir():
        raise Refused("There is no such folder.")
    return real


def _entries(folder: Path) -> Iterator["os.DirEntry[str]"]:
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except OSError as problem:
        raise Refused(f"It cannot be read: {problem.strerror}.") from None


def _counted(name: str, path: str) -> Subfolder:
    files = folders = 0
    try:
        for entry in _entries(Path(path)):
            folders += entry.is_dir()
            files += entry.is_file()
    except Refused:
        pass  # it shows as empty, and says why when it is opened
    return Subfolder(shown(name), path, files, folders)


def files_below(path: str) -> FoundFiles:
    """Every file below a folder, by name. Raises Refused."""
    top = _folder(path)
    found = FoundFiles()
    _walk(top, top.name, found, set())
    return found


def _walk(
    folder: Path, name: str, found: FoundFiles, seen: set[tuple[int, int]]
) -> None:
    """Links inside the roots are followed; no folder is entered twice on the way."""
    place = folder.stat()
    if (place.st_dev, place.st_ino) in seen:
        return
    seen.add((place.st_dev, place.st_ino))
    for entry in sorted(_entries(folder), key=lambda entry: entry.name):
        real = Path(os.path.realpath(entry.path))
        inner = f"{name}/{shown(entry.name)}"
        if not is_below_a_root(real):
            found.left_out += 1
        elif entry.is_dir():
            _walk(real, inner, found, seen)
        elif entry.is_file():
            found.files.append(FoundFile(inner, entry.stat().st_size, str(real)))
            _refuse_number(len(found.files))


def _refuse_number(files: int) -> None:
    if files > MAXIMUM_MEMBERS:
        raise Refused(
            f"It holds more than {MAXIMUM_MEMBERS} files: choose the folders in it one "
            "by one."
        )
