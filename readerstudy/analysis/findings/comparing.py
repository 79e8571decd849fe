"""A comparison of label sets: asked for, computed by a worker, stored with its inputs.

numpy and scipy take seconds to load. They come with the first comparison, so that the
site starts without them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from readerstudy.accounts.models import User
from readerstudy.analysis.findings.models import FindingsJob, FindingsRun
from readerstudy.analysis.findings.tables import (
    label_table,
    metrics_of,
    texts_of,
    texts_sha256,
    titles,
)
from readerstudy.analysis.state import software
from readerstudy.analysis.wording import counted
from readerstudy.audit.rows import as_stored
from readerstudy.audit.services import record
from readerstudy.cases.models import Collection
from readerstudy.reports.labels.models import LabelSet
from readerstudy.reports.labels.reading import standing
from readerstudy.reports.models import Source
from readerstudy.studies.protocol import canonical_json, sha256_of
from readerstudy.work import leases
from readerstudy.work.asking import made_or_waiting

Subject = LabelSet.Subject
STEPS = ("reading the labels", "scoring and drawing samples", "measuring the texts")


@dataclass(frozen=True)
class Asked:
    """What a comparison is asked for; label sets by their ids.

    preset, and what of its settings was chosen otherwise: see ScoreSettings
    texts   whether the texts are measured too, where both sides are reports
    """

    preset: str
    reference: int
    predicted: tuple[int, ...]
    policy: str
    minimum_share: float
    minimum_count: int
    counted_on: str
    draws: int
    permutations: int
    seed: int
    texts: bool = True

    def as_json(self) -> dict[str, Any]:
        """As it is stored."""
        return {**asdict(self), "predicted": list(self.predicted)}


def asked_of(stored: Mapping[str, Any]) -> Asked:
    """What was asked, out of a row."""
    return Asked(**{**stored, "predicted": tuple(stored["predicted"])})


@transaction.atomic
def order(*, collection: Collection, asked: Asked, actor: User | None) -> FindingsJob:
    """Let a worker compute a comparison; where it is asked for already, return that."""
    chosen = LabelSet.objects.filter(collection=collection)
    ids = {asked.reference, *asked.predicted}
    if chosen.filter(pk__in=ids).count() != len(ids) or not asked.predicted:
        raise ValidationError("Choose label sets of this collection.")
    if asked.reference in asked.predicted:
        raise ValidationError(
            "The reference cannot be compared with itself. Choose another label set."
        )
    _settings(asked, chosen.get(pk=asked.reference))
    _check_readers(asked, chosen)
    sha256 = sha256_of(canonical_json(asked.as_json()))
    job, is_new = made_or_waiting(
        FindingsJob,
        {"collection": collection, "asked_sha256": sha256},
        asked=asked.as_json(),
        steps=len(STEPS),
        requested_by=actor,
    )
    if not is_new:
        return job
    record(
        actor=actor,
        verb="findings.queued",
        subject=collection.name,
        detail={"job": job.pk, "asked": asked.as_json()},
    )
    leases.ring_on_commit(FindingsJob.objects.filter(pk=job.pk))
    return job


def _settings(asked: Asked, reference: LabelSet) -> Any:
    """The settings of a comparison. Raises ValidationError where they mean nothing."""
    from readerstudy.analysis.statistics.findings import (
        PRESETS,
        BadSettings,
        Origin,
    )

    if asked.preset not in PRESETS:
        raise ValidationError("Choose one of the presets.")
    origin = Origin(
        labeler=reference.labeler,
        labeler_version=reference.version,
        source=str(reference.get_origin_display()),
        made_at=timezone.now().isoformat(timespec="seconds"),
    )
    chosen: dict[str, Any] = {
        name: getattr(asked, name)
        for name in (
            *("policy", "minimum_share", "minimum_count", "counted_on"),
            *("draws", "permutations", "seed"),
        )
    }
    try:
        return replace(PRESETS[asked.preset].settings, **chosen, origin=origin)
    except BadSettings as problem:
        raise ValidationError(str(problem)) from None


def _check_readers(asked: Asked, chosen: QuerySet[LabelSet]) -> None:
    """Refuse the preset for human readers without any. Raises ValidationError."""
    from readerstudy.analysis.statistics.findings import BadLabels, check_readers

    readers = chosen.filter(pk__in=asked.predicted, subject=Subject.READER).count()
    try:
        check_readers(asked.preset, readers)
    except BadLabels as problem:
        raise ValidationError(str(problem)) from None


@dataclass(frozen=True)
class Computed:
    """A comparison that is not stored yet."""

    results: dict[str, Any]
    metrics: dict[str, Any]
    inputs: dict[str, Any]


def compute(
    collection: Collection, asked: Asked, progress: Callable[[int], object]
) -> Computed:
    """Compute a comparison. Raises ValueError with a sentence where it can't be."""
    from readerstudy.analysis.statistics.findings import PRESETS, score

    progress(1)
    sets = LabelSet.objects.select_related("source").in_bulk(
        [asked.reference, *asked.predicted]
    )
    reference = sets[asked.reference]
    predicted = [sets[each] for each in asked.predicted]
    inputs = inputs_of(collection, reference, predicted, asked)
    names = titles([reference, *predicted])
    tables = {names[each.pk]: label_table(each, names[each.pk]) for each in predicted}
    published = PRESETS[asked.preset].published
    progress(2)
    results = score(
        label_table(reference, names[reference.pk]),
        tables,
        _settings(asked, reference),
        inner=True,
        readers=[
            names[each.pk] for each in predicted if each.subject == Subject.READER
        ],
        published=[published] if published else [],
    )
    progress(3)
    metrics = measured(collection, reference, predicted) if asked.texts else {}
    return Computed(results, metrics, inputs)


def measured(
    collection: Collection, reference: LabelSet, predicted: Sequence[LabelSet]
) -> dict[str, Any]:
    """Metrics of the compared reports: a summary by source, and each case's values."""
    from readerstudy.analysis.findings.summary import summarised

    texts = texts_of(collection, reference.source) if reference.source else {}
    sources: dict[int, Source] = {}
    for each in predicted:
        if each.source:
            sources.setdefault(each.source.pk, each.source)
    found = [metrics_of(collection, source, texts) for source in sources.values()]
    tables = [table for table in found if table is not None]
    return summarised(tables)


def inputs_of(
    collection: Collection,
    reference: LabelSet,
    predicted: Sequence[LabelSet],
    asked: Asked,
) -> dict[str, Any]:
    """What a comparison rests on: labels never change, texts and metrics may."""
    every = [reference, *predicted]
    sources = {each.source.name: each.source for each in every if each.source}
    return {
        "label_sets": {
            str(each.pk): each.texts_sha256 or each.file_sha256 for each in every
        },
        "texts": {
            name: texts_sha256(collection, source)
            for name, source in sorted(sources.items())
        },
        "metrics": sorted(
            collection.metrictable_set.filter(source__in=sources.values()).values_list(
                "pk", flat=True
            )
        )
        if asked.texts
        else [],
    }


def store_run(
    *, collection: Collection, asked: Asked, computed: Computed, actor: User | None
) -> FindingsRun:
    """Store a comparison with what it saw, and leave an event of it."""
    run = FindingsRun.objects.create(
        collection=collection,
        reference_id=asked.reference,
        asked=asked.as_json(),
        inputs=computed.inputs,
        inputs_sha256=sha256_of(canonical_json(computed.inputs)),
        version=software(),
        results=computed.results,
        metrics=computed.metrics,
        requested_by=actor,
    )
    run.predicted.set(asked.predicted)
    record(
        actor=actor,
        verb="findings.computed",
        subject=collection.name,
        detail={
            "run": run.pk,
            "preset": asked.preset,
            "policy": asked.policy,
            "inputs_sha256": run.inputs_sha256,
            "version": run.version,
        },
        rows=[as_stored(run)],
    )
    return run


def do(claimed: leases.Claim) -> None:
    """Compute what a job asks for and store it, if the claim still holds."""
    jobs = FindingsJob.objects.select_related("collection", "requested_by")
    job = jobs.get(pk=claimed.id)
    asked = asked_of(job.asked)

    def progress(step: int) -> None:
        leases.held(claimed).update(step=step, doing=STEPS[step - 1])

    computed = compute(job.collection, asked, progress)
    with transaction.atomic():
        held: FindingsJob | None = leases.held(claimed).select_for_update().first()
        if held is None:
            return
        held.run = store_run(
            collection=job.collection,
            asked=asked,
            computed=computed,
            actor=job.requested_by,
        )
        leases.finish(held)
        held.save()


def changes_since(run: FindingsRun) -> list[str]:
    """What has changed since a comparison was computed; empty while it holds."""
    asked = asked_of(run.asked)
    predicted = list(run.predicted.select_related("source", "collection"))
    every = [run.reference, *predicted]
    found = []
    for each in every:
        if newer := newer_than(each):
            found.append(f"{each.name}: there are newer labels, {newer.name}.")
        elif sentence := standing(each).sentence:
            found.append(f"{each.name}: {sentence}")
    now = inputs_of(run.collection, run.reference, predicted, asked)
    if asked.texts and not found:
        changed = [
            name
            for name, sha256 in now["texts"].items()
            if sha256 != run.inputs["texts"].get(name)
        ]
        found += [f"The reports of {name} have changed." for name in changed]
    new = len(set(now["metrics"]) - set(run.inputs["metrics"]))
    if new:
        found.append(f"{counted(new, 'table')} of metrics came in.")
    if run.version != software():
        found.append(f"It was computed by version {run.version}; this is {software()}.")
    return found


def newer_than(label_set: LabelSet) -> LabelSet | None:
    """Labels of the same things by the same labeler that were made later."""
    if label_set.origin != LabelSet.Origin.COMPUTED:
        return None
    later = LabelSet.objects.filter(
        collection=label_set.collection,
        source=label_set.source,
        origin=label_set.origin,
        labeler=label_set.labeler,
        making=label_set.making,
        pk__gt=label_set.pk,
    )
    return later.order_by("-pk").first()


def again(*, run: FindingsRun, actor: User) -> FindingsJob:
    """Compute a comparison anew, with the newest labels of the same things."""
    asked = asked_of(run.asked)
    sets = LabelSet.objects.select_related("source", "collection").in_bulk(
        [asked.reference, *asked.predicted]
    )

    def newest(pk: int) -> int:
        newer = newer_than(sets[pk])
        return newer.pk if newer else pk

    renewed = replace(
        asked,
        reference=newest(asked.reference),
        predicted=tuple(newest(each) for each in asked.predicted),
    )
    return order(collection=run.collection, asked=renewed, actor=actor)
