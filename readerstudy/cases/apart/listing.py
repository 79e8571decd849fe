"""What an archive holds, found out by a child: a list can be a bomb of its own.

A ZIP of 4 GiB can name 90 million members, and the head of one member of a tar can be
as long as the archive.
"""

import lzma
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path
from typing import Any

from readerstudy.cases.apart.children import ask
from readerstudy.cases.apart.line import Bytes
from readerstudy.cases.radiograph import Refused, words_of

MAXIMUM_MEMBERS = 200_000
# Of all names together, with what else the list of a ZIP says of its members.
MOST_NAMES = 64 * 1024**2
# What the libraries raise for damaged archives and for methods they do not know.
DAMAGED = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    OverflowError,
)


def refuse_zip_apart(path: Path) -> None:
    """Raise Refused unless the list of a ZIP can be read here too."""
    ask(zip_list, {"path": str(path)})


def tar_members_apart(path: Path) -> list[tuple[str, int, int]]:
    """Name, place and size of each file in a tar that is not compressed. May refuse."""
    said = ask(tar_list, {"path": str(path)}).words
    try:
        found = [(str(name), int(place), int(size)) for name, place, size in said]
    except (ValueError, TypeError):
        raise Refused("It is damaged: its reader broke on it.") from None
    if any(place < 0 or size < 0 for _, place, size in found):
        raise Refused("It is a damaged tar archive.")
    return found


def zip_list(content: bytearray, asked: dict[str, Any]) -> tuple[Any, list[Bytes]]:
    """Look through the list of a ZIP; in the child."""
    try:
        with zipfile.ZipFile(asked["path"]) as archive:
            members = archive.infolist()
    except DAMAGED as problem:
        raise _damaged("ZIP", problem) from problem
    _refuse_number(len(members))
    _refuse_names(
        sum(
            len(each.filename) + len(each.extra) + len(each.comment) for each in members
        )
    )
    return len(members), []


def tar_list(content: bytearray, asked: dict[str, Any]) -> tuple[Any, list[Bytes]]:
    """The files in a tar; in the child."""
    found, names = [], 0
    try:
        with tarfile.open(asked["path"], mode="r:") as archive:
            for number, member in enumerate(archive, 1):
                _refuse_number(number)
                names += len(member.name)
                _refuse_names(names)
                if member.isreg():
                    found.append((member.name, member.offset_data, member.size))
    except DAMAGED as problem:
        raise _damaged("tar", problem) from problem
    return found, []


def _refuse_number(members: int) -> None:
    if members > MAXIMUM_MEMBERS:
        raise Refused(f"It has more than {MAXIMUM_MEMBERS} members.")


def _refuse_names(characters: int) -> None:
    if characters > MOST_NAMES:
        raise Refused("The names of its members are longer than any archive needs.")


def _damaged(kind: str, problem: BaseException) -> Refused:
    return Refused(f"It is a damaged {kind} archive: {words_of(problem)}.")
