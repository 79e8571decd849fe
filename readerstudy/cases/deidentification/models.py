"""What was removed from each file, and what was found written in its picture."""

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from readerstudy.work.models import Work, WorkQuerySet


class HeaderRecord(models.Model):
    """What of one file's header was removed or replaced. Never altered; no values.

    elements   rows of tag, sequence, name, value representation, action, count
    further    how many elements there were beyond those listed
    trailing   bytes behind the picture
    """

    image = models.OneToOneField(
        "cases.Image", on_delete=models.CASCADE, related_name="header_record"
    )
    profile = models.CharField(max_length=40)
    software = models.CharField(max_length=40)
    dates = models.CharField(max_length=8)
    elements = models.JSONField(default=list)
    further = models.PositiveIntegerField(default=0)
    trailing = models.PositiveBigIntegerField(default=0)
    original_is_kept = models.BooleanField(default=False)
    made_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.profile} on {self.image}"

    @property
    def count(self) -> int:
        """How many elements were removed or replaced."""
        listed: int = sum(row[5] for row in self.elements)
        return self.further + listed


class TextScanQuerySet(WorkQuerySet["TextScan"]):
    def current(self) -> "TextScanQuerySet":
        """The scans of the frames that are shown now."""
        return self.filter(frame_sha256=F("image__frame_sha256"))


class TextScan(Work):
    """A search for burned-in text in one frame of an image.

    uncovered   SHA-256 of the frame of which this one is the blanked copy; its pixels
                are removed
    found       how many regions, markers among them
    """

    bell = "cases.scan_for_text"

    image = models.ForeignKey(
        "cases.Image", on_delete=models.CASCADE, related_name="text_scans"
    )
    frame_sha256 = models.CharField(max_length=64)
    uncovered = models.CharField(max_length=64, blank=True)
    found = models.PositiveIntegerField(default=0)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True
    )

    objects = TextScanQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["image", "frame_sha256"], name="frame_scanned_once"
            )
        ]

    def __str__(self) -> str:
        return f"search for text in {self.image}: {self.status}"


class TextRegionQuerySet(models.QuerySet["TextRegion"]):
    def current(self) -> "TextRegionQuerySet":
        """The regions of the frames that are shown now, from top to bottom."""
        shown = self.filter(frame_sha256=F("image__frame_sha256"))
        return shown.order_by("top", "left", "pk")


class TextRegion(models.Model):
    """A rectangle of one frame in which something is written. What, is not kept.

    marker       the side or technique that it names, where it names nothing else
    holds_marker it names one, and something else beside it
    letters      how many characters were read
    score        how sure the reading is, 0 to 1; empty for what a person drew
    """

    class Place(models.TextChoices):
        BORDER = "border", "Near the border"
        INSIDE = "inside", "Inside the image"
        HAND = "hand", "Drawn by hand"

    class Decision(models.TextChoices):
        BLANK = "blank", "Blank"
        KEEP = "keep", "Keep"

    image = models.ForeignKey(
        "cases.Image", on_delete=models.CASCADE, related_name="text_regions"
    )
    frame_sha256 = models.CharField(max_length=64)
    left = models.PositiveIntegerField()
    top = models.PositiveIntegerField()
    width = models.PositiveIntegerField(validators=[MinValueValidator(1)])
    height = models.PositiveIntegerField(validators=[MinValueValidator(1)])
    place = models.CharField(max_length=8, choices=Place)
    marker = models.CharField(max_length=40, blank=True)
    holds_marker = models.BooleanField(default=False)
    letters = models.PositiveIntegerField(default=0)
    score = models.FloatField(null=True)
    decision = models.CharField(max_length=8, choices=Decision, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True
    )
    decided_at = models.DateTimeField(null=True)

    objects = TextRegionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="region_has_an_area", condition=Q(width__gt=0, height__gt=0)
            )
        ]
        indexes = [models.Index(fields=["image", "frame_sha256"])]

    def __str__(self) -> str:
        place = f"{self.width} x {self.height} at {self.left}, {self.top}"
        return f"{place} of {self.image}"

    @property
    def proposed(self) -> str:
        """What is proposed: nothing for what lies inside, or names a side as well."""
        if self.marker:
            return self.Decision.KEEP
        if self.holds_marker or self.place == self.Place.INSIDE:
            return ""
        return self.Decision.BLANK


class LookedAtQuerySet(models.QuerySet["LookedAt"]):
    def of_images(self) -> "LookedAtQuerySet":
        """For a subquery: of the outer query's image as it is now."""
        return self.filter(image=OuterRef("pk"), frame_sha256=OuterRef("frame_sha256"))


class LookedAt(models.Model):
    """A person has looked at a frame and decided on all that is written in it."""

    image = models.ForeignKey(
        "cases.Image", on_delete=models.CASCADE, related_name="looks"
    )
    frame_sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    at = models.DateTimeField(auto_now_add=True)

    objects = LookedAtQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["image", "frame_sha256"], name="frame_looked_at_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.by} looked at {self.image}"


def is_looked_at() -> Exists:
    """Whether the outer query's image was looked at as it is now."""
    return Exists(LookedAt.objects.of_images())


def is_scanned() -> Exists:
    """Whether the search through the outer query's image, as it is now, is over."""
    return Exists(
        TextScan.objects.filter(
            image=OuterRef("pk"),
            frame_sha256=OuterRef("frame_sha256"),
            status=Work.Status.DONE,
        )
    )


def is_written() -> Exists:
    """Whether the outer query's image, as it is now, has a region."""
    return Exists(
        TextRegion.objects.filter(
            image=OuterRef("pk"), frame_sha256=OuterRef("frame_sha256")
        )
    )
