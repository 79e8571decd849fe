"""The search for burned-in text: asked for by image, done by a worker."""

from collections.abc import Sequence

import numpy as np
from django.db import transaction
from django.db.models import F

from readerstudy.accounts.models import User
from readerstudy.audit.services import record
from readerstudy.cases.deidentification.frames_left import remove_uncovered
from readerstudy.cases.deidentification.models import LookedAt, TextRegion, TextScan
from readerstudy.cases.deidentification.ocr import readings_of
from readerstudy.cases.deidentification.regions import Box, Region, regions_of
from readerstudy.cases.models import Collection, Image
from readerstudy.cases.services import rendered_image
from readerstudy.work import leases
from readerstudy.work.worker import patiently

# Two rectangles that share this much stand around the same words.
SAME = 0.5


@transaction.atomic
def ask_for_scans(*, collection: Collection, actor: User | None) -> int:
    """Queue a search of every image that was not searched as it is now.

    Those that failed are tried again. Returns how many are queued.
    """
    images = Image.objects.filter(case__collection=collection)
    there = TextScan.objects.current().filter(image__in=images)
    again = leases.queue_anew(there.filter(status=TextScan.Status.FAILED))
    missing = images.exclude(pk__in=there.values("image"))
    new = TextScan.objects.bulk_create(
        [
            TextScan(image=image, frame_sha256=image.frame_sha256, asked_by=actor)
            for image in missing.only("pk", "frame_sha256")
        ],
        ignore_conflicts=True,
        batch_size=1000,
    )
    if new or again:
        record(
            actor=actor,
            verb="collection.text_searched",
            subject=collection.name,
            detail={"images": len(new) + again},
        )
    leases.ring_on_commit(there.all().waiting().filter(rung_at=None))
    return len(new) + again


def scan(claimed: leases.Claim) -> None:
    """Search one frame, and keep where something is written; what it says is not."""
    scans = TextScan.objects.select_related("image__case")
    row = patiently(lambda: scans.get(pk=claimed.id))
    patiently(lambda: remove_uncovered(row.uncovered))
    found: list[Region] = []
    if row.frame_sha256 == row.image.frame_sha256:
        picture, _ = patiently(lambda: rendered_image(row.image))
        readings = readings_of(np.asarray(picture))
        found = regions_of(readings, rows=row.image.rows, columns=row.image.columns)
    patiently(lambda: store(claimed, found))


@transaction.atomic
def store(claimed: leases.Claim, found: Sequence[Region]) -> None:
    """Keep what a search found, once; what was kept before stays kept in a copy."""
    row = leases.held(claimed).select_for_update().first()
    if row is None:
        return
    kept = _kept_before(row)
    regions = [_row(row, region, kept) for region in found]
    TextRegion.objects.bulk_create(regions)
    if not all(region.decision for region in regions):
        # Whoever passed the image before had not been shown these.
        LookedAt.objects.filter(
            image=row.image_id, frame_sha256=row.frame_sha256
        ).delete()
    row.found = len(found)
    leases.finish(row)
    row.save()


def _kept_before(scan: TextScan) -> list[TextRegion]:
    """What a person kept in the frame that this one is a copy of."""
    before = TextRegion.objects.filter(image=scan.image_id, decision="keep")
    return list(before.filter(frame_sha256=scan.uncovered)) if scan.uncovered else []


def _row(scan: TextScan, region: Region, kept: Sequence[TextRegion]) -> TextRegion:
    """A region's row; what was kept in the uncovered frame is kept in its copy."""
    row = TextRegion(
        image_id=scan.image_id,
        frame_sha256=scan.frame_sha256,
        left=region.box.left,
        top=region.box.top,
        width=region.box.width,
        height=region.box.height,
        place=region.place,
        marker=region.marker,
        holds_marker=region.holds_marker,
        letters=region.letters,
        score=region.score,
    )
    for before in kept:
        if box_of(before).overlap(region.box) >= SAME:
            row.decision, row.decided_at = before.decision, before.decided_at
            row.decided_by = before.decided_by
    return row


def box_of(region: TextRegion) -> Box:
    """A stored region's rectangle."""
    return Box(region.left, region.top, region.width, region.height)


def failures(collection: Collection) -> list[TextScan]:
    """Searches of images as they are now that failed for good, the first few."""
    failed = TextScan.objects.filter(
        image__case__collection=collection,
        frame_sha256=F("image__frame_sha256"),
        status=TextScan.Status.FAILED,
    )
    return list(failed.select_related("image__case").order_by("pk")[:10])
