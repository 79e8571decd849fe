"""How far a collection's de-identification is, in numbers."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from readerstudy.cases.deidentification.models import (
    TextRegion,
    TextScan,
    is_looked_at,
    is_scanned,
    is_written,
)
from readerstudy.cases.models import Collection, Image


@dataclass(frozen=True)
class CollectionState:
    """Counts of a collection's images.

    scanned    searched for text as they are now
    written    searched, and something was found in them or marked by hand
    looked_at  passed by a person as they are now
    undecided  regions on which nobody has decided
    uncovered  regions that are to be blanked and are not yet
    blanked    images that are blanked copies
    waiting    searches that wait or run
    failed     searches that failed for good
    """

    images: int
    scanned: int
    written: int
    looked_at: int
    undecided: int
    uncovered: int
    blanked: int
    waiting: int
    failed: int

    @property
    def unscanned(self) -> int:
        """Images that were never searched as they are now."""
        return self.images - self.scanned

    @property
    def not_looked_at(self) -> int:
        """Images that nobody has passed."""
        return self.images - self.looked_at


def state_of(collection: Collection) -> CollectionState:
    """Count; a handful of queries."""
    images = images_of(collection)
    scans = TextScan.objects.current().filter(image__case__collection=collection)
    by_status = scans.aggregate(
        waiting=Count("pk", filter=Q(status__in=TextScan.UNFINISHED)),
        failed=Count("pk", filter=Q(status=TextScan.Status.FAILED)),
    )
    regions = TextRegion.objects.current().filter(image__case__collection=collection)
    return CollectionState(
        images=images.count(),
        scanned=images.filter(is_scanned()).count(),
        written=images.filter(is_written()).count(),
        looked_at=images.filter(is_looked_at()).count(),
        undecided=regions.filter(decision="").count(),
        # What was blanked is of a frame that is shown no more.
        uncovered=regions.filter(decision=TextRegion.Decision.BLANK).count(),
        blanked=TextScan.objects.current()
        .filter(image__case__collection=collection)
        .exclude(uncovered="")
        .count(),
        **by_status,
    )


def images_of(collection: Collection) -> QuerySet[Image]:
    """A collection's images in the order of their cases' codes."""
    images = Image.objects.filter(case__collection=collection)
    return images.select_related("case").order_by("case__code", "pk")


def unwritten(collection: Collection) -> QuerySet[Image]:
    """Images in which nothing was found and at which nobody has looked yet."""
    return images_of(collection).filter(is_scanned(), ~is_looked_at(), ~is_written())


def written(collection: Collection) -> QuerySet[Image]:
    """Images with something written in them, those first that wait for a decision."""
    found = images_of(collection).filter(is_written())
    return found.annotate(is_passed=is_looked_at()).order_by(
        "is_passed", "case__code", "pk"
    )
