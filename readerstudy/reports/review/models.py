"""Who has looked at what the patterns list, and who signed a collection off."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from readerstudy.cases.models import Collection


class TextReview(models.Model):
    """A person has looked at one kind of finding in one source's texts.

    source   None: the indications of the cases
    digest   of the findings that were there; others that come later are not covered
    """

    collection = models.ForeignKey(Collection, on_delete=models.PROTECT)
    source = models.ForeignKey("reports.Source", on_delete=models.PROTECT, null=True)
    kind = models.CharField(max_length=12)
    findings = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["collection", "source"])]

    def __str__(self) -> str:
        return f"{self.by} looked at {self.kind} in {self.collection}"


class SignOffQuerySet(models.QuerySet["SignOff"]):
    def newest(self, collection: Collection) -> "SignOff | None":
        """A collection's last sign-off; one query."""
        made = self.filter(collection=collection).select_related("by")
        return made.order_by("-pk").first()


class SignOff(models.Model):
    """A person answers for a collection as it was. Never altered.

    digest         SHA-256 of the state that it covers; another state is not covered
    state          the numbers of that state, for the record
    without_scan   why no search for burned-in text was made; empty where one was
    """

    collection = models.ForeignKey(
        Collection, on_delete=models.PROTECT, related_name="sign_offs"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    at = models.DateTimeField(auto_now_add=True)
    statement = models.TextField()
    without_scan = models.TextField(blank=True)
    digest = models.CharField(max_length=64)
    state = models.JSONField(default=dict)

    objects = SignOffQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="sign_off_states_something", condition=~Q(statement="")
            )
        ]

    def __str__(self) -> str:
        return f"{self.collection} signed off by {self.by}"
