"""What is analysed: the part of the protocol that is decided before any grade is seen.

The comparison of success (A or B) between the arms is always made. What else is planned
is named here; a result that isn't named is labelled exploratory.
"""

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

# Names of further analyses, as they stand in the protocol and over the results.
ANALYSES: dict[str, object] = {
    "stringent": gettext_lazy("Stringent cut-point: A alone is a success"),
    "ordinal": gettext_lazy("Grades A to D as an ordered scale"),
    "strata": gettext_lazy("Strata, such as normal and abnormal cases"),
    "readers": gettext_lazy("Each reader alone, and each reader left out"),
    "sensitivity": gettext_lazy("Sensitivity: missing grades, other methods"),
    "agreement": gettext_lazy("Agreement between readers"),
    "repeats": gettext_lazy("Agreement of readers with themselves"),
    "time": gettext_lazy("Time on task"),
    "learning": gettext_lazy("Sessions, position and learning"),
    "errors": gettext_lazy("Marked errors by category"),
    "instruments": gettext_lazy("Answers beside the grade"),
    "preference": gettext_lazy("Preference in pairs"),
    "blinding": gettext_lazy("Guesses of the source: blinding indices"),
}
DEFAULT_ANALYSES = ("stringent", "agreement", "sensitivity")


def default_analyses() -> list[str]:
    """What is planned unless the protocol says otherwise."""
    return list(DEFAULT_ANALYSES)


def known_analyses(names: Any) -> None:
    """Refuse what is not a list of analyses, each named once."""
    if not isinstance(names, list) or len(set(map(str, names))) != len(names):
        raise ValidationError("Planned analyses are a list that names each one once.")
    if unknown := [name for name in names if name not in ANALYSES]:
        raise ValidationError(f"There is no analysis {unknown[0]}.")


class AnalysisPlan(models.Model):
    """The plan of the analysis, as fields of a study; fixed at the freeze."""

    class Outcome(models.TextChoices):
        SUCCESS = "success", gettext_lazy("Success: A or B, as in the paper")
        STRINGENT = "stringent", gettext_lazy("Stringent success: A alone")

    class Inference(models.TextChoices):
        HEADLINE = "headline", gettext_lazy("Both; the more cautious answer counts")
        FIXED = "fixed", gettext_lazy("These readers alone")
        RANDOM = "random", gettext_lazy("Readers like these")

    primary_outcome = models.CharField(
        max_length=10, choices=Outcome, default=Outcome.SUCCESS
    )
    reader_inference = models.CharField(
        max_length=10, choices=Inference, default=Inference.HEADLINE
    )
    planned_analyses = models.JSONField(
        default=default_analyses, blank=True, validators=[known_analyses]
    )
    alpha = models.DecimalField(
        max_digits=4,
        decimal_places=3,
        default=Decimal("0.05"),
        validators=[
            MinValueValidator(Decimal("0.001")),
            MaxValueValidator(Decimal("0.2")),
        ],
        help_text="The two-sided significance level; intervals of the main answer too.",
    )
    # What the planning page computed when its plan was kept; see analysis/planning.
    sample_size = models.JSONField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="study_primary_outcome_known",
                condition=Q(primary_outcome__in=["success", "stringent"]),
            ),
            models.CheckConstraint(
                name="study_reader_inference_known",
                condition=Q(reader_inference__in=["headline", "fixed", "random"]),
            ),
        ]

    @property
    def planned_titles(self) -> list[str]:
        """The further analyses as people read them."""
        return [str(ANALYSES[name]) for name in self.planned_analyses]

    @property
    def analysis_plan(self) -> dict[str, Any]:
        """The plan in plain JSON, for the locked protocol."""
        return {
            "primary_outcome": self.primary_outcome,
            "reader_inference": self.reader_inference,
            "planned": list(self.planned_analyses),
            "sample_size": self.sample_size,
        }
