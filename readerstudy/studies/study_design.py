"""Who reads what: the design, as part of the protocol.

The randomiser deals by it, the planning page works out power for it, and the statistics
know from it which rows were planned.
"""

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

# The design as it stands in the locked protocol; the names are the fields'.
DESIGN = (
    "allocation",
    "reader_groups",
    "anchor_cases",
    "arm_order",
    "hidden_repeats",
)


class StudyDesign(models.Model):
    """The allocation of reports to readers, as fields of a study; fixed at the freeze.

    reader_groups   of a split plot: each group has cases of its own
    anchor_cases    of a split plot: cases that every group reads
    hidden_repeats  reads of each reader's list that come again, unannounced
    """

    class Allocation(models.TextChoices):
        CROSSED = "crossed", gettext_lazy("Every reader reads every report")
        SPLIT_PLOT = "split_plot", gettext_lazy("Groups of readers share the cases out")
        ONE_REPORT = "one_report", gettext_lazy("One report per radiograph and reader")

    class ArmOrder(models.TextChoices):
        MIXED = "mixed", gettext_lazy("Arms mixed in every round, as in the paper")
        WILLIAMS = "williams", gettext_lazy("One arm a round, in Williams orders")

    allocation = models.CharField(
        max_length=10, choices=Allocation, default=Allocation.CROSSED
    )
    reader_groups = models.PositiveSmallIntegerField(
        default=2,
        validators=[MinValueValidator(2), MaxValueValidator(50)],
        help_text="Each group reads cases of its own.",
    )
    anchor_cases = models.PositiveIntegerField(
        default=0, help_text="Cases that every reader reads, whatever the group."
    )
    arm_order = models.CharField(max_length=8, choices=ArmOrder, default=ArmOrder.MIXED)
    hidden_repeats = models.PositiveSmallIntegerField(
        default=0,
        validators=[MaxValueValidator(500)],
        help_text="Reports of a reader's list that come again, unannounced.",
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="study_allocation_known",
                condition=Q(allocation__in=["crossed", "split_plot", "one_report"]),
            ),
            models.CheckConstraint(
                name="study_arm_order_known",
                condition=Q(arm_order__in=["mixed", "williams"]),
            ),
        ]

    @property
    def design(self) -> dict[str, Any]:
        """The design in plain JSON, for the locked protocol."""
        return {name: getattr(self, name) for name in DESIGN}
