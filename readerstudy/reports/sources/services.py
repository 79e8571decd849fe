"""Writes on sources: one more model, by its checkpoint."""

from django.core.exceptions import ValidationError
from django.db import transaction

from readerstudy.accounts.models import User
from readerstudy.audit.services import record
from readerstudy.reports.models import Source
from readerstudy.reports.services import configured_making, source_to_be


@transaction.atomic
def add_model(*, name: str, checkpoint: str, actor: User | None) -> Source:
    """Make a source whose reports a checkpoint of CXR-LLaVA writes on this site.

    checkpoint  a folder on the server, or a hub id: owner/name or owner/name@revision

    A folder is read and must hold a checkpoint; a hub id is only looked at, as the web
    process fetches nothing. A source keeps its checkpoint: other weights are another
    source.
    """
    source = source_to_be(name.strip())
    if source.kind != Source.Kind.UPLOADED:
        raise ValidationError({"name": f"{name} is a reserved name. Choose another."})
    if Source.objects.filter(name=source.name).exists():
        raise ValidationError({"name": f"There is a source {name} already."})
    source.kind = Source.Kind.CXR_LLAVA
    source.checkpoint = checkpoint.strip()
    if not source.checkpoint:
        raise ValidationError({"checkpoint": "Name a checkpoint."})
    try:
        source.full_clean()
        _, fingerprint = configured_making(source)
    except ValidationError as problem:
        raise ValidationError({"checkpoint": problem.messages}) from problem
    source.save()
    record(
        actor=actor,
        verb="reports.source_added",
        subject=source.name,
        detail={"checkpoint": source.checkpoint, "fingerprint": fingerprint},
    )
    return source
