"""Writes: a kind of finding looked at, a collection signed off."""

import hashlib
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from readerstudy.accounts.models import User
from readerstudy.audit.rows import as_stored
from readerstudy.audit.services import record
from readerstudy.cases.deidentification.models import LookedAt, TextRegion
from readerstudy.cases.deidentification.state import CollectionState, state_of
from readerstudy.cases.models import Case, Collection, Image
from readerstudy.reports.models import Report
from readerstudy.reports.review.listing import Reviewed, reviewed
from readerstudy.reports.review.models import SignOff, TextReview
from readerstudy.reports.review.patterns import Kind

STATEMENT = (
    "I have looked at every image and at the listed findings in the texts of this "
    "collection. Nothing that I have left in names a patient or another person."
)


@transaction.atomic
def mark_looked_at(
    *, collection: Collection, texts: Reviewed, kind: Kind, actor: User
) -> TextReview:
    """Note that a person looked at the findings of one kind: nothing to do."""
    review = TextReview.objects.create(
        collection=collection,
        source=texts.source,
        kind=kind.value,
        findings=texts.counts()[kind],
        digest=texts.digest(kind),
        by=actor,
    )
    record(
        actor=actor,
        verb="reports.reviewed",
        subject=f"{collection.name}/{texts.name}",
        detail={"kind": kind.value, "findings": review.findings},
    )
    return review


def digest_of(collection: Collection) -> str:
    """SHA-256 of what a sign-off covers; a handful of queries, one row per item.

    Every image with its frame, what it shows and whether it is read, the decisions on
    its regions, whether it was looked at; every indication; every report that came
    from outside. What a model writes here comes of the frames alone and is not part of
    it.
    """
    total = hashlib.sha256()
    images = Image.objects.filter(case__collection=collection)
    regions = TextRegion.objects.current().filter(image__case__collection=collection)
    looks = LookedAt.objects.filter(
        image__case__collection=collection, frame_sha256=F("image__frame_sha256")
    )
    cases = Case.objects.filter(collection=collection)
    reports = Report.objects.current().filter(case__collection=collection)
    outside = reports.filter(job__isnull=True)
    for rows in (
        images.order_by("pk").values_list("pk", "frame_sha256", "view", "is_prior"),
        looks.order_by("image").values_list("image", "frame_sha256"),
        regions.order_by("pk").values_list("pk", "frame_sha256", "decision"),
        cases.order_by("pk").values_list("pk", "code", "indication", "image"),
        outside.order_by("pk").values_list("pk", "sha256"),
    ):
        for row in rows.iterator(chunk_size=2000):
            total.update(repr(row).encode())
        total.update(b"\n")
    return total.hexdigest()


@dataclass(frozen=True)
class Standing:
    """How a collection stands: its last sign-off, and whether that still holds."""

    collection: Collection
    sign_off: SignOff | None
    is_fresh: bool

    @property
    def sentence(self) -> str:
        """For the checklist before the freeze."""
        name = self.collection.name
        if self.sign_off is None:
            return f"The collection {name} is not signed off: look at it and sign."
        who = f"signed off by {self.sign_off.by} on {self.sign_off.at:%Y-%m-%d}"
        if not self.is_fresh:
            return (
                f"The collection {name} was {who}, and has changed since: look at what "
                "is new and sign again."
            )
        reason = self.sign_off.without_scan
        searched = f", without a search for burned-in text: {reason}" if reason else "."
        return f"The collection {name} is {who}{searched}"


def standing_of(collection: Collection) -> Standing:
    """The last sign-off, compared with the collection as it is now."""
    sign_off = SignOff.objects.newest(collection)
    fresh = sign_off is not None and sign_off.digest == digest_of(collection)
    return Standing(collection, sign_off, fresh)


def still_to_do(state: CollectionState, *, without_scan: str = "") -> list[str]:
    """What has to be done before a collection can be signed off, in sentences."""
    left = []
    if not state.images:
        left.append("No image has come in yet.")
    if state.undecided:
        left.append(f"Decide on {state.undecided} regions with burned-in text.")
    if state.uncovered:
        left.append(
            f"{state.uncovered} regions are marked to be blanked and are not blanked "
            "yet: confirm their images, or take the marks back."
        )
    if without_scan:
        return left
    if state.unscanned:
        left.append(
            f"{state.unscanned} of {state.images} images were not searched for "
            "burned-in text. Have them searched, or say why that is not needed."
        )
    if state.not_looked_at:
        left.append(f"Look at {state.not_looked_at} of {state.images} images.")
    return left


def sign_off(
    *,
    collection: Collection,
    actor: User,
    statement: str = STATEMENT,
    without_scan: str = "",
) -> SignOff:
    """Answer for a collection as it is now.

    without_scan   why no search for burned-in text was needed; images that nobody
                   passed one by one are then covered by the statement alone

    All is read before the transaction, for it can take long, and on SQLite nobody else
    could write. What changes afterwards makes the sign-off stale, as ever.
    """
    before, without_scan = digest_of(collection), without_scan.strip()
    state, texts = state_of(collection), reviewed(collection)
    if left := still_to_do(state, without_scan=without_scan):
        raise ValidationError(left)
    if digest_of(collection) != before:
        raise ValidationError(
            f"{collection.name} has changed while it was looked through. Look at what "
            "is new and sign again."
        )
    signed = SignOff(
        collection=collection,
        by=actor,
        statement=statement.strip(),
        without_scan=without_scan,
        digest=before,
        state={
            "images": state.images,
            "searched": state.scanned,
            "looked_at": state.looked_at,
            "blanked": state.blanked,
            "texts": [_as_signed(each) for each in texts],
        },
    )
    signed.full_clean(exclude=["state"])
    return _signed(signed)


@transaction.atomic
def _signed(sign_off: SignOff) -> SignOff:
    sign_off.save()
    record(
        actor=sign_off.by,
        verb="collection.signed_off",
        subject=sign_off.collection.name,
        detail={"digest": sign_off.digest, "without_scan": sign_off.without_scan},
        rows=[as_stored(sign_off)],
    )
    return sign_off


def _as_signed(texts: Reviewed) -> dict[str, object]:
    """What a sign-off keeps of a source's review: counts, and kinds left open."""
    return {
        "source": texts.title,
        "texts": len(texts.texts),
        "findings": {kind.value: n for kind, n in texts.counts().items() if n},
        "not_looked_at": [kind.value for kind in texts.open_kinds()],
    }
