"""What the worker does: one Celery task for each kind of work."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from celery import current_app, shared_task
from celery.utils.log import get_task_logger
from django.conf import settings
from django.utils import timezone

from inference.identity import DecodingSettings
from inference.prompts import report_conversation
from inference.selftest import SelfTest as SelfTestOutcome
from inference.selftest import phantom_images, run_self_test
from readerstudy.cases.models import Case
from readerstudy.cases.services import model_image
from readerstudy.reports import jobs, selftests
from readerstudy.reports.engines import engine_for
from readerstudy.reports.models import Job, SelfTest
from readerstudy.work import leases
from readerstudy.work.worker import (
    carry_out,
    kept_alive,
    patiently,
    reason_of,
    storable,
    worker_name,
)

if TYPE_CHECKING:
    from PIL.Image import Image

logger = get_task_logger(__name__)


@shared_task(name=Job.bell)
def write_reports(job_id: int) -> None:
    """Let the model write the report of a job, with others like it, if it is free."""
    claims = patiently(
        lambda: jobs.claim(
            job_id=job_id, worker=worker_name(), most=settings.CXR_LLAVA_BATCH
        )
    )
    if not claims:
        return
    claim_of = {each.id: each for each in claims}
    with kept_alive(claims):
        cases = Job.objects.select_related("case__image__case")
        has_failed = False
        for outcome in outcomes(cases.in_bulk(list(claim_of))):
            has_failed |= bool(outcome.problem)
            patiently(partial(_store, claim_of[outcome.job_id], outcome))
    if has_failed:
        leases.sweep()
    do_what_is_awaited()


def do_what_is_awaited() -> None:
    """Between two batches: people do not wait for the end of a long queue."""
    for kind in leases.kinds():
        if kind.is_awaited:
            for waiting in list(
                leases.rows(kind).waiting().values_list("pk", flat=True)
            ):
                current_app.tasks[kind.bell](waiting)


@dataclass(frozen=True)
class Outcome:
    """What became of one job: a text and its making, or the problem in a sentence."""

    job_id: int
    text: str = ""
    provenance: dict[str, Any] = field(default_factory=dict)
    problem: str = ""


def _store(claimed: leases.Claim, outcome: Outcome) -> None:
    if outcome.problem:
        leases.fail(claimed, reason=outcome.problem)
    else:
        jobs.finish(claimed, text=outcome.text, provenance=outcome.provenance)


def outcomes(batch: Mapping[int, Job]) -> Iterator[Outcome]:
    """Write the reports of a batch; where it fails as a whole, each is tried alone."""
    left = dict(batch)
    try:
        for outcome in _written(batch):
            del left[outcome.job_id]
            yield outcome
    except Exception as problem:  # every failure must reach its row
        logger.warning("jobs %s failed", list(left), exc_info=True)
        if len(left) == 1:
            yield Outcome(next(iter(left)), problem=reason_of(problem))
            return
        for job_id, job in left.items():
            yield from outcomes({job_id: job})


def _written(batch: Mapping[int, Job]) -> Iterator[Outcome]:
    from inference.batching import Request, answer_many

    decoding, conversation = DecodingSettings(), report_conversation()
    first = next(iter(batch.values()))
    engine = engine_for(
        first.checkpoint,
        first.fingerprint,
        conversation=conversation,
        decoding=decoding,
    )
    making = engine.provenance(settings=decoding)
    renderings: dict[int, dict[str, Any]] = {}
    requests = [
        Request(job_id, partial(_opened, job, renderings), conversation)
        for job_id, job in batch.items()
    ]
    for one in answer_many(engine, requests, settings=decoding, batch=len(batch)):
        if one.report is None:
            yield Outcome(one.key, problem=one.problem)
            continue
        provenance = making | {
            "rendering": renderings[one.key],
            "prompt_tokens": one.report.prompt_tokens,
            "new_tokens": one.report.new_tokens,
            "finish": one.report.finish,
            "seconds": round(one.report.seconds, 3),
            "batch": one.report.batch,
            "written_at": timezone.now().isoformat(timespec="seconds"),
        }
        yield Outcome(one.key, storable(one.report.text), provenance)


def _opened(job: Job, renderings: dict[int, dict[str, Any]]) -> "Image":
    """A job's radiograph; called in a thread, so it must not ask the database."""
    try:
        image, renderings[job.pk] = model_image(job.case)
    except Exception as problem:  # one radiograph takes no other with it
        raise ValueError(reason_of(problem)) from problem
    return image


@shared_task(name=SelfTest.bell)
def self_test(test_id: int) -> None:
    """Let a source prove that it looks at the image, if nobody else has the test."""
    carry_out(SelfTest, test_id, _test)


def _test(claimed: leases.Claim) -> None:
    outcome, provenance = _tested(SelfTest.objects.get(pk=claimed.id), claimed)
    patiently(lambda: selftests.finish(claimed, outcome=outcome, provenance=provenance))


def _tested(
    test: SelfTest, claimed: leases.Claim
) -> tuple[SelfTestOutcome, dict[str, Any]]:
    from inference.batching import write_texts

    decoding, batch = DecodingSettings(), settings.CXR_LLAVA_BATCH
    engine = engine_for(
        test.checkpoint,
        test.fingerprint,
        conversation=report_conversation(),
        decoding=decoding,
    )
    images = images_of(test)

    def progress(written: int, total: int) -> None:
        patiently(lambda: leases.held(claimed).update(written=written))

    outcome = run_self_test(
        partial(write_texts, engine, settings=decoding, batch=batch),
        list(images.values()),
        list(images),
        progress=progress,
    )
    pixels = {
        name: sha256(image.tobytes()).hexdigest() for name, image in images.items()
    }
    return outcome, engine.provenance(settings=decoding) | {"rendered_sha256": pixels}


def images_of(test: SelfTest) -> "dict[str, Image]":
    """The radiographs that a test asks about, by the codes of their cases."""
    if not test.cases:
        return phantom_images(test.images)
    cases = Case.objects.select_related("image__case").in_bulk(test.cases)
    chosen = [cases[case] for case in test.cases if case in cases]
    return {case.code: model_image(case)[0] for case in chosen}
