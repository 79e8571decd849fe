"""Where an uploaded table lies until it is confirmed or dropped, and how it is read."""

import hashlib
import io
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from django.conf import settings

from readerstudy.cases.dialects import Dialect, guess_delimiter, guess_header
from readerstudy.cases.radiograph import Refused
from readerstudy.cases.tables import records

MOST_BYTES = 200 * 1024**2
MOST_ROWS = 50_000
_HEAD = 65_536
_TOKEN = re.compile(r"[0-9a-f]{32}")
# Files that people take for tables, by their first bytes.
_NO_TABLES = {
    b"PK\x03\x04": "a spreadsheet or an archive",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "compressed",
}


def folder_of(token: str) -> Path:
    """The staging folder of an import."""
    if not _TOKEN.fullmatch(token):
        raise ValueError("no token of an import")
    return Path(settings.MEDIA_ROOT) / "tables" / token


def path_of(token: str) -> Path:
    """The uploaded file of an import; its name says nothing of where it came from."""
    return folder_of(token) / "table"


def keep(token: str, chunks: Iterable[bytes]) -> tuple[int, str]:
    """Write an upload into staging; returns its size and SHA-256. Raises Refused."""
    path, size, digest = path_of(token), 0, hashlib.sha256()
    path.parent.mkdir(parents=True)
    try:
        with path.open("wb") as file:
            for chunk in chunks:
                if not size:
                    _refuse_kind(chunk)
                size += len(chunk)
                if size > MOST_BYTES:
                    raise Refused(
                        f"It is larger than {MOST_BYTES // 1024**2} MB. Cut it into "
                        "several tables."
                    )
                digest.update(chunk)
                file.write(chunk)
        if not size:
            raise Refused("It is empty.")
    except BaseException:
        drop(token)
        raise
    return size, digest.hexdigest()


def _refuse_kind(chunk: bytes) -> None:
    for start, kind in _NO_TABLES.items():
        if chunk.startswith(start):
            raise Refused(
                f'It is {kind}, not a table of text. Save the table as "CSV UTF-8" '
                "and upload that."
            )


def drop(token: str) -> None:
    """Remove the staging folder of an import; nothing where there is none."""
    shutil.rmtree(folder_of(token), ignore_errors=True)


@dataclass(frozen=True)
class Sheet:
    """A staged table, read in a certain way, a row at a time."""

    path: Path
    name: str
    dialect: Dialect

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Number and cells of every row that is not blank. Raises Refused."""
        try:
            with self.path.open(encoding=self.dialect.codec, newline="") as lines:
                yield from records(lines, self.dialect.delimiter, self.name)
        except FileNotFoundError:
            raise Refused("The uploaded table is gone. Upload it again.") from None
        except UnicodeError:
            raise Refused(
                f"{self.name} cannot be read in this encoding. Choose another one."
            ) from None

    def columns(self) -> list[str]:
        """The columns' titles, or their numbers where the table has no header."""
        _, first = next(self.records(), (1, []))
        if self.dialect.has_header:
            return [
                title or f"Column {number}" for number, title in enumerate(first, 1)
            ]
        return [f"Column {number}" for number in range(1, len(first) + 1)]

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Number and cells of every row below the header. Raises Refused."""
        found = self.records()
        if self.dialect.has_header:
            next(found, None)
        for count, record in enumerate(found, 1):
            if count > MOST_ROWS:
                raise Refused(
                    f"{self.name} has more than {MOST_ROWS:,} rows. Cut it into "
                    "several tables."
                )
            yield record

    def first(self, count: int) -> list[tuple[int, list[str]]]:
        """The first rows below the header; fewer where the table ends or breaks."""
        return list(islice(self.rows(), count))


def guess(path: Path, encoding: str) -> Dialect:
    """Delimiter and header of a file in an encoding, by its first rows."""
    codec = Dialect(encoding).codec
    with path.open(encoding=codec, errors="replace", newline="") as file:
        head = file.read(_HEAD).lstrip("\r\n \ufeff")
    delimiter = guess_delimiter(head)
    try:
        lines = io.StringIO(head, newline="")
        found = records(lines, delimiter, path.name)
        rows = [cells for _, cells in islice(found, 20)]
    except Refused:
        rows = []
    return Dialect(encoding, delimiter, guess_header(rows))
