"""What the worker does. torch and transformers are imported here, on first use, so
that the web process, which only sends messages, never loads them."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from celery import shared_task
from celery.utils.log import get_task_logger
from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from kombu.exceptions import KombuError

from inference.identity import DecodingSettings, checkpoint_revision, fingerprint
from inference.prompts import report_conversation
from readerstudy.cases.services import RadiographLost, model_image
from readerstudy.reports import jobs
from readerstudy.reports.models import Job

if TYPE_CHECKING:
    from inference.engine import ReportEngine

logger = get_task_logger(__name__)
Result = TypeVar("Result")

# A database restarts in seconds; without one a worker has nothing better to do.
PATIENCE_SECONDS = 120


def worker_name() -> str:
    """This process, as it stands in the job table."""
    return f"{socket.gethostname()}:{os.getpid()}"


@lru_cache(maxsize=1)
def _loaded(checkpoint: str, content: str) -> "ReportEngine":
    """Load a checkpoint once per process, and again when its content has changed."""
    from transformers.utils.logging import disable_progress_bar

    from inference.engine import load_engine

    disable_progress_bar()  # type: ignore[no-untyped-call]
    return load_engine(checkpoint, device=settings.CXR_LLAVA_DEVICE or None)


def engine_of(job: Job, decoding: DecodingSettings) -> "ReportEngine":
    """Return the engine that a job asks for.

    Raises ValueError where there is no such checkpoint, and where a folder no longer
    holds what it held when the job was queued: its report would be stored as the work
    of other weights.
    """
    revision = checkpoint_revision(job.checkpoint)
    if not Path(job.checkpoint).is_dir():
        return _loaded(job.checkpoint, "")
    if fingerprint(revision, report_conversation(), decoding) != job.fingerprint:
        raise ValueError(
            f"{job.checkpoint} no longer holds the model that this report was asked "
            "of, or the prompt has changed since: ask for the missing reports again."
        )
    return _loaded(job.checkpoint, revision)


@shared_task(name="reports.write_report")
def write_report(job_id: int) -> None:
    """Let the model write the report of one job, if nobody else has it."""
    claimed = _patiently(lambda: jobs.claim(job_id=job_id, worker=worker_name()))
    if claimed is None:
        return
    with _kept_alive(claimed):
        job = Job.objects.select_related("case__image").get(pk=job_id)
        try:
            text, provenance = _written(job)
        except Exception as problem:  # every failure must reach the row
            logger.warning("job %s failed", job_id, exc_info=True)
            reason = _reason(problem)
            _patiently(lambda: jobs.fail(claimed, reason=reason))
            ring(jobs.sweep())
            return
        _patiently(lambda: jobs.finish(claimed, text=text, provenance=provenance))


def _written(job: Job) -> tuple[str, dict[str, object]]:
    decoding = DecodingSettings()
    image, rendering = model_image(job.case)
    engine = engine_of(job, decoding)
    written = engine.write_reports([image], settings=decoding)[0]
    provenance = engine.provenance(settings=decoding) | {
        "rendering": rendering,
        "prompt_tokens": written.prompt_tokens,
        "new_tokens": written.new_tokens,
        "finish": written.finish,
        "seconds": round(written.seconds, 3),
    }
    return written.text.strip(), provenance


def _reason(problem: Exception) -> str:
    """What a coordinator reads in the list of failures."""
    if isinstance(problem, ValueError | RadiographLost):
        return str(problem)  # a sentence already
    return f"{type(problem).__name__}: {problem}"


def _patiently(write: Callable[[], Result]) -> Result:
    """Do a write; where the database is away, wait for it rather than lose the work."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return write()
        except (OperationalError, InterfaceError):
            if time.monotonic() > deadline:
                raise
            logger.warning("the database is away; trying again")
            connection.close()
            time.sleep(1)


@contextmanager
def _kept_alive(claimed: jobs.Claim) -> Iterator[None]:
    """Renew a claim's lease from a thread for as long as the work takes."""
    stop = threading.Event()

    def beat() -> None:
        try:
            while not stop.wait(settings.JOB_LEASE_SECONDS / 3):
                try:
                    if not jobs.extend(claimed):
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


def ring(job_ids: list[int]) -> None:
    """Send one message per job. What can't be sent now is sent by a later sweep."""
    for sent, job_id in enumerate(job_ids):
        try:
            write_report.delay(job_id)
        except (KombuError, OSError) as problem:
            logger.warning("the broker is away: %s", problem)
            jobs.unring(job_ids[sent:])
            return
