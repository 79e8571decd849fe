"""A packed study as it is read: every member is held against the manifest first."""

import hashlib
import json
import math
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError

from readerstudy.cases.radiograph import MAXIMUM_SIDE
from readerstudy.export.moving.lines import Row
from readerstudy.export.moving.packing import SCHEMA, SCHEMA_VERSION
from readerstudy.export.moving.scope import ORDER

_MEMBER = re.compile(r"rows/[a-z]+\.[A-Za-z]+\.jsonl|frames/[0-9a-f]{64}\.u16")
_LARGEST_MANIFEST = 64 * 1024**2
# Rows become objects of many times their size: a packed study has a few MB of them.
_MOST_ROW_BYTES = 128 * 1024**2
_BLOCK_BYTES = 1024**2
# What the library raises for what is damaged or encrypted.
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    RuntimeError,
    NotImplementedError,
    ValueError,
    RecursionError,
)


@dataclass
class Packed:
    """A packed study whose members are what the manifest says."""

    manifest: dict[str, Any]
    rows: dict[str, list[Row]]
    path: Path
    frames: list[str]

    @property
    def study(self) -> Row:
        """The row of the study itself."""
        return self.rows["studies.Study"][0]

    def pixels(self) -> Iterator[tuple[str, bytes]]:
        """Each frame's SHA-256 and pixels, one at a time."""
        with zipfile.ZipFile(self.path) as archive:
            for sha256 in self.frames:
                yield sha256, archive.read(f"frames/{sha256}.u16")


def read(path: Path) -> Packed:
    """Read a packed study; raises ValidationError with what is wrong with the file."""
    try:
        archive = zipfile.ZipFile(path)
    except _DAMAGED as problem:
        raise ValidationError(
            "This is no packed study, or it is cut short: it can't be read as a ZIP. "
            "Pack it again, or copy the file again."
        ) from problem
    with archive:
        manifest = _manifest(archive)
        members = manifest["members"]
        _refuse_other_names(archive, members)
        _refuse_size(members)
        kept = {
            name: _checked(archive, name, said["size"], said["sha256"])
            for name, said in members.items()
        }
    rows = {label: _rows(label, kept.get(f"rows/{label}.jsonl")) for label in ORDER}
    if len(rows["studies.Study"]) != 1:
        raise ValidationError("The file holds no study, or several.")
    frames = [Path(name).stem for name in members if name.startswith("frames/")]
    _refuse_other_frames(frames, members, rows["cases.Image"])
    return Packed(manifest, rows, path, sorted(frames))


def _refuse_other_frames(
    frames: list[str], members: dict[str, Any], images: list[Row]
) -> None:
    """Each frame is that of a radiograph, and no larger: it is read into memory."""
    sizes = {row.get("frame_sha256"): _bytes_of(row) for row in images}
    for sha256 in frames:
        name = f"frames/{sha256}.u16"
        if members[name]["size"] != sizes.get(sha256):
            raise _damaged(name)


def _bytes_of(image: Row) -> int | None:
    sides = image.get("rows"), image.get("columns")
    if not all(isinstance(side, int) and 0 < side <= MAXIMUM_SIDE for side in sides):
        return None
    return 2 * math.prod(side for side in sides if isinstance(side, int))


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    """The manifest, if it is one that this version can read."""
    try:
        said = archive.getinfo("manifest.json")
    except KeyError as problem:
        raise ValidationError(
            "This ZIP holds no packed study: manifest.json is missing. An export "
            "bundle can't be unpacked; pack the study instead."
        ) from problem
    if said.file_size > _LARGEST_MANIFEST:
        raise ValidationError("manifest.json is too large to be one.")
    try:
        with archive.open(said) as stream:
            # Cut off: what is inflated may be more than what is said.
            found = json.loads(stream.read(_LARGEST_MANIFEST))
    except _DAMAGED as problem:
        raise _damaged("manifest.json") from problem
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        raise ValidationError("This ZIP holds no packed study.")
    version = found.get("version")
    if not isinstance(version, int) or version != SCHEMA_VERSION:
        raise ValidationError(
            f"The study was packed by {found.get('software')} as version {version}; "
            f"this server reads version {SCHEMA_VERSION}. Update it first."
        )
    members = found.get("members")
    if not isinstance(members, dict) or not all(
        isinstance(each, dict)
        and isinstance(each.get("size"), int)
        and isinstance(each.get("sha256"), str)
        for each in members.values()
    ):
        raise _damaged("manifest.json")
    return found


def _refuse_other_names(archive: zipfile.ZipFile, members: dict[str, Any]) -> None:
    """Names lead nowhere: they are known ones, each once, and all are there."""
    names = [name for name in archive.namelist() if name != "manifest.json"]
    for name in (*names, *members):
        if not _MEMBER.fullmatch(name):
            raise ValidationError(f"{name[:80]} does not belong into a packed study.")
    if len(set(names)) != len(names):
        raise ValidationError("A member stands in the ZIP twice.")
    for name in sorted(set(names) ^ set(members)):
        where = "in the ZIP" if name in members else "in manifest.json"
        raise ValidationError(f"{name} is missing {where}.")


def _refuse_size(members: dict[str, Any]) -> None:
    said = [each["size"] for name, each in members.items() if name.startswith("rows/")]
    if sum(said) > _MOST_ROW_BYTES or min(said, default=0) < 0:
        raise ValidationError(
            f"Its rows have {sum(said) // 1024**2} MiB, more than a study can have."
        )


def _damaged(name: str) -> ValidationError:
    return ValidationError(
        f"{name} is damaged. Nothing was stored; copy the file again."
    )


def _checked(
    archive: zipfile.ZipFile, name: str, size: int, sha256: str
) -> bytes | None:
    """The content of a table; a frame is only looked through, a block at a time."""
    digest, blocks, seen = hashlib.sha256(), [], 0
    is_table = name.startswith("rows/")
    try:
        with archive.open(name) as stream:
            while block := stream.read(_BLOCK_BYTES):
                seen += len(block)
                if seen > size:
                    raise _damaged(name)
                digest.update(block)
                if is_table:
                    blocks.append(block)
    except _DAMAGED as problem:
        raise _damaged(name) from problem
    if seen != size or digest.hexdigest() != sha256:
        raise _damaged(name)
    return b"".join(blocks) if is_table else None


def _rows(label: str, content: bytes | None) -> list[Row]:
    if content is None:
        raise ValidationError(f"rows/{label}.jsonl is missing.")
    try:
        # Not splitlines: a text may hold what Unicode calls the end of a line.
        lines = content.decode().removesuffix("\n").split("\n")
        rows = [json.loads(line) for line in lines if line]
    except (ValueError, RecursionError) as problem:
        raise _damaged(f"rows/{label}.jsonl") from problem
    if not all(isinstance(row, dict) for row in rows):
        raise _damaged(f"rows/{label}.jsonl")
    return rows
