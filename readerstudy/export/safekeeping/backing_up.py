"""A backup while the site runs: the database first, then the files.

A file is whole before a row refers to it, and is not changed after. So every file that
the copied rows name is there when the files are copied. The other way round a
radiograph that came in between would have its row and no pixels.
"""

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, BinaryIO

from django.utils import timezone

import readerstudy
from readerstudy.audit.services import record
from readerstudy.export.safekeeping.place import (
    Place,
    Refused,
    asked,
    migrations,
    with_tool,
)
from readerstudy.media_store import FOLDERS, Store

SCHEMA = "readerstudy.backup/1"
MANIFEST = "manifest.json"
BACKED_UP = "site.backed_up"
_BLOCK = 1024 * 1024


def back_up(folder: Path, place: Place) -> str:
    """Write a backup into a new folder; returns the SHA-256 of its manifest.

    Raises Refused where the folder holds something, lies in the media store or can't
    be written, and where there is nothing to back up.
    """
    on_a_disk = place.bucket is None
    if on_a_disk and folder.resolve().is_relative_to(place.media.resolve()):
        raise Refused(
            f"{folder} lies in the media store, which a backup holds: it would hold "
            "itself. Name a folder elsewhere."
        )
    if not migrations(place):
        raise Refused("The database is not set up: run `manage.py migrate`.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise Refused(f"{folder} is not empty. Name a new folder.")
        # Grades, people and the key lie in it.
        folder.chmod(0o700)
        database = _database(folder, place)
        content = {
            "schema": SCHEMA,
            "made_at": timezone.now().isoformat(),
            "software": f"readerstudy {readerstudy.VERSION}",
            "engine": place.engine,
            "migrations": migrations(place),
            "streams": _streams(place),
            "database": database,
            "secret_key": _key(folder, place),
            "pseudonym_key": _pseudonym_key(place),
            "media": dict(_media(folder, place.media))
            | (dict(_bucket(folder, place.bucket)) if place.bucket else {}),
        }
        text = json.dumps(content, indent=1, sort_keys=True).encode()
        # It comes last: a folder without it is no backup.
        (folder / MANIFEST).write_bytes(text)
    except OSError as problem:
        raise Refused(f"The backup failed: {problem}") from problem
    return hashlib.sha256(text).hexdigest()


def note(digest: str) -> None:
    """Leave an event of a backup, with the hash of its manifest."""
    record(actor=None, verb=BACKED_UP, detail={"manifest_sha256": digest})


def _database(folder: Path, place: Place) -> dict[str, Any]:
    if place.is_sqlite:
        path = folder / "database.sqlite3"
        with (
            closing(sqlite3.connect(place.file)) as source,
            closing(sqlite3.connect(path)) as copy,
        ):
            source.backup(copy)
            # The copy is one file, without a journal beside it.
            copy.execute("PRAGMA journal_mode=DELETE")
    else:
        path = folder / "database.dump"
        said = ["--format=custom", "--no-owner", "--no-privileges"]
        with_tool(place, "pg_dump", [*said, "--file", path])
    return {"file": path.name, **size_and_hash(path)}


def _streams(place: Place) -> dict[str, Any]:
    """Where the chains end, as an anchor has it."""
    found = asked(place, "SELECT name, length, head_sha256 FROM audit_stream")
    return {name: {"length": length, "sha256": head} for name, length, head in found}


def _key(folder: Path, place: Place) -> dict[str, Any]:
    if place.key is None:
        return {"lies_in": "the environment, as SECRET_KEY; it is not in this backup"}
    path = folder / "secret-key"
    path.touch(mode=0o600)
    path.write_bytes(place.key.read_bytes())
    return {"lies_in": path.name, **size_and_hash(path)}


def _pseudonym_key(place: Place) -> dict[str, str]:
    if place.pseudonyms_apart:
        return {
            "lies_in": "the environment, as PSEUDONYM_KEY; it is not in this backup"
        }
    return {"lies_in": "the signing key"}


def _media(folder: Path, media: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(media.rglob("*")) if media.exists() else ():
        if not path.is_file() or path.is_symlink():
            continue
        name = path.relative_to(media).as_posix()
        copy = folder / "media" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield name, copied(path, copy)
        except FileNotFoundError:
            # What was on its way in has its own name by now, or was withdrawn.
            copy.unlink(missing_ok=True)


def _bucket(folder: Path, bucket: Store) -> Iterator[tuple[str, dict[str, Any]]]:
    for place in FOLDERS:
        (folder / "media" / place).mkdir(parents=True, exist_ok=True)
        for found in bucket.listed(place):
            copy = folder / "media" / found.name
            try:
                with bucket.opened(found.name) as source:
                    yield found.name, written(source, copy)
            except FileNotFoundError:
                copy.unlink(missing_ok=True)  # it was withdrawn in between


def copied(path: Path, copy: Path) -> dict[str, Any]:
    """Copy a file to the disk itself; returns its size and SHA-256."""
    with path.open("rb") as source:
        return written(source, copy)


def written(source: BinaryIO, copy: Path) -> dict[str, Any]:
    """Write a stream to the disk itself; returns its size and SHA-256."""
    digest, size = hashlib.sha256(), 0
    with copy.open("wb") as target:
        while block := source.read(_BLOCK):
            digest.update(block)
            size += len(block)
            target.write(block)
        target.flush()
        os.fsync(target.fileno())
    return {"size": size, "sha256": digest.hexdigest()}


def size_and_hash(path: Path) -> dict[str, Any]:
    """Size and SHA-256 of a file."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return {"size": path.stat().st_size, "sha256": digest}
