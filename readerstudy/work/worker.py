"""What every task of a worker needs: a name, patience, and leases that stay fresh."""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection

from inference.characters import whole_characters
from inference.writers.writing import ForGood
from readerstudy.media_store import StoreAway
from readerstudy.work.leases import Claim, claim, extend, fail, sweep
from readerstudy.work.models import QUEUES, Work

logger = logging.getLogger(__name__)
# The queues that this process takes from; its pulse finds them out.
taken_from: list[str] = list(QUEUES)
Result = TypeVar("Result")

# A database restarts in seconds; without one a worker has nothing better to do.
PATIENCE_SECONDS = 120


class Told(Exception):
    """A failure that is a sentence for people already."""


def worker_name() -> str:
    """This process, as it stands in the rows of its work."""
    return f"{socket.gethostname()}:{os.getpid()}"


def reason_of(problem: Exception) -> str:
    """What a coordinator reads in the list of failures."""
    if isinstance(problem, ValueError | Told):
        return str(problem)  # a sentence already
    return f"{type(problem).__name__}: {problem}"


def storable(text: str) -> str:
    """A model's text as it is kept; no database stores all that JSON may hold."""
    return whole_characters(text.strip())


def patiently(write: Callable[[], Result]) -> Result:
    """Write, or read the store; where that is away, wait rather than lose the work."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return write()
        except (OperationalError, InterfaceError, StoreAway) as problem:
            if time.monotonic() > deadline:
                raise
            what = "store" if isinstance(problem, StoreAway) else "database"
            logger.warning("the %s is away; trying again", what)
            connection.close()
            time.sleep(1)


def carry_out(kind: type[Work], row: int, work: Callable[[Claim], object]) -> None:
    """Do a piece of work, if nobody else has it; a failure reaches its row."""
    claimed = patiently(lambda: claim(kind, id=row, worker=worker_name()))
    if claimed is None:
        return
    with kept_alive([claimed]):
        try:
            work(claimed)
        except Exception as problem:  # every failure must reach its row
            logger.warning("%s %s failed", kind.bell, row, exc_info=True)
            reason, for_good = reason_of(problem), isinstance(problem, ForGood)
            patiently(lambda: fail(claimed, reason=reason, for_good=for_good))
            sweep()


@contextmanager
def kept_alive(claims: Sequence[Claim]) -> Iterator[None]:
    """Renew the leases of claims from a thread for as long as the work takes."""
    stop = threading.Event()

    def beat() -> None:
        try:
            while not stop.wait(settings.JOB_LEASE_SECONDS / 3):
                try:
                    if not extend(claims):
                        return
                except DatabaseError:
                    logger.warning("no heartbeat: the database is away")
                    connection.close()
        finally:
            connection.close()

    thread = threading.Thread(target=beat, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
