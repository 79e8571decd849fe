"""The bytes of a delivered file, wherever they are."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from readerstudy.cases import archives
from readerstudy.cases.intake import folders, staging
from readerstudy.cases.intake.models import DeliveredFile, Delivery
from readerstudy.cases.radiograph import Refused, file_bytes


def read(file: DeliveredFile) -> bytes:
    """The bytes of a file. Raises Refused, and NotNow where a PACS is away."""
    if file.archive is not None:
        return _member(file)
    if file.delivery.origin == Delivery.Origin.DICOMWEB:
        # Only where it is asked for: what speaks to a PACS takes long to load.
        from readerstudy.cases.pacs.fetch import fetch

        return fetch(file)
    if file.size == 0 and not file.address:
        raise Refused("It is empty.")
    return file_bytes(path_of(file))


def stamp(file: DeliveredFile) -> tuple[object, ...]:
    """What tells a file's bytes from others that came under its row before.

    Raises Refused.
    """
    outer = file.archive or file
    outer.delivery = file.delivery
    path = path_of(outer)
    try:
        status = path.stat()
    except OSError as problem:
        raise Refused(f"It cannot be read: {problem.strerror}.") from None
    return str(path), status.st_mtime_ns, status.st_size, file.address


def path_of(file: DeliveredFile) -> Path:
    """Where the bytes lie on this machine. Raises Refused."""
    if file.delivery.origin == Delivery.Origin.FOLDER:
        return folders.allowed(file.address)
    return staging.path_of(file)


def archive_kind(file: DeliveredFile) -> archives.Kind | None:
    """Which archive a file is; None for any other. Raises Refused."""
    is_elsewhere = file.delivery.origin == Delivery.Origin.DICOMWEB
    if file.archive_id or is_elsewhere or (file.size == 0 and not file.address):
        return None
    try:
        return archives.kind_of(path_of(file), file.name)
    except OSError as problem:
        raise Refused(f"It cannot be read: {problem.strerror}.") from None


def members(
    archive: DeliveredFile, kind: archives.Kind
) -> list[tuple[str, Callable[[], bytes]]]:
    """Names and readers of an archive's members, always in one order.

    Raises Refused.
    """
    path = path_of(archive)
    try:
        status = path.stat()
    except OSError as problem:
        raise Refused(f"It cannot be read: {problem.strerror}.") from None
    return _listed(path, kind, status.st_mtime_ns, status.st_size)


# A list of many members takes long to make, and is asked for once for each of them.
@lru_cache(maxsize=2)
def _listed(
    path: Path, kind: archives.Kind, changed: int, size: int
) -> list[tuple[str, Callable[[], bytes]]]:
    return archives.members_of(path, kind)


def _member(file: DeliveredFile) -> bytes:
    archive = file.archive
    if archive is None:
        raise Refused("It is in no archive.")
    archive.delivery = file.delivery
    kind = archive_kind(archive)
    listed = members(archive, kind) if kind else []
    number = int(file.address)
    if number >= len(listed):
        raise Refused("Its archive has changed since it was looked into.")
    return listed[number][1]()
