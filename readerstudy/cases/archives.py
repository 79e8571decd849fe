"""The files behind a path: a file, a folder, the members of a ZIP or a tar archive.

Nothing is unpacked to disk, so no member's name can lead anywhere; sizes are checked
against what is really read, not against what the archive says.
"""

import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

from readerstudy.cases.radiograph import MAXIMUM_FILE_BYTES, Refused, file_bytes

MAXIMUM_MEMBERS = 200_000
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    ValueError,
    NotImplementedError,
)
# Beside radiographs in a folder: lists, notes, indexes. They are no failed imports.
_COMPANIONS = (".csv", ".tsv", ".txt", ".json", ".xml", ".md", ".html", ".pdf", ".xlsx")


@dataclass(frozen=True)
class Found:
    """One file: its name for people, and how to get its bytes (raises Refused)."""

    name: str
    read: Callable[[], bytes]

    @property
    def path(self) -> Path:
        return Path(self.name)

    @property
    def is_companion(self) -> bool:
        """Whether this is a list or a note rather than a radiograph."""
        name = self.path.name
        return (
            name.startswith(".")
            or name.upper() == "DICOMDIR"
            or name.lower().endswith(_COMPANIONS)
        )


def files_of(path: Path) -> Iterator[Found]:
    """Yield every file behind a path, in the order of names. Raises Refused."""
    if path.is_dir():
        for file in sorted(each for each in path.rglob("*") if each.is_file()):
            if zipfile.is_zipfile(file):
                yield from _of_zip(file)
            else:
                yield Found(str(file), partial(file_bytes, file))
    elif not path.exists():
        raise Refused("There is no such file or folder.")
    elif zipfile.is_zipfile(path):
        yield from _of_zip(path)
    elif path.name.lower().endswith((".tgz", ".tar.gz", ".tar")):
        yield from _of_tar(path)
    else:
        yield Found(str(path), partial(file_bytes, path))


def _of_zip(path: Path) -> Iterator[Found]:
    try:
        members = [each for each in _opened(path).infolist() if not each.is_dir()]
    except (zipfile.BadZipFile, OSError, ValueError) as problem:
        raise Refused(f"It is a damaged ZIP archive: {problem}.") from problem
    if len(members) > MAXIMUM_MEMBERS:
        raise Refused(f"It has more than {MAXIMUM_MEMBERS} members.")
    for member in sorted(members, key=lambda each: each.filename):
        yield Found(f"{path}/{member.filename}", partial(_zip_member, path, member))


@lru_cache(maxsize=4)
def _opened(path: Path) -> zipfile.ZipFile:
    """An archive, kept open while its members are read one by one."""
    return zipfile.ZipFile(path)


def _zip_member(path: Path, member: zipfile.ZipInfo) -> bytes:
    if member.flag_bits & 1:
        raise Refused("It is encrypted.")
    try:
        with _opened(path).open(member) as stream:
            content = stream.read(MAXIMUM_FILE_BYTES + 1)
    except _DAMAGED as problem:
        raise Refused(f"It is damaged inside its ZIP: {problem}.") from problem
    return file_bytes(content)


def _of_tar(path: Path) -> Iterator[Found]:
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                if member.isfile():
                    stream = archive.extractfile(member)
                    content = stream.read(MAXIMUM_FILE_BYTES + 1) if stream else b""
                    yield Found(
                        f"{path}/{member.name}",
                        partial(file_bytes, content),
                    )
    except (tarfile.TarError, EOFError, zlib.error, OSError) as problem:
        raise Refused(f"It is a damaged tar archive: {problem}.") from problem
