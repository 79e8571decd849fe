"""What stands in the record of a study for good."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Unblinding(models.Model):
    """Results opened before the study was closed: by whom and why. Never altered."""

    study = models.OneToOneField("studies.Study", on_delete=models.PROTECT)
    reason = models.TextField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="unblinding_for_a_reason", condition=~Q(reason="")
            ),
        ]

    def __str__(self) -> str:
        return f"early unblinding of {self.study}"
