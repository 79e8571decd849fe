"""Writes on sending radiographs away: who confirmed it for which collection.

Every endpoint counts as away, one on this very machine too: what listens there may pass
on what it gets. The rule is kept when work is asked for, and again by the worker just
before it sends.
"""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from readerstudy.accounts.models import User
from readerstudy.audit.services import record
from readerstudy.cases.models import Case, Collection
from readerstudy.reports.models import SendingConsent, Source


def require(*, source: Source, cases: QuerySet[Case]) -> None:
    """Raise ValidationError unless these cases' radiographs may go to the source."""
    if not source.sends_images_away:
        return
    collections = Collection.objects.filter(case__in=cases).distinct()
    closed = collections.exclude(pk__in=open_to(source)).order_by("name")
    if names := list(closed.values_list("name", flat=True)):
        raise ValidationError(
            f"{source.name} would send radiographs of {', '.join(names)} to "
            f"{source.address}, and nobody has confirmed that they may leave. A "
            "coordinator of the site does that on the collection's page, under Sending "
            "images away."
        )


def open_to(source: Source) -> set[int]:
    """The ids of the collections whose radiographs may go to a source; one query."""
    in_force = SendingConsent.objects.in_force().filter(
        source=source, address=source.address
    )
    return set(in_force.values_list("collection_id", flat=True))


@transaction.atomic
def confirm(
    *, collection: Collection, source: Source, statement: str, actor: User
) -> SendingConsent:
    """Note that radiographs of a collection may be sent to an endpoint, and why."""
    return _said(collection, source, statement, actor, allows=True)


@transaction.atomic
def take_back(
    *, collection: Collection, source: Source, statement: str, actor: User
) -> SendingConsent:
    """Note that no more radiographs may be sent; what waits will fail and say so."""
    return _said(collection, source, statement, actor, allows=False)


def _said(
    collection: Collection,
    source: Source,
    statement: str,
    actor: User,
    *,
    allows: bool,
) -> SendingConsent:
    # Two who speak at the same time take turns.
    Collection.objects.select_for_update().get(pk=collection.pk)
    if not source.sends_images_away:
        raise ValidationError(
            f"{source.name} writes on this server: nothing is sent away for it."
        )
    if not statement.strip():
        raise ValidationError({"statement": "Say on what grounds."})
    if (collection.pk in open_to(source)) == allows:
        standing = "may be sent already" if allows else "may not be sent anyway"
        raise ValidationError(
            f"Radiographs of {collection.name} {standing} to {source.name}."
        )
    consent = SendingConsent(
        collection=collection,
        source=source,
        allows=allows,
        address=source.address,
        statement=statement.strip(),
        by=actor,
    )
    consent.full_clean()
    consent.save()
    record(
        actor=actor,
        verb="reports.sending_allowed" if allows else "reports.sending_ended",
        subject=collection.name,
        detail={
            "source": source.name,
            "address": source.address,
            "statement": consent.statement,
        },
    )
    return consent


def standing_of(
    collection: Collection,
) -> Sequence[tuple[Source, SendingConsent | None]]:
    """Every endpoint with the last word on this collection; two queries."""
    newest = SendingConsent.objects.newest().filter(collection=collection)
    words = {each.source_id: each for each in newest.select_related("by")}
    sources = Source.objects.filter(kind=Source.Kind.ENDPOINT).order_by("name")
    return [(source, words.get(source.pk)) for source in sources]
