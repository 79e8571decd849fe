"""Do the neighbours of a process answer: database, broker, worker, storage?

Nothing here raises: whatever is away is what is to be told.
"""

import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

from celery import current_app
from celery.exceptions import OperationalError as BrokerDown
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Max
from django.db.models.functions import Now
from kombu.exceptions import KombuError

from readerstudy.media_store import store
from readerstudy.operations.findings import Finding, well, wrong
from readerstudy.work.models import GONE_SECONDS, WorkerPulse

logger = logging.getLogger(__name__)
BROKER_SECONDS = 3
_MIB = 1024**2


def database() -> Finding:
    """Whether the database answers; one query."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as problem:
        return wrong(
            "database",
            "The database does not answer.",
            "See that it runs and that DATABASE_URL names it.",
            _first_line(problem),
        )
    return well("database", "The database answers.", connection.vendor)


@cache
def _wanted() -> frozenset[tuple[str, str]]:
    """The last migration of each app, as this version of the site has them."""
    return frozenset(MigrationLoader(None).graph.leaf_nodes())


def migrations() -> Finding:
    """Whether the database is migrated to this version; one query."""
    try:
        applied = MigrationRecorder(connection).applied_migrations()
    except DatabaseError as problem:
        return wrong(
            "migrations",
            "Whether the database is migrated cannot be seen.",
            "See to the database first.",
            _first_line(problem),
        )
    missing = sorted(_wanted() - applied.keys())
    if missing:
        return wrong(
            "migrations",
            "The database is not migrated to this version of the site.",
            "Run `manage.py migrate`.",
            ", ".join(f"{app} {name}" for app, name in missing),
        )
    return well("migrations", "The database is migrated to this version.")


def broker() -> Finding:
    """Whether the broker takes a connection."""
    patience = {"socket_timeout": BROKER_SECONDS}
    try:
        with current_app.connection_for_write(
            connect_timeout=BROKER_SECONDS, transport_options=patience
        ) as line:
            line.ensure_connection(max_retries=1, timeout=BROKER_SECONDS)
            channel: Any = line.default_channel
            if line.transport.driver_type == "redis":
                channel.client.ping()
    # AttributeError is what the client of Redis makes of a line that breaks meanwhile.
    except (BrokerDown, KombuError, OSError, AttributeError) as problem:
        return wrong(
            "broker",
            "The broker does not answer.",
            "See that it runs and that BROKER_URL names it. Grades are stored without "
            "it; work waits.",
            _first_line(problem),
        )
    return well("broker", "The broker answers.")


def worker() -> Finding:
    """Whether a worker has shown itself of late; one query."""
    remedy = "Start one: `celery -A readerstudy worker -P solo`."
    try:
        seen = WorkerPulse.objects.aggregate(last=Max("seen_at"), now=Max(Now()))
        alive = WorkerPulse.objects.alive().count()
    except DatabaseError as problem:
        return wrong(
            "worker",
            "Whether a worker lives cannot be seen.",
            "See to the database first.",
            _first_line(problem),
        )
    if alive:
        return well("worker", "A worker is there.", f"{alive} in all")
    if seen["last"] is None:
        return wrong("worker", "No worker has shown itself.", remedy)
    age: timedelta = seen["now"] - seen["last"]
    return wrong(
        "worker",
        f"The last sign of life of a worker is {_in_words(age)} old; "
        f"{GONE_SECONDS} seconds are usual at most.",
        remedy,
    )


def storage(*, is_proved: bool = False) -> Finding:
    """Whether the store answers.

    is_proved  whether a file can be stored too; what is written for it is gone
               afterwards, and a bucket that is missing is made
    """
    try:
        if is_proved:
            store().prove()
        else:
            store().answer()
    except OSError as problem:
        logger.warning("the storage does not answer", exc_info=True)
        return wrong(
            "storage",
            "Nothing can be stored.",
            "See that the folder of MEDIA_ROOT or the bucket of MEDIA_BUCKET is there, "
            "that this account may write in it, and that there is room.",
            _first_line(problem),
        )
    said = "A file can be stored." if is_proved else "The store answers."
    return well("storage", said)


def disk() -> Finding:
    """Whether the disks of data and media have room."""
    short = []
    for folder in folders():
        free = shutil.disk_usage(folder).free
        if free < settings.INTAKE_KEPT_FREE_BYTES:
            short.append(f"{folder}: {free // _MIB} MiB")
    if short:
        return wrong(
            "disk",
            f"Less than {settings.INTAKE_KEPT_FREE_BYTES // _MIB} MiB of the disk are "
            "free: uploads are refused.",
            "Make room or a larger disk; the page Storage says what takes it.",
            ", ".join(short),
        )
    return well("disk", "The disk has room.")


def folders() -> list[Path]:
    """The folders of this machine that the site fills, and that are there."""
    named = (Path(settings.DATA_DIR), Path(settings.MEDIA_ROOT))
    return [folder for folder in dict.fromkeys(named) if folder.is_dir()]


@dataclass(frozen=True)
class Room:
    """The disk of a folder: how large it is, and how much of it is free, in bytes."""

    folder: Path
    size: int
    free: int

    @property
    def used_percent(self) -> int:
        return round(100 * (self.size - self.free) / self.size) if self.size else 0


def room() -> list[Room]:
    """How full the disks are."""
    usages = [(folder, shutil.disk_usage(folder)) for folder in folders()]
    return [Room(folder, usage.total, usage.free) for folder, usage in usages]


# What a web process cannot serve readers without. Work alone needs the broker.
NEEDED = ("database", "migrations", "storage")


def neighbours(*, is_proved: bool = False) -> list[Finding]:
    """Everything that a process needs of others; a handful of queries.

    is_proved  as in `storage`: not where anybody may ask, as often as they like
    """
    stored = partial(storage, is_proved=is_proved)
    looks: tuple[Callable[[], Finding], ...] = (
        *(database, migrations, broker, worker, stored, disk),
    )
    found = [look() for look in looks]
    for each in found:
        if each.is_wrong:
            logger.warning("%s %s", each.sentence, each.detail)
    return found


def _first_line(problem: Exception) -> str:
    return f"{type(problem).__name__}: {str(problem).strip().partition(chr(10))[0]}"


def _in_words(age: timedelta) -> str:
    seconds = round(age.total_seconds())
    if seconds < 120:
        return f"{seconds} seconds"
    return f"{seconds // 60} minutes" if seconds < 7200 else f"{seconds // 3600} hours"
