"""A delivery: files that come into a collection together, from wherever they come.

A browser uploads them, a folder of the server holds them, a PACS is asked for them, or
a modality sends them; what happens to each is the same, and is told file by file.
"""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Count, Q, Sum
from django.db.models.functions import Now

from readerstudy.cases.codes import PSEUDONYMISED
from readerstudy.work.models import Work, WorkQuerySet


class DeliveryQuerySet(WorkQuerySet["Delivery"]):
    def newest_first(self) -> "DeliveryQuerySet":
        """For lists."""
        return self.order_by("-pk")

    def over(self) -> "DeliveryQuerySet":
        """Nobody has them in hand, and nobody waits for more of their files."""
        return self.filter(status__in=(Work.Status.DONE, Work.Status.FAILED))

    def forsaken(self, age: timedelta) -> "DeliveryQuerySet":
        """Held or failed, and nobody has come back to them for so long."""
        left = self.filter(status__in=(Work.Status.HELD, Work.Status.FAILED))
        return left.filter(touched_at__lt=Now() - age)

    def counted(self) -> "DeliveryQuerySet":
        """With the numbers of files, of those to do, and of those refused."""
        to_do = Q(files__state=DeliveredFile.State.RECEIVED)
        refused = Q(files__state=DeliveredFile.State.REFUSED)
        imported = Q(files__state=DeliveredFile.State.IMPORTED)
        return self.annotate(
            file_count=Count("files"),
            imported_count=Count("files", filter=imported),
            refused_count=Count("files", filter=refused),
            to_do_count=Count("files", filter=to_do),
        )


class Delivery(Work):
    """Files for one collection. It is held back until all of them are there.

    options      what the layout needs: code_from, take_burned_in, the PACS's name, ...
    note         a sentence about the whole, where something is to be said
    waits_since  since when the bytes of a file cannot be had; None while they can
    touched_at   when somebody last did something with it
    told         how many files of an outcome the record of events tells of already
    names_forgotten_at  when the names of its files were replaced (forgetting.py)
    """

    bell = "cases.take_in"

    class Origin(models.TextChoices):
        UPLOAD = "upload", "Uploaded"
        FOLDER = "folder", "A folder of the server"
        DICOMWEB = "dicomweb", "A PACS by DICOMweb"
        C_STORE = "c_store", "Sent by C-STORE"

    class Layout(models.TextChoices):
        RADIOGRAPHS = "radiographs", "Radiographs: DICOM, PNG or JPEG"
        OPENI = "openi", "Open-i: radiographs with XML reports"
        MIMIC = "mimic", "MIMIC-CXR: studies in folders, with text reports"

    collection = models.ForeignKey("cases.Collection", on_delete=models.PROTECT)
    origin = models.CharField(max_length=8, choices=Origin)
    layout = models.CharField(max_length=12, choices=Layout, default=Layout.RADIOGRAPHS)
    options = models.JSONField(default=dict)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True
    )
    note = models.CharField(max_length=500, blank=True)
    waits_since = models.DateTimeField(null=True)
    touched_at = models.DateTimeField(auto_now=True)
    told = models.JSONField(default=dict)
    names_forgotten_at = models.DateTimeField(null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"

    def __str__(self) -> str:
        return f"delivery {self.pk} to {self.collection}"

    @property
    def standing(self) -> str:
        """How far it is, in words for people."""
        return _STANDINGS[Work.Status(self.status)]

    @property
    def is_held(self) -> bool:
        """Whether files still come."""
        return self.status == Work.Status.HELD

    @property
    def is_unfinished(self) -> bool:
        """Whether a worker has or will have it in hand."""
        return self.status in Work.UNFINISHED

    @property
    def is_secret(self) -> bool:
        """Whether its cases go by pseudonyms: a file's name could say who it is."""
        return self.options.get("code_from") in PSEUDONYMISED

    @property
    def comes_from_an_address(self) -> bool:
        """Whether its files lie elsewhere and are read from there, also again."""
        return self.origin in (self.Origin.FOLDER, self.Origin.DICOMWEB)


_STANDINGS = {
    Work.Status.HELD: "Waiting for its files",
    Work.Status.QUEUED: "Being taken in",
    Work.Status.RUNNING: "Being taken in",
    Work.Status.DONE: "Finished",
    Work.Status.FAILED: "Stopped",
}


class DeliveredFileQuerySet(models.QuerySet["DeliveredFile"]):
    def to_do(self) -> "DeliveredFileQuerySet":
        """What a worker still has to look at, in the order in which it comes to it."""
        to_do = self.filter(state=DeliveredFile.State.RECEIVED)
        return to_do.order_by("turn", "name")

    def missing(self) -> "DeliveredFileQuerySet":
        """Uploads that have not come whole, in the order of names."""
        return self.filter(state=DeliveredFile.State.EXPECTED).order_by("name")

    def warned(self) -> "DeliveredFileQuerySet":
        """Files that were taken although something is to be said about them."""
        return self.exclude(warnings=[])

    def counts(self) -> dict[str, Any]:
        """Numbers of files by state, and of bytes; one query."""
        by_state = {
            state: Count("pk", filter=Q(state=state))
            for state in DeliveredFile.State.values
        }
        # The sums first: a state is called "received" as well.
        return self.aggregate(
            files=Count("pk"),
            bytes=Sum("size", default=0),
            came=Sum("received", default=0),
            **by_state,
        )


class DeliveredFile(models.Model):
    """One file of a delivery, and what became of it.

    name      as people know it: its path within the delivery; an archive's member is
              "archive.zip/folder/member.dcm"
    address   where its bytes are: a path on the server, or the path of an instance of
              a PACS; empty for an upload, which lies in staging
    size      bytes; 0 where they are not known before
    mark      what its sender tells it by from others of its name and size
    received  bytes of an upload that are in staging
    archive   the file whose member this is; `address` is then its number in there
    key       by which the files of one examination find each other (layouts.py)
    turn      which kinds of files come first; their layout says so (layouts.py)
    tries     how often a worker stumbled over it, for no reason that it knows
    reason    why it was refused, in a sentence
    """

    class State(models.TextChoices):
        EXPECTED = "expected", "Waiting for its bytes"
        RECEIVED = "received", "Waiting for a worker"
        IMPORTED = "imported", "Imported"
        ALREADY_THERE = "there", "Already there"
        REFUSED = "refused", "Refused"
        SET_ASIDE = "aside", "Set aside"
        UNPACKED = "unpacked", "Unpacked"

    OVER = (
        State.IMPORTED,
        State.ALREADY_THERE,
        State.REFUSED,
        State.SET_ASIDE,
        State.UNPACKED,
    )

    delivery = models.ForeignKey(
        Delivery, on_delete=models.CASCADE, related_name="files"
    )
    name = models.CharField(max_length=500)
    address = models.CharField(max_length=1000, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    mark = models.CharField(max_length=100, blank=True)
    received = models.PositiveBigIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State, default=State.EXPECTED)
    sha256 = models.CharField(max_length=64, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    warnings = models.JSONField(default=list)
    case = models.ForeignKey("cases.Case", on_delete=models.SET_NULL, null=True)
    archive = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, related_name="members"
    )
    key = models.CharField(max_length=120, blank=True)
    turn = models.PositiveSmallIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)

    objects = DeliveredFileQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["delivery", "name"], name="delivered_once_by_name"
            )
        ]
        indexes = [
            # What a worker takes next is found without sorting the others.
            models.Index(
                fields=["delivery", "state", "turn", "name"], name="delivered_next"
            ),
            models.Index(fields=["delivery", "key"], name="delivered_by_key"),
            models.Index(fields=["archive", "state"], name="delivered_members"),
        ]

    def __str__(self) -> str:
        return self.name
