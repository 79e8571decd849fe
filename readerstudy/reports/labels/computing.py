"""Labelling the reports of a source: asked for by a person, done by a worker."""

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from inference import labeler
from readerstudy.accounts.models import User
from readerstudy.audit.services import record
from readerstudy.cases.models import Collection
from readerstudy.reports.labels.models import CaseLabels, Labelling, LabelSet
from readerstudy.reports.models import Report, ReportQuerySet, Source
from readerstudy.studies.protocol import sha256_of
from readerstudy.work import leases
from readerstudy.work.asking import made_or_waiting

# How often the page hears how far the worker is.
_STEP = 100
_BATCH = 500


def text_of(report: Report) -> str:
    """The text of a report as it is labelled; offsets of evidence refer to it."""
    if report.findings or report.impression:
        return labeler.labelled_text(report.findings, report.impression)
    return report.text


def current_reports(collection: Collection, source: Source) -> ReportQuerySet:
    """The newest report of each case of a collection, in the order of the codes."""
    reports = Report.objects.current().filter(
        case__collection=collection, source=source
    )
    return reports.select_related("case").order_by("case__code")


@dataclass(frozen=True)
class Labelled:
    """A report with its labels, not stored yet."""

    report: Report
    text_sha256: str
    labels: labeler.Labelled


@transaction.atomic
def order(
    *, collection: Collection, source: Source, actor: User | None, strict: bool = False
) -> Labelling:
    """Let a worker label all current reports of a source in a collection.

    Where that is asked for already, the one under way is returned. Raises
    ValidationError where they are being labelled the other way, strictly or not.
    """
    total = current_reports(collection, source).count()
    if not total:
        raise ValidationError(
            f"{source.name} has no reports in {collection.name} yet. Import them from "
            "a table, or let the model write them, first."
        )
    asked = {"collection": collection, "source": source}
    job, is_new = made_or_waiting(
        Labelling, asked, strict=strict, total=total, asked_by=actor
    )
    if job.strict != strict:
        raise ValidationError(
            f"The reports of {source.name} are being labelled the other way. Ask "
            "again when that is done."
        )
    if not is_new:
        return job
    record(
        actor=actor,
        verb="labels.queued",
        subject=source.name,
        detail={"collection": collection.name, "job": job.pk, "reports": total},
    )
    leases.ring_on_commit(Labelling.objects.filter(pk=job.pk))
    return job


def labelled_reports(
    job: Labelling, progress: Callable[[int], object]
) -> list[Labelled]:
    """Label the current reports of a job; nothing is stored."""
    found = []
    reports = current_reports(job.collection, job.source)
    for number, report in enumerate(reports.iterator(chunk_size=500), 1):
        text = text_of(report)
        labels = labeler.label(text, strict_chexpert=job.strict)
        found.append(Labelled(report, sha256_of(text), labels))
        if number % _STEP == 0:
            progress(number)
    return found


def digest_of(found: list[Labelled]) -> str:
    """SHA-256 of all texts that were labelled, each with its case."""
    total = hashlib.sha256()
    for each in found:
        total.update(f"{each.report.case_id} {each.text_sha256}\n".encode())
    return total.hexdigest()


@transaction.atomic
def finish(claimed: leases.Claim, found: list[Labelled]) -> LabelSet | None:
    """Store the labels of a job, if the claim still holds; None where it does not.

    Where the same texts were labelled in the same way before, that set stands.
    """
    held: Labelling | None = leases.held(claimed).select_for_update().first()
    if held is None:
        return None
    made = _same(held, found) or _store(held, found)
    held.label_set, held.labelled = made, len(found)
    leases.finish(held)
    held.save()
    return made


def _same(job: Labelling, found: list[Labelled]) -> LabelSet | None:
    same = LabelSet.objects.filter(
        collection=job.collection,
        source=job.source,
        origin=LabelSet.Origin.COMPUTED,
        labeler=labeler.NAME,
        version=labeler.VERSION,
        making={"strict_chexpert": job.strict},
        texts_sha256=digest_of(found),
    )
    return same.order_by("-id").first()


def _store(job: Labelling, found: list[Labelled]) -> LabelSet:
    made = LabelSet.objects.create(
        collection=job.collection,
        name=free_name(job.collection, job.source.name),
        subject=LabelSet.Subject.REPORTS,
        origin=LabelSet.Origin.COMPUTED,
        source=job.source,
        labeler=labeler.NAME,
        version=labeler.VERSION,
        making={"strict_chexpert": job.strict},
        texts_sha256=digest_of(found),
        labelled=len(found),
        made_by=job.asked_by,
    )
    CaseLabels.objects.bulk_create(
        (
            CaseLabels(
                label_set=made,
                case_id=each.report.case_id,
                values={
                    name: value
                    for name, value in each.labels.values.items()
                    if value is not None
                },
                evidence=[asdict(mention) for mention in each.labels.mentions],
                report=each.report,
                text_sha256=each.text_sha256,
            )
            for each in found
        ),
        batch_size=_BATCH,
    )
    record(
        actor=job.asked_by,
        verb="labels.computed",
        subject=made.name,
        detail={
            "collection": job.collection.name,
            "source": job.source.name,
            "label_set": made.pk,
            "reports": len(found),
            "labeler": made.by,
            "texts_sha256": made.texts_sha256,
        },
    )
    return made


def free_name(collection: Collection, wanted: str) -> str:
    """A name for a label set that its collection has not used, by day and number.

    In a transaction: until its end no one else finds a name free.
    """
    hold_names(collection)
    wanted = f"{wanted[:90]}, {timezone.now():%Y-%m-%d}"
    taken = set(
        LabelSet.objects.filter(
            collection=collection, name__startswith=wanted
        ).values_list("name", flat=True)
    )
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted} ({number})"
    return name


def hold_names(collection: Collection) -> None:
    """Let the names of a collection's label sets be chosen by one after the other."""
    held = Collection.objects.select_for_update(no_key=True)
    held.get(pk=collection.pk)
