"""Writes of those who look: regions added, decided, blanked in a copy; images passed.

Once a frozen study uses an image, what its readers see must not change.
"""

from collections.abc import Mapping, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from readerstudy.accounts.models import User
from readerstudy.audit.services import record
from readerstudy.cases.deidentification.blanking import blanked
from readerstudy.cases.deidentification.frames_left import remove_uncovered
from readerstudy.cases.deidentification.models import (
    LookedAt,
    TextRegion,
    TextScan,
    is_looked_at,
    is_scanned,
    is_written,
)
from readerstudy.cases.deidentification.scanning import box_of
from readerstudy.cases.fixing import hold, is_fixed
from readerstudy.cases.frame_store import frames_shared, keep_frame
from readerstudy.cases.models import Collection, Image
from readerstudy.cases.services import frame_of
from readerstudy.work.leases import ring_on_commit

Decision = TextRegion.Decision


def _locked(image: Image) -> Image:
    return Image.objects.select_for_update().get(pk=image.pk)


@transaction.atomic
def add_region(
    *, image: Image, actor: User, left: int, top: int, width: int, height: int
) -> TextRegion:
    """Mark a rectangle by hand, to be blanked."""
    image = _locked(image)
    if left + width > image.columns or top + height > image.rows:
        raise ValidationError(
            f"The rectangle reaches out of the picture, which has {image.columns} "
            f"columns and {image.rows} rows."
        )
    region = TextRegion(
        image=image,
        frame_sha256=image.frame_sha256,
        left=left,
        top=top,
        width=width,
        height=height,
        place=TextRegion.Place.HAND,
        decision=Decision.BLANK,
        decided_by=actor,
        decided_at=timezone.now(),
    )
    region.full_clean(exclude=["score"])
    region.save()
    # Whoever finds something more has not passed the image yet.
    image.looks.filter(frame_sha256=image.frame_sha256).delete()
    _record(image, actor, "image.region_added", region=_sides(region))
    return region


@transaction.atomic
def remove_region(*, image: Image, actor: User, region_id: int) -> None:
    """Take back a rectangle that was drawn by hand; what was found stays listed."""
    image = _locked(image)
    drawn = TextRegion.objects.current().filter(image=image, place="hand")
    region = drawn.filter(pk=region_id).first()
    if region is None:
        return
    region.delete()
    _record(image, actor, "image.region_removed", region=_sides(region))


def _sides(region: TextRegion) -> list[int]:
    return [region.left, region.top, region.width, region.height]


def _record(image: Image, actor: User, verb: str, **detail: object) -> None:
    record(
        actor=actor,
        verb=verb,
        subject=f"{image.case.collection.name}/{image.case.code}",
        detail={"image": image.pk, "frame": image.frame_sha256, **detail},
    )


@transaction.atomic
def confirm(
    *, image: Image, actor: User, decisions: Mapping[int, str], frame_sha256: str
) -> Image:
    """Decide on everything that is written in an image, and pass it.

    Where something is to be blanked, the image becomes a covered copy of itself, which
    is searched anew and has to be looked at again.

    decisions      "blank" or "keep" by the region's id
    frame_sha256   of the frame that the person saw
    """
    hold([image.case_id])
    image = _locked(image)
    if image.frame_sha256 != frame_sha256:
        raise ValidationError(
            "The image was changed in the meantime. Look at it as it is now."
        )
    regions = list(TextRegion.objects.current().filter(image=image))
    if any(decisions.get(region.pk) not in Decision.values for region in regions):
        raise ValidationError("Say of every region whether it is blanked or kept.")
    for region in regions:
        region.decision = decisions[region.pk]
        region.decided_by, region.decided_at = actor, timezone.now()
    TextRegion.objects.bulk_update(
        regions, ["decision", "decided_by", "decided_at"], batch_size=500
    )
    covered = [region for region in regions if region.decision == Decision.BLANK]
    if covered:
        return _cover(image, actor, covered)
    LookedAt.objects.get_or_create(
        image=image, frame_sha256=image.frame_sha256, defaults={"by": actor}
    )
    kept = [_sides(region) for region in regions]
    _record(image, actor, "image.looked_at", kept=kept)
    return image


def _cover(image: Image, actor: User, regions: Sequence[TextRegion]) -> Image:
    """Put a copy with covered regions in an image's place, and have it searched."""
    if is_fixed(image.case_id):
        raise ValidationError(
            f"{image.case.code} belongs to a frozen study: what its readers see must "
            "not change."
        )
    uncovered = image.frame_sha256
    # Of this copy, nobody else knows before the transaction is over.
    frames_shared()
    copy = keep_frame(blanked(frame_of(image), [box_of(each) for each in regions]))
    if copy.sha256 == uncovered:
        raise ValidationError("These regions are dark already: keep them.")
    image.frame_sha256, image.frame_file = copy.sha256, copy.name
    image.description = copy.description
    image.save(update_fields=["frame_sha256", "frame_file", "description"])
    scan, _ = TextScan.objects.get_or_create(
        image=image,
        frame_sha256=copy.sha256,
        defaults={"uncovered": uncovered, "asked_by": actor},
    )
    record(
        actor=actor,
        verb="image.blanked",
        subject=f"{image.case.collection.name}/{image.case.code}",
        detail={
            "image": image.pk,
            "regions": [_sides(each) for each in regions],
            "before": uncovered,
            "after": copy.sha256,
        },
    )
    ring_on_commit(TextScan.objects.filter(pk=scan.pk).waiting())
    transaction.on_commit(lambda: remove_uncovered(uncovered))
    return image


@transaction.atomic
def pass_unwritten(
    *, collection: Collection, actor: User, shown: Mapping[int, str]
) -> int:
    """Note that a person looked at images in which nothing was found; how many.

    shown   the frame's SHA-256 that was shown, by the image's id
    """
    images = Image.objects.filter(case__collection=collection, pk__in=shown)
    unwritten = images.filter(is_scanned(), ~is_looked_at(), ~is_written())
    looks = [
        LookedAt(image=image, frame_sha256=image.frame_sha256, by=actor)
        for image in unwritten
        if shown[image.pk] == image.frame_sha256
    ]
    LookedAt.objects.bulk_create(looks, ignore_conflicts=True)
    if looks:
        record(
            actor=actor,
            verb="collection.looked_at",
            subject=collection.name,
            detail={"images": len(looks)},
        )
    return len(looks)
