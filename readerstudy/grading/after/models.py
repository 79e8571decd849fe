"""The guess at the sources: a sheet a session, opened once, filled in once."""

from django.db import models
from django.db.models import Q

from readerstudy.presentation.models import Slot
from readerstudy.studies.models import Membership, Study


class GuessSheetQuerySet(models.QuerySet["GuessSheet"]):
    def of_slot(self, slot: Slot) -> "GuessSheetQuerySet":
        """The sheet of the session to which a slot belongs."""
        return self.filter(reader=slot.reader_id, session=slot.session)


class GuessSheet(models.Model):
    """A session's sheet. Once it is opened, the session's grades stand."""

    reader = models.ForeignKey(Membership, on_delete=models.PROTECT)
    session = models.PositiveSmallIntegerField()
    opened_at = models.DateTimeField(auto_now_add=True)

    objects = GuessSheetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reader", "session"], name="guess_sheet_once"
            )
        ]

    def __str__(self) -> str:
        return f"guesses of {self.reader} after session {self.session}"


class SourceGuessQuerySet(models.QuerySet["SourceGuess"]):
    def of_study(self, study: Study) -> "SourceGuessQuerySet":
        """All guesses of a study's readers."""
        return self.filter(sheet__reader__study=study)


class SourceGuess(models.Model):
    """Whom a reader takes for the author of one report, and how surely, 1 to 5."""

    class Source(models.TextChoices):
        PERSON = "person", "A person"
        MODEL = "model", "A model"

    sheet = models.ForeignKey(
        GuessSheet, on_delete=models.PROTECT, related_name="guesses"
    )
    slot = models.OneToOneField(Slot, on_delete=models.PROTECT)
    source = models.CharField(max_length=8, choices=Source)
    confidence = models.PositiveSmallIntegerField()
    at = models.DateTimeField(auto_now_add=True)

    objects = SourceGuessQuerySet.as_manager()

    class Meta:
        ordering = ["slot__position"]
        constraints = [
            models.CheckConstraint(
                name="guess_source_known", condition=Q(source__in=["person", "model"])
            ),
            models.CheckConstraint(
                name="guess_confidence_1_to_5",
                condition=Q(confidence__gte=1, confidence__lte=5),
            ),
        ]

    def __str__(self) -> str:
        return f"guess on {self.slot}"
