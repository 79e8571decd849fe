"""Labels, answers and metrics from a file: upload, look, confirm; all or nothing."""

from collections.abc import Iterable
from pathlib import PurePath
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from readerstudy.accounts.models import User
from readerstudy.audit.services import record
from readerstudy.cases.models import Case, Collection
from readerstudy.cases.names import shown
from readerstudy.cases.radiograph import Refused
from readerstudy.reports.labels.apart import checked_apart
from readerstudy.reports.labels.checking import Checked, Line
from readerstudy.reports.labels.computing import (
    current_reports,
    free_name,
    hold_names,
)
from readerstudy.reports.labels.models import (
    CaseLabels,
    LabelSet,
    LabelStoring,
    LabelUpload,
    MeasuredCase,
    MetricTable,
)
from readerstudy.reports.models import Source
from readerstudy.reports.tables import staging
from readerstudy.work.leases import ring_on_commit

Kind = LabelUpload.Kind
_BATCH = 1_000
# Of more lines a worker stores them; of less, they are there before the page is.
AT_ONCE = 5_000
# What the columns of names take.
_LONGEST = 120


def upload(
    *,
    collection: Collection,
    kind: str,
    name: str,
    chunks: Iterable[bytes],
    actor: User,
    asked: dict[str, Any],
) -> LabelUpload:
    """Keep an uploaded file in staging, if it can be read at all.

    asked   name, subject, source, labeler and version, as far as they are known
    """
    _drop_expired()
    made = LabelUpload(
        collection=collection,
        kind=kind,
        asked=asked,
        name=shown(PurePath(name.replace("\\", "/")).name)[-200:] or "labels",
        uploaded_by=actor,
    )
    try:
        made.size, made.sha256 = staging.keep(made.token, chunks)
    except Refused as refusal:
        named = f"{made.name}: {refusal.reason}"
        raise ValidationError({"file": named}) from None
    try:
        check(made)
    except Refused as refusal:
        staging.drop(made.token)
        raise ValidationError({"file": refusal.reason}) from None
    with transaction.atomic():
        made.save(force_insert=True)
        record(
            actor=actor,
            verb="labels.uploaded",
            subject=made.name,
            detail={"collection": collection.name, "sha256": made.sha256, "kind": kind},
        )
    return made


def check(upload: LabelUpload) -> Checked:
    """Check a staged file against the cases as they are now. Raises Refused."""
    try:
        content = staging.path_of(upload.token).read_bytes()
    except FileNotFoundError:
        raise Refused("The uploaded file is gone. Upload it again.") from None
    cases = Case.objects.filter(collection=upload.collection)
    known = dict(cases.order_by("code").values_list("code", "pk"))
    return checked_apart(upload.kind, content, upload.name, known)


def confirm(
    *, upload: LabelUpload, actor: User, leave_out: bool
) -> LabelSet | MetricTable | LabelStoring:
    """Store what a file brings, all of it or nothing; long ones are a worker's.

    leave_out  lines about cases that the collection has not stay out; else a file
               that has any is refused
    """
    checked = ready(upload, leave_out=leave_out)
    if len(checked.lines) > AT_ONCE:
        return _order(upload, checked, actor, leave_out)
    return store(upload, checked, actor)


def ready(upload: LabelUpload, *, leave_out: bool) -> Checked:
    """Check a file that is confirmed. Raises ValidationError unless it can come in."""
    try:
        checked = check(upload)
    except Refused as refusal:
        raise ValidationError(refusal.reason) from None
    if checked.blocking:
        raise ValidationError(
            f"{len(checked.blocking)} lines cannot be taken. Mend the file and upload "
            "it again."
        )
    if checked.unknown and not leave_out:
        raise ValidationError(
            f"{len(checked.unknown)} lines are about cases that the collection has "
            "not. Say that they are left out, or mend the file."
        )
    if not checked.lines:
        raise ValidationError("No line is about a case of this collection.")
    return checked


@transaction.atomic
def _order(
    upload: LabelUpload, checked: Checked, actor: User, leave_out: bool
) -> LabelStoring:
    """Let a worker store a file; none is asked for one that is being stored."""
    held = _held(upload)
    if under_way := held.storing:
        return under_way
    job = LabelStoring.objects.create(
        upload=held,
        collection=held.collection,
        file_name=held.name,
        leave_out=leave_out,
        cases=len(checked.lines),
        asked_by=actor,
    )
    record(
        actor=actor,
        verb="labels.confirmed",
        subject=held.name,
        detail={
            "collection": held.collection.name,
            "job": job.pk,
            "cases": job.cases,
            "left_out": len(checked.unknown),
            "sha256": held.sha256,
        },
    )
    ring_on_commit(LabelStoring.objects.filter(pk=job.pk))
    return job


def _held(upload: LabelUpload) -> LabelUpload:
    """The row of a file, locked. Raises ValidationError where it is gone."""
    held = LabelUpload.objects.select_for_update().filter(pk=upload.pk).first()
    if held is None:
        raise ValidationError("This file was stored or dropped meanwhile.")
    return held


@transaction.atomic
def store(upload: LabelUpload, checked: Checked, actor: User) -> LabelSet | MetricTable:
    """Store what was checked, and forget the file. Raises ValidationError."""
    held = _held(upload)
    is_metrics = held.kind == Kind.METRICS
    made = _metrics(held, checked) if is_metrics else _labels(held, checked)
    record(
        actor=actor,
        verb="metrics.imported" if is_metrics else "labels.imported",
        subject=str(made)[:200],
        detail={
            "collection": held.collection.name,
            "id": made.pk,
            "cases": len(checked.lines),
            "left_out": len(checked.unknown),
            "file": held.name,
            "sha256": held.sha256,
        },
    )
    transaction.on_commit(lambda: staging.drop(upload.token))
    held.delete()
    return made


def _labels(upload: LabelUpload, checked: Checked) -> LabelSet:
    asked, is_answers = upload.asked, upload.kind == Kind.ANSWERS
    source = _source(asked)
    name = (asked.get("name") or PurePath(upload.name).stem)[:_LONGEST]
    hold_names(upload.collection)
    if LabelSet.objects.filter(collection=upload.collection, name=name).exists():
        name = free_name(upload.collection, name)
    making = checked.making
    made = LabelSet.objects.create(
        collection=upload.collection,
        name=name,
        subject=LabelSet.Subject.IMAGES if is_answers else asked["subject"],
        origin=LabelSet.Origin.ANSWERS if is_answers else LabelSet.Origin.IMPORTED,
        source=source,
        labeler=(asked.get("labeler") or making.get("checkpoint") or "not named")[
            :_LONGEST
        ],
        version=(asked.get("version") or making.get("revision", ""))[:_LONGEST],
        making={**making, "columns": checked.columns, "ignored": checked.ignored},
        file_name=upload.name,
        file_sha256=upload.sha256,
        labelled=len(checked.lines),
        unread=len(checked.unread),
        made_by=upload.uploaded_by,
    )
    # The reports as they stand now: whether they have changed since can be told later.
    reports = (
        {each.case_id: each for each in current_reports(upload.collection, source)}
        if source
        else {}
    )

    def row(line: Line) -> CaseLabels:
        report = reports.get(line.case)
        return CaseLabels(
            label_set=made,
            case_id=line.case,
            values=line.values,
            report=report,
            text_sha256=report.sha256 if report else "",
            answer=line.answer,
            problem=line.problem,
        )

    CaseLabels.objects.bulk_create(map(row, checked.lines), batch_size=_BATCH)
    return made


def _source(asked: dict[str, Any]) -> Source | None:
    if asked.get("subject") != LabelSet.Subject.REPORTS:
        return None
    return Source.objects.get(name=asked["source"])


def _metrics(upload: LabelUpload, checked: Checked) -> MetricTable:
    made = MetricTable.objects.create(
        collection=upload.collection,
        source=Source.objects.get(name=upload.asked["source"]),
        columns=checked.columns,
        cases=len(checked.lines),
        file_name=upload.name,
        file_sha256=upload.sha256,
        made_by=upload.uploaded_by,
    )
    MeasuredCase.objects.bulk_create(
        (
            MeasuredCase(table=made, case_id=line.case, values=line.values)
            for line in checked.lines
        ),
        batch_size=_BATCH,
    )
    return made


@transaction.atomic
def drop(*, upload: LabelUpload, actor: User) -> None:
    """Forget an uploaded file; nothing of it was stored."""
    if _held(upload).storing:
        raise ValidationError("It is being stored. Wait until that is over.")
    record(
        actor=actor,
        verb="labels.dropped",
        subject=upload.name,
        detail={"collection": upload.collection.name, "sha256": upload.sha256},
    )
    transaction.on_commit(lambda: staging.drop(upload.token))
    LabelUpload.objects.filter(pk=upload.pk).delete()


def _drop_expired() -> None:
    unfinished = LabelStoring.objects.unfinished().filter(upload__isnull=False)
    expired = LabelUpload.objects.filter(expires_at__lt=timezone.now())
    for forgotten in expired.exclude(pk__in=unfinished.values("upload")):
        staging.drop(forgotten.token)
        forgotten.delete()
