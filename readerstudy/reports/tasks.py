"""What the worker does: one Celery task for each kind of work."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from celery import current_app, shared_task
from celery.utils.log import get_task_logger
from django.core.exceptions import ValidationError
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from inference.selftest import SelfTest as SelfTestOutcome
from inference.selftest import distinct, phantom_images, run_self_test
from inference.writers.writing import Answer, Asked, Failed, ForGood, Picture, Refused
from inference.writers.writing import Outcome as WriterOutcome
from readerstudy import measures
from readerstudy.cases.models import Case
from readerstudy.cases.services import model_image
from readerstudy.reports import jobs, selftests
from readerstudy.reports.models import Job, SelfTest, Source
from readerstudy.reports.progress import NOT_CONFIRMED, REFUSED
from readerstudy.reports.sources import sending, spending
from readerstudy.reports.writers import most_at_once, writer_for
from readerstudy.work import leases
from readerstudy.work.worker import (
    carry_out,
    kept_alive,
    patiently,
    reason_of,
    storable,
    taken_from,
    worker_name,
)

if TYPE_CHECKING:
    from PIL.Image import Image

logger = get_task_logger(__name__)


@shared_task(name=Job.bell)
def write_reports(job_id: int) -> None:
    """Let the source write the report of a job, with others like it, if it is free."""
    claims = patiently(lambda: _claimed(job_id))
    if not claims:
        return
    claim_of = {each.id: each for each in claims}
    with kept_alive(claims):
        cases = Job.objects.select_related("case__image__case", "source")
        jobs_in_hand = cases.in_bulk(list(claim_of))
        has_failed = False
        for outcome in outcomes(jobs_in_hand):
            has_failed |= bool(outcome.problem)
            claimed, job = claim_of[outcome.job_id], jobs_in_hand[outcome.job_id]
            has_failed |= not _is_stored(claimed, job, outcome)
    if has_failed:
        leases.sweep()
    do_what_is_awaited()


def _claimed(job_id: int) -> list[leases.Claim]:
    job = Job.objects.select_related("source").filter(pk=job_id).first()
    if job is None:
        return []
    most = most_at_once(job.source)
    return jobs.claim(job_id=job_id, worker=worker_name(), most=most)


def do_what_is_awaited() -> None:
    """Between two batches: people do not wait for the end of a long queue."""
    for kind in leases.kinds():
        if kind.is_awaited and kind.queue in taken_from:
            for waiting in list(
                leases.rows(kind).waiting().values_list("pk", flat=True)
            ):
                current_app.tasks[kind.bell](waiting)


@dataclass(frozen=True)
class Outcome:
    """What became of one job: a text and its making, or the problem in a sentence.

    for_good  the problem stays, however often one tries
    answers   what an endpoint said on the way, to be counted
    """

    job_id: int
    text: str = ""
    provenance: dict[str, Any] = field(default_factory=dict)
    problem: str = ""
    for_good: bool = False
    answers: tuple[Answer, ...] = ()


def _is_stored(claimed: leases.Claim, job: Job, outcome: Outcome) -> bool:
    """Store what became of a job; where that cannot be, the others lose nothing."""
    try:
        patiently(partial(_store, claimed, job, outcome))
    except (OperationalError, InterfaceError):  # the database is away for good
        raise
    except Exception as problem:  # every failure must reach its row
        logger.warning("job %s could not be stored", job.pk, exc_info=True)
        patiently(partial(leases.fail, claimed, reason=reason_of(problem)))
        return False
    return True


@transaction.atomic
def _store(claimed: leases.Claim, job: Job, outcome: Outcome) -> None:
    spending.note(
        source=job.source,
        fingerprint=job.fingerprint,
        answers=outcome.answers,
        case=job.case,
    )
    if outcome.problem:
        leases.fail(claimed, reason=outcome.problem, for_good=outcome.for_good)
    elif jobs.finish(claimed, text=outcome.text, provenance=outcome.provenance):
        seconds = measures.report_seconds.labels(Job._meta.label_lower)
        seconds.observe(outcome.provenance.get("seconds", 0.0))


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
    first = next(iter(batch.values()))
    source = first.source
    may_be_sent = _may_be_sent(source, batch)
    for job_id in batch.keys() - may_be_sent.keys():
        yield Outcome(job_id, problem=NOT_CONFIRMED, for_good=True)
    if not may_be_sent:
        return
    writer = writer_for(
        source, first.checkpoint, first.fingerprint, batch=len(may_be_sent)
    )
    making = writer.provenance()
    renderings: dict[int, dict[str, Any]] = {}
    pictures = [
        Picture(
            job_id,
            partial(_opened, job, renderings),
            partial(_hold_back_unless_confirmed, source, job),
        )
        for job_id, job in may_be_sent.items()
    ]
    for one in writer.write(pictures):
        if isinstance(one, Failed):
            yield Outcome(
                one.key,
                problem=one.problem,
                for_good=one.for_good,
                answers=one.answers,
            )
        elif isinstance(one, Refused):
            yield Outcome(one.key, problem=REFUSED, for_good=True, answers=one.answers)
        else:
            provenance = (
                making
                | one.making
                | spending.making_of_cost(source, one.answers)
                | {
                    "rendering": renderings[one.key],
                    "written_at": timezone.now().isoformat(timespec="seconds"),
                }
            )
            text = storable(one.text)
            yield Outcome(one.key, text, provenance, answers=one.answers)


def _may_be_sent(source: Source, batch: Mapping[int, Job]) -> dict[int, Job]:
    """Those jobs whose radiographs may go to the source, as matters stand now."""
    if not source.sends_images_away:
        return dict(batch)
    collections = patiently(lambda: sending.open_to(source))
    return {
        job_id: job
        for job_id, job in batch.items()
        if job.case.collection_id in collections
    }


def _hold_back_unless_confirmed(source: Source, job: Job) -> None:
    """Raise ForGood if a job's radiograph may not go to the source, or no longer."""
    if not _may_be_sent(source, {job.pk: job}):
        raise ForGood(NOT_CONFIRMED)


def _opened(job: Job, renderings: dict[int, dict[str, Any]]) -> "Image":
    """A job's radiograph; called in a thread, so it must not ask the database."""
    try:
        image, renderings[job.pk] = patiently(lambda: model_image(job.case))
    except Exception as problem:  # one radiograph takes no other with it
        raise ValueError(reason_of(problem)) from problem
    return image


@shared_task(name=SelfTest.bell)
def self_test(test_id: int) -> None:
    """Let a source prove that it looks at the image, if nobody else has the test."""
    carry_out(SelfTest, test_id, _test)


def _test(claimed: leases.Claim) -> None:
    outcome, provenance = _tested(
        SelfTest.objects.select_related("source").get(pk=claimed.id), claimed
    )
    patiently(lambda: selftests.finish(claimed, outcome=outcome, provenance=provenance))


def _tested(
    test: SelfTest, claimed: leases.Claim
) -> tuple[SelfTestOutcome, dict[str, Any]]:
    source, cases = test.source, cases_of(test)
    before_sending = partial(_hold_test_back_unless_confirmed, source, cases)
    before_sending()
    writer = writer_for(
        source, test.checkpoint, test.fingerprint, batch=most_at_once(source)
    )
    images = images_of(test)
    case_of = {case.code: case for case in cases}
    asked_about = list(distinct(list(images.values()), list(images)))

    def progress(written: int, total: int) -> None:
        patiently(lambda: leases.held(claimed).update(written=written))

    def heard(outcome: WriterOutcome[int]) -> None:
        if outcome.answers:
            patiently(
                lambda: spending.note(
                    source=source,
                    fingerprint=test.fingerprint,
                    answers=outcome.answers,
                    case=case_of.get(asked_about[outcome.key]),
                    is_a_test=True,
                )
            )

    outcome = run_self_test(
        Asked(writer, heard, before_sending),
        list(images.values()),
        list(images),
        progress=progress,
    )
    pixels = {
        name: sha256(image.tobytes()).hexdigest() for name, image in images.items()
    }
    return outcome, writer.provenance() | {"rendered_sha256": pixels}


def _hold_test_back_unless_confirmed(source: Source, cases: Sequence[Case]) -> None:
    """Raise ForGood unless the radiographs of all these cases may go to the source."""
    sent = Case.objects.filter(pk__in=[each.pk for each in cases])
    try:
        patiently(lambda: sending.require(source=source, cases=sent))
    except ValidationError as problem:
        raise ForGood(NOT_CONFIRMED) from problem


def cases_of(test: SelfTest) -> list[Case]:
    """The cases that a test asks about, in its order; none for drawn phantoms."""
    cases = Case.objects.select_related("image__case").in_bulk(test.cases)
    return [cases[case] for case in test.cases if case in cases]


def images_of(test: SelfTest) -> "dict[str, Image]":
    """The radiographs that a test asks about, by the codes of their cases."""
    if not test.cases:
        return phantom_images(test.images)
    return {
        case.code: patiently(partial(model_image, case))[0] for case in cases_of(test)
    }
