"""Bundles as ZIP files in the media folder, named by what they hold."""

import os
import tempfile
import time
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfileobj, rmtree

from django.core.files.storage import default_storage

from readerstudy.export.bundle import sha256_of_file
from readerstudy.studies.models import Study

FOLDER = "bundles"
_MAKING = ".making-"
# No bundle takes so long; what is older was left by a process that was killed.
_LEFT_AFTER_SECONDS = 24 * 60 * 60
# A fixed time in the archive: the same content gives the same ZIP.
_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Kept:
    """A bundle that is stored: file name in the media folder, hashes, bytes."""

    file: str
    sha256: str
    size: int
    manifest_sha256: str


@contextmanager
def workshop() -> Iterator[Path]:
    """A folder for the files of one bundle, beside those that are kept."""
    above = Path(default_storage.path(FOLDER))
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
    above = Path(default_storage.path(FOLDER))
    made = folder.parent / f"{folder.name}.zip"
    try:
        _zip(made, study.code, folder, names)
        sha256 = sha256_of_file(made)
        name = f"{FOLDER}/{study.code}-{sha256[:32]}.zip"
        size = made.stat().st_size
        os.replace(made, above / Path(name).name)
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


def path_of(file: str) -> Path | None:
    """Where a kept bundle lies; None where it was never kept or is gone."""
    if not file:
        return None
    path = Path(default_storage.path(file))
    return path if path.is_file() else None
