"""The case: one patient's radiograph with its context, and the cases of a study."""

from django.db import models
from django.db.models import Count, F, Q

from readerstudy.cases.case_sets.models import CaseExclusion as CaseExclusion

# Django looks for an app's models here.
from readerstudy.cases.deidentification.models import HeaderRecord as HeaderRecord
from readerstudy.cases.deidentification.models import LookedAt as LookedAt
from readerstudy.cases.deidentification.models import TextRegion as TextRegion
from readerstudy.cases.deidentification.models import TextScan as TextScan
from readerstudy.cases.desk.models import BulkChange as BulkChange
from readerstudy.cases.desk.models import SetAside as SetAside
from readerstudy.cases.desk.models import ToldApart as ToldApart
from readerstudy.cases.intake.models import DeliveredFile as DeliveredFile
from readerstudy.cases.intake.models import Delivery as Delivery
from readerstudy.studies.models import Study


class CollectionQuerySet(models.QuerySet["Collection"]):
    def counted(self) -> "CollectionQuerySet":
        """With the number of cases, by stratum and of those that have no image."""
        return self.annotate(
            cases=Count("case"),
            normal=Count("case", filter=Q(case__stratum="normal")),
            abnormal=Count("case", filter=Q(case__stratum="abnormal")),
            unknown=Count("case", filter=Q(case__stratum="unknown")),
            without_image=Count("case", filter=Q(case__image=None)),
        )


class Collection(models.Model):
    """Cases that were imported together, under a name.

    dates_fixed_at   when the first file came in; the choice of dates stands from then
    """

    class Dates(models.TextChoices):
        DROPPED = "dropped", "Dropped"
        SHIFTED = "shifted", "Shifted by each patient's own number of days"

    name = models.CharField(max_length=80, unique=True)
    dates = models.CharField(max_length=8, choices=Dates, default=Dates.DROPPED)
    dates_fixed_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CollectionQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class CaseQuerySet(models.QuerySet["Case"]):
    def of_study(self, study: Study) -> "CaseQuerySet":
        """The cases drawn for a study, in the order of their codes."""
        return self.filter(studycase__case_set__study=study).order_by("code")


class Case(models.Model):
    """One examination. `image` is the one radiograph that readers and models see."""

    class Stratum(models.TextChoices):
        NORMAL = "normal", "Normal"
        ABNORMAL = "abnormal", "Abnormal"
        UNKNOWN = "unknown", "Unknown"

    collection = models.ForeignKey(Collection, on_delete=models.PROTECT)
    code = models.CharField(max_length=120)
    stratum = models.CharField(max_length=8, choices=Stratum, default=Stratum.UNKNOWN)
    indication = models.TextField(blank=True)
    image = models.ForeignKey(
        "Image", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    image_was_chosen = models.BooleanField(
        default=False, help_text="A person chose the image; imports leave it alone."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["collection", "code"], name="case_code_once"
            )
        ]

    def __str__(self) -> str:
        return self.code


class ImageQuerySet(models.QuerySet["Image"]):
    def beside_the_read_one(self) -> "ImageQuerySet":
        """What stands beside the radiograph that is read: laterals, then priors."""
        shown = Q(is_prior=True) | Q(view=Image.View.LATERAL)
        return self.filter(shown).order_by("is_prior", "id")

    def not_looked_at(self) -> "ImageQuerySet":
        """Those whose look and flags tell of other pixels, or of none yet."""
        return self.exclude(looked_sha256=F("frame_sha256"))


class Image(models.Model):
    """One radiograph of a case as a canonical 16-bit frame (frames.py)."""

    class View(models.TextChoices):
        FRONTAL = "frontal", "Frontal"
        LATERAL = "lateral", "Lateral"
        UNKNOWN = "unknown", "Unknown"

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="images")
    name = models.CharField(max_length=200)
    view = models.CharField(max_length=8, choices=View, default=View.UNKNOWN)
    view_reason = models.CharField(max_length=200, blank=True)
    is_prior = models.BooleanField(
        default=False,
        help_text="An earlier examination, for comparison; never the one that is read.",
    )
    source_sha256 = models.CharField(max_length=64, db_index=True)
    frame_sha256 = models.CharField(max_length=64)
    frame_file = models.FileField(upload_to="frames/", max_length=200)
    rows = models.PositiveIntegerField()
    columns = models.PositiveIntegerField()
    description = models.JSONField(
        help_text="The frame without its pixels: windows, spacing, slope, intercept."
    )
    header = models.JSONField(
        default=dict, help_text="Allow-listed header elements; nothing identifying."
    )
    look = models.CharField(
        max_length=64, blank=True, help_text="How it looks; see desk/looks.py."
    )
    flags = models.JSONField(
        default=dict, blank=True, help_text="Reasons by flag; desk/flags.py."
    )
    looked_sha256 = models.CharField(
        max_length=64, blank=True, help_text="The frame that look and flags tell of."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ImageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "source_sha256"], name="image_once_per_case"
            )
        ]

    def __str__(self) -> str:
        return self.name


class CaseSet(models.Model):
    """How the cases of a study are drawn from a collection.

    A size of None takes every case of that stratum. What the draw started from is kept
    as it was then, so that it can be made again:

    available   candidates by stratum, counted; `candidates` has their codes
    left_out    what kept the other cases of the collection out, with counts
    excluded    those that a person had excluded before the draw
    is_locked   the study is frozen: triggers refuse every change of its cases
    """

    study = models.OneToOneField(Study, on_delete=models.CASCADE)
    collection = models.ForeignKey(Collection, on_delete=models.PROTECT)
    normal = models.PositiveIntegerField(null=True, blank=True)
    abnormal = models.PositiveIntegerField(null=True, blank=True)
    unknown = models.PositiveIntegerField(null=True, blank=True)
    seed = models.PositiveBigIntegerField(default=1)
    available = models.JSONField(default=dict)
    filters = models.JSONField(default=dict)
    collection_cases = models.PositiveIntegerField(null=True)
    candidates = models.JSONField(default=dict)
    left_out = models.JSONField(default=list)
    excluded = models.JSONField(default=list)
    is_locked = models.BooleanField(default=False, editable=False)
    drawn_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"cases of {self.study}"


class StudyCase(models.Model):
    """One case drawn for one study."""

    case_set = models.ForeignKey(CaseSet, on_delete=models.CASCADE)
    case = models.ForeignKey(Case, on_delete=models.PROTECT)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case_set", "case"], name="case_once_per_study"
            )
        ]

    def __str__(self) -> str:
        return f"{self.case} in {self.case_set}"
