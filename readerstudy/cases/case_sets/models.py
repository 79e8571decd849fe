"""What is left out of a study's cases, and why."""

from django.conf import settings
from django.db import models

from readerstudy.cases.case_sets.reasons import REASONS


class CaseExclusion(models.Model):
    """A case that a study does not read, by a person's decision.

    after_draw   it was excluded when the cases were drawn; the next draw knows it
    is_replaced  the next case of its stratum's ranking was asked for
    """

    study = models.ForeignKey("studies.Study", on_delete=models.CASCADE)
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT)
    reason = models.CharField(max_length=12, choices=list(REASONS.items()))
    note = models.CharField(max_length=300, blank=True)
    after_draw = models.BooleanField(default=False)
    is_replaced = models.BooleanField(default=False)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["study", "case"], name="case_excluded_once"
            ),
            models.CheckConstraint(
                condition=models.Q(after_draw=True) | models.Q(is_replaced=False),
                name="only_drawn_cases_are_replaced",
            ),
            models.CheckConstraint(
                condition=~models.Q(reason="other") | ~models.Q(note=""),
                name="another_reason_is_told",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case} is not read in {self.study}"

    @property
    def told(self) -> str:
        """The reason in words."""
        label = str(self.get_reason_display())
        return f"{label}: {self.note}" if self.note else label
