"""The files behind a path: a file, a folder, the members of a ZIP or a tar archive.

Nothing is unpacked to disk, so no member's name can lead anywhere; sizes are checked
against what is really read, not against what the archive says.
"""

import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from readerstudy.cases.radiograph import MAXIMUM_FILE_BYTES, Refused, file_bytes

MAXIMUM_MEMBERS = 200_000
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
        with zipfile.ZipFile(path) as archive:
            members = [each for each in archive.infolist() if not each.is_dir()]
            if len(members) > MAXIMUM_MEMBERS:
                raise Refused(f"It has more than {MAXIMUM_MEMBERS} members.")
            for member in sorted(members, key=lambda each: each.filename):
                yield Found(
                    f"{path}/{member.filename}",
                    partial(_zip_member, archive, member),
                )
    except (zipfile.BadZipFile, OSError) as problem:
        raise Refused(f"It is a damaged ZIP archive: {problem}.") from problem


def _zip_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    if member.flag_bits & 1:
        raise Refused("It is encrypted.")
    try:
        with archive.open(member) as stream:
            content = stream.read(MAXIMUM_FILE_BYTES + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, NotImplementedError) as problem:
        raise Refused(
            f"It is a damaged member of a ZIP archive: {problem}."
        ) from problem
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
