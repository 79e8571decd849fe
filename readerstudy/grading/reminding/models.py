"""A reminder: one letter to one reader, at most one a day."""

from django.conf import settings
from django.db import models

from readerstudy.studies.models import Membership
from readerstudy.work.models import Work, WorkQuerySet


class ReminderQuerySet(WorkQuerySet["Reminder"]):
    def of_reader(self, reader: Membership) -> "ReminderQuerySet":
        """A reader's reminders, newest first."""
        return self.filter(reader=reader).order_by("-id")


class Reminder(Work):
    """What a worker sends. `asked_by` is None where the study itself reminds.

    sending_at   when the letter was handed to the mail server; whatever became of it,
                 it is handed over no second time
    """

    bell = "grading.remind"
    is_awaited = True

    reader = models.ForeignKey(Membership, on_delete=models.PROTECT)
    on = models.DateField()
    text = models.TextField()
    sending_at = models.DateTimeField(null=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = ReminderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reader", "on"], name="one_reminder_a_day")
        ]

    def __str__(self) -> str:
        return f"reminder to {self.reader} on {self.on}"
