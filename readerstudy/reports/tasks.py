"""What the worker does. torch and transformers are imported here, on first use, so
that the web process, which only sends messages, never loads them."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING

from celery import shared_task
from celery.utils.log import get_task_logger
from django.conf import settings
from django.db import connection

from readerstudy.cases.services import model_image
from readerstudy.reports import jobs
from readerstudy.reports.models import Job

if TYPE_CHECKING:
    from inference.engine import ReportEngine

logger = get_task_logger(__name__)


def worker_name() -> str:
    """This process, as it stands in the job table."""
    return f"{socket.gethostname()}:{os.getpid()}"


@lru_cache(maxsize=1)
def engine_of(checkpoint: str) -> "ReportEngine":
    """Load a checkpoint once per process."""
    from transformers.utils.logging import disable_progress_bar

    from inference.engine import load_engine

    disable_progress_bar()  # type: ignore[no-untyped-call]
    return load_engine(checkpoint, device=settings.CXR_LLAVA_DEVICE or None)


@shared_task(name="reports.write_report")
def write_report(job_id: int) -> None:
    """Let the model write the report of one job, if nobody else has it."""
    claimed = jobs.claim(job_id=job_id, worker=worker_name())
    if claimed is None:
        return
    job = Job.objects.select_related("case__image").get(pk=job_id)
    with _kept_alive(claimed):
        try:
            text, provenance = _written(job)
        except Exception as problem:  # every failure must reach the row
            logger.warning("job %s failed", job_id, exc_info=True)
            jobs.fail(claimed, reason=f"{type(problem).__name__}: {problem}")
            ring(jobs.sweep())
            return
    jobs.finish(claimed, text=text, provenance=provenance)


def _written(job: Job) -> tuple[str, dict[str, object]]:
    from inference.engine import DecodingSettings

    image, rendering = model_image(job.case)
    engine = engine_of(job.checkpoint)
    decoding = DecodingSettings()
    written = engine.write_reports([image], settings=decoding)[0]
    provenance = engine.provenance(settings=decoding) | {
        "rendering": rendering,
        "prompt_tokens": written.prompt_tokens,
        "new_tokens": written.new_tokens,
        "finish": written.finish,
        "seconds": round(written.seconds, 3),
    }
    return written.text.strip(), provenance


@contextmanager
def _kept_alive(claimed: jobs.Claim) -> Iterator[None]:
    """Renew a claim's lease from a thread for as long as the work takes."""
    stop = threading.Event()

    def beat() -> None:
        try:
            while not stop.wait(settings.JOB_LEASE_SECONDS / 3):
                if not jobs.extend(claimed):
                    return
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
    """Send one message per job. A message lost on the way is sent again by a sweep."""
    for job_id in job_ids:
        write_report.delay(job_id)
