"""Bundles as ZIP files in the store, named by what they hold."""

import hashlib
import logging
import tempfile
import time
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from shutil import copyfileobj, rmtree
from typing import BinaryIO

from django.conf import settings
from django.db import transaction

from readerstudy.audit.services import record
from readerstudy.cases.frame_store import frames_alone, frames_held
from readerstudy.export.bundle import sha256_of_file
from readerstudy.export.models import ExportBundle
from readerstudy.media_store import store
from readerstudy.studies.models import Study

logger = logging.getLogger(__name__)
FOLDER = "bundles"
_MAKING = ".making-"
# No bundle takes so long; what is older was left by a process that was killed.
_LEFT_AFTER_SECONDS = 24 * 60 * 60
# A fixed time in the archive: the same content gives the same ZIP.
_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Kept:
    """A bundle that is stored: its name in the store, hashes, bytes."""

    file: str
    sha256: str
    size: int
    manifest_sha256: str


@contextmanager
def workshop() -> Iterator[Path]:
    """A folder for the files of one bundle, on the disk of this machine."""
    above = Path(settings.MEDIA_ROOT) / FOLDER
    above.mkdir(parents=True, exist_ok=True)
    _sweep(above)
    with tempfile.TemporaryDirectory(dir=above, prefix=_MAKING) as folder:
        yield Path(folder)


def _sweep(above: Path) -> None:
    """Remove what killed builds left: it holds the tables of a study."""
    oldest = time.time() - _LEFT_AFTER_SECONDS
    for left in above.glob(f"{_MAKING}*"):
        # Another build may sweep at the same time.
        with suppress(FileNotFoundError):
            if left.stat().st_mtime > oldest:
                continue
            if left.is_dir():
                rmtree(left)
            else:
                left.unlink()


def keep(study: Study, folder: Path, names: Iterable[str]) -> Kept:
    """Store the files of a folder as one ZIP, unless the same one is there already."""
    made = folder.parent / f"{folder.name}.zip"
    try:
        _zip(made, study.code, folder, names)
        sha256 = sha256_of_file(made)
        name = f"{FOLDER}/{study.code}-{sha256[:32]}.zip"
        size = made.stat().st_size
        with frames_held():
            store().put_file(name, made)
    finally:
        made.unlink(missing_ok=True)
    return Kept(name, sha256, size, sha256_of_file(folder / "manifest.json"))


def _zip(path: Path, top: str, folder: Path, names: Iterable[str]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(names):
            entry = zipfile.ZipInfo(f"{top}/{name}", _TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.file_size = (folder / name).stat().st_size
            with (folder / name).open("rb") as file, archive.open(entry, "w") as out:
                copyfileobj(file, out)


def is_kept(file: str) -> bool:
    """Whether a bundle was kept and is there."""
    return bool(file) and store().has(file)


def opened(file: str, sha256: str) -> BinaryIO | None:
    """A kept bundle, proved to be the one that was built; None where it is not."""
    if not is_kept(file):
        return None
    digest = hashlib.sha256()
    with store().opened(file) as stream:
        while block := stream.read(1024 * 1024):
            digest.update(block)
    if digest.hexdigest() != sha256:
        logger.error("%s is damaged: restore it from a backup", file)
        return None
    return store().opened(file)


def remove_unnamed(age: timedelta) -> int:
    """Remove bundles that no row names and that are older; returns how many.

    A bundle is kept before its row, by a worker that may be killed in between.
    """
    before, removed = time.time() - age.total_seconds(), 0
    for each in list(store().listed(FOLDER)):
        if not each.name.endswith(".zip") or each.seconds > before:
            continue
        with transaction.atomic():
            frames_alone()
            with frames_held():
                # The same bundle may have been built again in the meantime.
                seconds = store().seconds_of(each.name)
                is_named = ExportBundle.objects.filter(file=each.name).exists()
                if seconds is not None and seconds < before and not is_named:
                    store().remove(each.name)
                    removed += 1
    if removed:
        record(actor=None, verb="export.swept", detail={"bundles": removed})
    return removed
