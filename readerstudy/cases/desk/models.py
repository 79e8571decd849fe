"""What people said of the cases of a collection, and how it was before they said it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class BulkChange(models.Model):
    """One change of many cases at once, with what stood before it.

    before   rows [case, image or None, value before] by primary key
    """

    class What(models.TextChoices):
        VIEW = "view", "View"
        STRATUM = "stratum", "Stratum"
        CHOICE = "choice", "Radiograph that is read"

    collection = models.ForeignKey("cases.Collection", on_delete=models.CASCADE)
    what = models.CharField(max_length=8, choices=What)
    value = models.CharField(max_length=20)
    before = models.JSONField()
    changed = models.PositiveIntegerField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    made_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.what} of {self.changed} cases of {self.collection}"

    @property
    def words(self) -> str:
        """The value in words."""
        return self.value.replace("_", " ")


class SetAside(models.Model):
    """A case that no study may draw, since it shows what another case shows too."""

    case = models.OneToOneField(
        "cases.Case", on_delete=models.CASCADE, related_name="set_aside"
    )
    reason = models.CharField(max_length=200)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.case} is set aside"


class ToldApart(models.Model):
    """Two images that look alike, of which a person said that they are different."""

    first = models.ForeignKey("cases.Image", on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(
        "cases.Image", on_delete=models.CASCADE, related_name="+"
    )
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "told apart"
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="told_apart_once"),
            models.CheckConstraint(
                condition=Q(first__lt=F("second")), name="told_apart_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first} is not {self.second}"
