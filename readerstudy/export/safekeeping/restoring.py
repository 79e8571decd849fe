"""A backup becomes a site again: verified first, files before rows."""

import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from django.db import connections
from django.db.migrations.loader import MigrationLoader

from readerstudy.audit.services import record
from readerstudy.export.safekeeping.backing_up import (
    MANIFEST,
    SCHEMA,
    copied,
    size_and_hash,
)
from readerstudy.export.safekeeping.place import (
    Place,
    Refused,
    what_it_holds,
    with_tool,
)
from readerstudy.media_store import FOLDERS

RESTORED = "site.restored"
_STORED = tuple(f"{folder}/" for folder in FOLDERS)
Manifest = dict[str, Any]


def verified(folder: Path) -> tuple[Manifest, str]:
    """The manifest of a backup and its SHA-256, once every file is what it says.

    Raises Refused with what is wrong.
    """
    try:
        text = (folder / MANIFEST).read_bytes()
        said: Manifest = json.loads(text)
        if said["schema"] != SCHEMA:
            raise Refused(f"{folder} is a backup of another kind: {said['schema']}.")
        expected = {said["database"]["file"]: said["database"]}
        if "sha256" in said["secret_key"]:
            expected["secret-key"] = said["secret_key"]
        expected |= {f"media/{name}": each for name, each in said["media"].items()}
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise Refused(
            f"{folder} is no whole backup: {MANIFEST} is missing or can't be read."
        ) from problem
    for name, each in expected.items():
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            raise Refused(f"{name} leads out of the backup.")
        if not path.is_file():
            raise Refused(f"{name} is missing in the backup. Nothing was done.")
        if size_and_hash(path) != {"size": each["size"], "sha256": each["sha256"]}:
            raise Refused(
                f"{name} is not as it was written. Take another backup; nothing was "
                "done."
            )
    return said, hashlib.sha256(text).hexdigest()


def restore(folder: Path, place: Place, *, replaces: bool = False) -> tuple[str, str]:
    """Put a backup in the place of an empty site, or of any where `replaces`.

    Returns the SHA-256 of its manifest and where its keys lie. Raises Refused before
    anything is touched.
    """
    said, digest = verified(folder)
    if said["engine"] != place.engine:
        raise Refused(
            f"This backup is of {said['engine']}; DATABASE_URL names {place.engine}."
        )
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if newer := set(said["migrations"]) - known:
        raise Refused(
            f"This backup was made by {said['software']}, which is newer than this "
            f"version ({len(newer)} migrations more). Install that version first."
        )
    held = what_it_holds(place)
    if held and not replaces:
        raise Refused(
            f"This site is not empty: it holds {held}. Restore into an empty one, or "
            "say --yes-replace to lose what it holds."
        )
    # Files first: no row refers to a file that is not there.
    for name in said["media"]:
        _file(folder / "media" / name, name, place)
    key = _key(folder, said, place) + _pseudonym_key(said)
    _database(folder / said["database"]["file"], place)
    return digest, key


def _file(copy: Path, name: str, place: Place) -> None:
    """Put a file back, whether it was backed up from a disk or from a bucket."""
    if place.bucket is not None and name.startswith(_STORED):
        place.bucket.put_file(name, copy)
        return
    target = place.media / name
    target.parent.mkdir(parents=True, exist_ok=True)
    copied(copy, target)


def note(digest: str) -> None:
    """Leave an event in the record that was restored."""
    record(actor=None, verb=RESTORED, detail={"manifest_sha256": digest})


def _database(copy: Path, place: Place) -> None:
    connections.close_all()
    if place.is_sqlite:
        place.file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = place.file.with_name(f".{place.file.name}.restoring")
        copied(copy, unfinished)
        for ending in ("-wal", "-shm"):
            place.file.with_name(place.file.name + ending).unlink(missing_ok=True)
        unfinished.replace(place.file)
        return
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "restore.sql"
        with_tool(place, "pg_restore", ["--no-owner", "--file", script, copy])
        # In one transaction: all of it or nothing.
        said = ["--quiet", "--single-transaction", "--set", "ON_ERROR_STOP=1"]
        anew = "DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public"
        with_tool(place, "psql", [*said, "--command", anew, "--file", script])


def _key(folder: Path, said: Manifest, place: Place) -> str:
    """Put the signing key back where the site keeps it in a file."""
    if "sha256" not in said["secret_key"]:
        return "in the environment of the site that was backed up; set SECRET_KEY to it"
    if place.key is None:
        return (
            f"in {folder / 'secret-key'}; this site has SECRET_KEY in its environment, "
            "which stays"
        )
    place.key.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(folder / "secret-key", place.key)
    os.chmod(place.key, 0o600)
    return f"in {place.key}"


def _pseudonym_key(said: Manifest) -> str:
    """What to do where pseudonyms follow from another key; older backups don't say."""
    if "PSEUDONYM_KEY" not in said.get("pseudonym_key", {}).get("lies_in", ""):
        return ""
    return (
        ". Pseudonyms follow from another one, in the environment of the site that was "
        "backed up; set PSEUDONYM_KEY to it"
    )
