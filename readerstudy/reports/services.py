"""Writes on reports: queue a model's work, try failures again, store uploaded texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from inference.identity import (
    DecodingSettings,
    checkpoint_revision,
)
from inference.identity import fingerprint as fingerprint_of
from inference.prompts import report_conversation
from readerstudy.accounts.models import User
from readerstudy.audit.services import SITE, record
from readerstudy.cases.models import Case, Collection
from readerstudy.reports.models import (
    CXR_LLAVA,
    GROUND_TRUTH,
    Job,
    Report,
    Source,
)
from readerstudy.reports.sources import sending
from readerstudy.reports.writers import making_of
from readerstudy.studies.models import Study
from readerstudy.studies.protocol import canonical_json, sha256_of
from readerstudy.work.leases import queue_anew, ring_on_commit

DEMONSTRATION_CHECKPOINT = settings.ROOT / "inference" / "demonstration"
_KINDS = {
    GROUND_TRUTH: Source.Kind.GROUND_TRUTH,
    CXR_LLAVA: Source.Kind.CXR_LLAVA,
}


def source_named(name: str) -> Source:
    """Return a source, made on first use; reserved names have their own kinds.

    Raises ValidationError for what is no name of a source.
    """
    kind = source_to_be(name).kind
    return Source.objects.get_or_create(name=name, defaults={"kind": kind})[0]


def source_to_be(name: str) -> Source:
    """A source of that name, not stored.

    Raises ValidationError for what is no name, and for another spelling of a reserved
    one, which would be taken for it.
    """
    reserved = name.lower().replace("-", "_")
    if reserved in _KINDS and name != reserved:
        raise ValidationError(f"Write {reserved}, or choose quite another name.")
    source = Source(name=name, kind=_KINDS.get(name, Source.Kind.UPLOADED))
    source.clean_fields()
    return source


def configured_making(source: Source | None = None) -> tuple[str, str]:
    """Return checkpoint and fingerprint of what the model of a source would write now.

    A source of CXR-LLaVA without a checkpoint of its own has the configured one. Raises
    ValidationError where there is no such checkpoint, or where the site's settings no
    longer name what another source needs.
    """
    own = source.checkpoint if source else ""
    if source is not None and source.kind != Source.Kind.CXR_LLAVA:
        try:
            return own, making_of(source).fingerprint
        except ValueError as problem:
            raise ValidationError(f"{source.name}: {problem}") from problem
    checkpoint = own or str(settings.CXR_LLAVA_CHECKPOINT)
    try:
        revision = checkpoint_revision(checkpoint)
    except ValueError as problem:
        whose = source.name if source and own else "CXR_LLAVA_CHECKPOINT"
        raise ValidationError(f"{whose}: {problem}") from problem
    return checkpoint, fingerprint_of(
        revision, report_conversation(), DecodingSettings()
    )


@transaction.atomic
def precompute(
    *, source: Source, cases: QuerySet[Case], actor: User | None, stream: str = SITE
) -> int:
    """Queue a job for every case that has an image and no such report yet.

    Asking twice queues nothing twice: a job is one (case, source, weights, prompt,
    settings). Returns the number of new jobs. Raises ValidationError where radiographs
    would leave the server and nobody has confirmed that they may.
    """
    if not source.is_written:
        raise ValidationError(
            f"Reports of {source.name} are imported, not written by a model here."
        )
    sending.require(source=source, cases=cases)
    checkpoint, fingerprint = configured_making(source)
    there = Job.objects.filter(source=source, fingerprint=fingerprint)
    wanted = cases.exclude(image=None).exclude(
        pk__in=there.values_list("case_id", flat=True)
    )
    queued = Job.objects.bulk_create(
        [
            Job(
                case=case, source=source, fingerprint=fingerprint, checkpoint=checkpoint
            )
            for case in wanted.order_by("code")
        ],
        ignore_conflicts=True,
        batch_size=1000,
    )
    if queued:
        record(
            actor=actor,
            verb="reports.queued",
            stream=stream,
            subject=source.name,
            detail={"jobs": len(queued), "fingerprint": fingerprint},
        )
    ring_on_commit(there.waiting().filter(rung_at=None))
    return len(queued)


@transaction.atomic
def retry_failed(
    *, failed: QuerySet[Job], actor: User | None, stream: str = SITE
) -> int:
    """Put failed jobs back into the queue with fresh attempts."""
    ids = _locked(failed, Job.Status.FAILED)
    again = Job.objects.filter(pk__in=ids)
    queue_anew(again)
    ring_on_commit(again)
    return _told(ids, "reports.retried", actor, stream)


@transaction.atomic
def pause(*, jobs: QuerySet[Job], actor: User | None, stream: str = SITE) -> int:
    """Hold back what no worker has taken yet; a batch in hand is finished."""
    ids = _locked(jobs, Job.Status.QUEUED)
    Job.objects.filter(pk__in=ids).update(status=Job.Status.HELD)
    return _told(ids, "reports.paused", actor, stream)


@transaction.atomic
def resume(*, jobs: QuerySet[Job], actor: User | None, stream: str = SITE) -> int:
    """Let the workers have what was held back."""
    ids = _locked(jobs, Job.Status.HELD)
    waiting = Job.objects.filter(pk__in=ids)
    waiting.update(status=Job.Status.QUEUED, rung_at=None)
    ring_on_commit(waiting)
    return _told(ids, "reports.resumed", actor, stream)


@transaction.atomic
def cancel(*, jobs: QuerySet[Job], actor: User | None, stream: str = SITE) -> int:
    """Take back what waits or is held; it can be asked for again at any time."""
    ids = _locked(jobs, Job.Status.QUEUED, Job.Status.HELD)
    Job.objects.filter(pk__in=ids).delete()
    return _told(ids, "reports.cancelled", actor, stream)


def _locked(jobs: QuerySet[Job], *states: Job.Status) -> list[int]:
    """The ids of jobs in these states; nobody else moves them before we are done."""
    ids = list(jobs.filter(status__in=states).values_list("id", flat=True))
    rows = Job.objects.select_for_update().filter(pk__in=ids, status__in=states)
    return list(rows.order_by("pk").values_list("id", flat=True))


def _told(ids: list[int], verb: str, actor: User | None, stream: str) -> int:
    """Leave an event, if anything was done; returns of how many jobs."""
    if ids:
        record(actor=actor, verb=verb, stream=stream, detail={"jobs": len(ids)})
    return len(ids)


@dataclass(frozen=True)
class UploadedReport:
    """One text as it came: for a case's code, with or without sections."""

    case: str
    findings: str = ""
    impression: str = ""
    text: str = ""

    @property
    def is_filled(self) -> bool:
        """Whether it says anything."""
        return bool(self.findings or self.impression or self.text)

    def sha256(self) -> str:
        """The text's identity, sections kept apart."""
        if self.text:
            return sha256_of(self.text)
        return sha256_of(canonical_json([self.findings, self.impression]))


@dataclass(frozen=True)
class Stored:
    """What an import did."""

    stored: int
    already_there: int
    empty: int


@transaction.atomic
def store_reports(
    *,
    source: Source,
    cases: dict[str, Case],
    uploads: Sequence[UploadedReport],
    actor: User | None,
    origin: str,
) -> Stored:
    """Store uploaded texts, all or none; a text that is there already stays one.

    `cases` maps codes to cases and must hold every code of the uploads.
    """
    collections = {case.collection_id for case in cases.values()}
    # Two imports of one source take turns.
    Source.objects.select_for_update().get(pk=source.pk)
    there = set(
        Report.objects.filter(
            source=source, case__collection__in=collections
        ).values_list("case_id", "fingerprint")
    )
    rows = []
    for upload in uploads:
        case, fingerprint = cases[upload.case], upload.sha256()
        if (case.pk, fingerprint) in there:
            continue
        there.add((case.pk, fingerprint))
        rows.append(
            Report(
                case=case,
                source=source,
                findings=upload.findings,
                impression=upload.impression,
                text=upload.text,
                sha256=fingerprint,
                fingerprint=fingerprint,
                provenance={"origin": Path(origin).name},
            )
        )
    Report.objects.bulk_create(rows, batch_size=1000)
    empty = sum(not each.is_filled for each in uploads)
    if rows:
        record(
            actor=actor,
            verb="reports.imported",
            subject=source.name,
            detail={"stored": len(rows), "origin": Path(origin).name},
            rows=[Report.objects.filter(pk__in=[row.pk for row in rows])],
        )
    return Stored(len(rows), len(uploads) - len(rows), empty)


def cases_of(collection: Collection) -> dict[str, Case]:
    """A collection's cases by their codes."""
    return {case.code: case for case in Case.objects.filter(collection=collection)}


def kind_of(source: str) -> Source.Kind:
    """What kind of source a name stands for, also before its first use."""
    found = Source.objects.filter(name=source).first()
    kind = found.kind if found else _KINDS.get(source, Source.Kind.UPLOADED)
    return Source.Kind(kind)


RELEASED_LICENCE = (
    "The released CXR-LLaVA weights are CC BY-NC 4.0 and under Meta's Llama 2 licence: "
    "for non-commercial research."
)


@dataclass(frozen=True)
class ModelCard:
    """A model as a coordinator must know it before choosing it."""

    checkpoint: str
    is_demonstration: bool
    licence: str


def model_card(source: Source | None = None) -> ModelCard:
    """Describe the checkpoint of a source, else the configured one, unloaded."""
    own = source.checkpoint if source else ""
    checkpoint = own or str(settings.CXR_LLAVA_CHECKPOINT)
    is_demonstration = Path(checkpoint) == DEMONSTRATION_CHECKPOINT
    return ModelCard(
        checkpoint="demonstration model" if is_demonstration else checkpoint,
        is_demonstration=is_demonstration,
        licence=(
            "Trained on drawn phantoms only. Not for clinical use."
            if is_demonstration
            else RELEASED_LICENCE
        ),
    )


def precompute_for_study(*, study: Study, actor: User) -> int:
    """Queue the missing reports of every arm that a model writes."""
    if not study.is_draft:
        raise ValidationError("The study is frozen: its reports are fixed.")
    arms = [arm.source for arm in study.arm_set.all()]
    written = [name for name in arms if kind_of(name).is_written]
    if not written:
        raise ValidationError("No arm of this study is written by a model.")
    cases = Case.objects.of_study(study)
    if not cases.exists():
        raise ValidationError("Draw the cases of the study first.")
    return sum(
        precompute(
            source=source_named(name), cases=cases, actor=actor, stream=study.code
        )
        for name in written
    )
