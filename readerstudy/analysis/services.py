"""Computing a result set: from the reads' CSV text alone, stored with what it saw.

scipy, pandas and statsmodels take seconds to load. They come with the first result set,
so that commands, the worker and the site start without them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from readerstudy.accounts.models import User
from readerstudy.analysis.models import AnalysisJob, AnalysisRun
from readerstudy.analysis.reads import reads_csv
from readerstudy.analysis.state import changes_since, software, state_of
from readerstudy.analysis.statistics.design import Design, design_of_protocol
from readerstudy.analysis.statistics.reads_csv import read_csv
from readerstudy.audit.rows import as_stored
from readerstudy.audit.services import record
from readerstudy.presentation.models import Slot
from readerstudy.studies.models import Study
from readerstudy.studies.protocol import sha256_of
from readerstudy.work import leases

if TYPE_CHECKING:
    from readerstudy.analysis.statistics.results import ResultSet

# Of so many reads the result set is there in a few seconds; a page waits no longer.
MOST_AT_ONCE = 20_000
# Arms are compared by twos, and so are readers: few reads may be much work.
MOST_READERS_AT_ONCE, MOST_ARMS_AT_ONCE = 40, 6
SEED = 0


def results_of_csv(
    content: bytes | str, design: Design, *, name: str = "reads.csv", seed: int = SEED
) -> "ResultSet":
    """Compute the result set of tidy reads under a design; the one code path.

    Raises BadTable, in a sentence that names file, row and column.
    """
    from readerstudy.analysis.statistics.results import result_set

    return result_set(read_csv(content, name=name), design, seed=seed)


def result_files(
    result: "ResultSet",
    protocol: Mapping[str, Any] | None = None,
    *,
    reads_sha256: str = "",
    deviations: Sequence[Mapping[str, Any]] = (),
) -> dict[str, bytes]:
    """Every file of a result set by name: for machines, then for people.

    A protocol gives arms their labels and the methods their facts; `deviations` from it
    are rows of deviations.csv.
    """
    from readerstudy.analysis.documents.files import documents
    from readerstudy.analysis.statistics.files import result_files as machine_files

    return machine_files(result) | documents(
        result.as_json(),
        protocol,
        reads_sha256=reads_sha256,
        deviations=deviations,
    )


def run_of(study: Study, *, actor: User | None = None) -> AnalysisRun:
    """Return the analysis of a study's reads as they are now; compute it if need be.

    Computing takes seconds, so no transaction is held open meanwhile.
    """
    seen = _seen(study)
    run = (
        AnalysisRun.objects.of_study(study)
        .filter(reads_sha256=sha256_of(seen.text), version=software())
        .first()
    )
    return run or compute(study=study, actor=actor, seen=seen)


@dataclass(frozen=True)
class Seen:
    """What a result set is computed from: the reads' text, and the state before it."""

    state: dict[str, list[int]]
    text: str


def _seen(study: Study) -> Seen:
    # What is counted before the reads are written may only be less than they hold: a
    # grade that came between shows the run as stale, never as fresh.
    state = state_of(study)
    return Seen(state, reads_csv(study))


def compute(
    *, study: Study, actor: User | None, seen: Seen | None = None
) -> AnalysisRun:
    """Compute the result set of a closed study and store it as a run."""
    refuse_unless_closed(study)
    seen = seen or _seen(study)
    design = design_of_protocol(study.locked_protocol)
    results = results_of_csv(seen.text, design, seed=SEED)
    return store_run(study=study, actor=actor, seen=seen, results=results)


def stored_results(run: AnalysisRun) -> "ResultSet":
    """The result set of a run as it was stored; of the reads, cases alone are seen."""
    from readerstudy.analysis.statistics.results import ResultSet, by_case_of

    design = design_of_protocol(run.study.locked_protocol)
    # A database may keep JSON in another order than that of the arms.
    grades = {arm: run.results["grades"][arm] for arm in run.results["design"]["arms"]}
    values = {**run.results, "grades": grades}
    return ResultSet(values, by_case_of(read_csv(reads_csv(run.study)), design))


@transaction.atomic
def store_run(
    *,
    study: Study,
    actor: User | None,
    seen: Seen,
    results: "ResultSet",
) -> AnalysisRun:
    """Store a result set with what it saw, and leave an event of it.

    Where the newest run saw the same, that one is returned: two may ask at once.
    """
    Study.objects.select_for_update().get(pk=study.pk)
    newest = AnalysisRun.objects.newest_of(study)
    if newest and _saw(newest, seen):
        return newest
    run = AnalysisRun.objects.create(
        study=study,
        reads_sha256=sha256_of(seen.text),
        protocol_sha256=study.protocol_sha256,
        version=software(),
        seed=SEED,
        state=seen.state,
        reads=Slot.objects.of_study(study).count(),
        results=results.as_json(),
        requested_by=actor,
    )
    record(
        actor=actor,
        verb="analysis.computed",
        stream=study.code,
        detail={
            "run": run.pk,
            "reads_sha256": run.reads_sha256,
            "version": run.version,
        },
        rows=[as_stored(run)],
    )
    return run


def _saw(run: AnalysisRun, seen: Seen) -> bool:
    return (run.reads_sha256, run.version, run.state) == (
        sha256_of(seen.text),
        software(),
        seen.state,
    )


class Awaited(Exception):
    """There is no result set of the reads as they are; the message says why."""

    def __init__(self, sentence: str, *, has_failed: bool = False) -> None:
        super().__init__(sentence)
        self.status = HTTPStatus.CONFLICT if has_failed else HTTPStatus.ACCEPTED


def fresh_run(*, study: Study, actor: User) -> AnalysisRun:
    """Return the analysis of the reads as they are; compute a small study's at once.

    Raises Awaited where a worker has it in hand, or failed at it: nobody asks again
    unasked.
    """
    newest = AnalysisRun.objects.newest_of(study)
    if newest and not changes_since(newest, state_of(study)):
        return newest
    last = AnalysisJob.objects.filter(study=study).order_by("-id").first()
    if last and last.status == AnalysisJob.Status.FAILED and is_large(study):
        raise Awaited(
            "The worker failed at the results. The results page says why; let them be "
            "computed anew there.",
            has_failed=True,
        )
    run = compute_or_queue(study=study, actor=actor)
    if run is None:
        raise Awaited(
            "A worker computes the results of this study. Ask again in a few minutes."
        )
    return run


def run_to_show(*, study: Study, actor: User) -> AnalysisRun | None:
    """Return the newest analysis; without any, compute it or let a worker do so.

    None where a worker has it in hand, or failed at it: nobody asks again unasked.
    """
    newest = AnalysisRun.objects.newest_of(study)
    if newest or AnalysisJob.objects.filter(study=study).exists():
        return newest
    return compute_or_queue(study=study, actor=actor)


def compute_or_queue(*, study: Study, actor: User) -> AnalysisRun | None:
    """Compute the result set at once, or queue it where it is large; then None."""
    if is_large(study):
        queue(study=study, actor=actor)
        return None
    return compute(study=study, actor=actor)


def is_large(study: Study) -> bool:
    """Whether a study's result set takes longer than a page may."""
    return (
        Slot.objects.of_study(study).count() > MOST_AT_ONCE
        or study.membership_set.readers().count() > MOST_READERS_AT_ONCE
        or study.arm_set.count() > MOST_ARMS_AT_ONCE
    )


@transaction.atomic
def queue(*, study: Study, actor: User | None) -> AnalysisJob:
    """Let a worker compute the result set; where one is asked already, return that."""
    refuse_unless_closed(study)
    try:
        with transaction.atomic():
            job = AnalysisJob.objects.create(study=study, requested_by=actor)
    except IntegrityError:
        return AnalysisJob.objects.unfinished().get(study=study)
    record(
        actor=actor,
        verb="analysis.queued",
        stream=study.code,
        detail={"job": job.pk},
    )
    leases.ring_on_commit(AnalysisJob.objects.filter(pk=job.pk))
    return job


def do(claimed: leases.Claim) -> None:
    """Compute what a job asks for and store it, if the claim still holds."""
    job = AnalysisJob.objects.select_related("study", "requested_by").get(pk=claimed.id)
    seen = _seen(job.study)
    design = design_of_protocol(job.study.locked_protocol)
    results = results_of_csv(seen.text, design, seed=SEED)
    with transaction.atomic():
        held: AnalysisJob | None = leases.held(claimed).select_for_update().first()
        if held is None:
            return
        held.run = store_run(
            study=job.study,
            actor=job.requested_by,
            seen=seen,
            results=results,
        )
        leases.finish(held)
        held.save()


def refuse_unless_closed(study: Study) -> None:
    """Refuse a study whose grades nobody may see by arm yet."""
    if not study.has_open_results:
        raise ValidationError(
            "Results are sealed until the coordinator closes the study."
        )
