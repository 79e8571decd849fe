"""What the worker does for reading: it sends reminders."""

from celery import shared_task

from readerstudy.grading.models import Reminder
from readerstudy.grading.reminding import services
from readerstudy.work.pulse import chore
from readerstudy.work.worker import carry_out

REMIND_EVERY_SECONDS = 600.0


@shared_task(name=Reminder.bell)
def remind(reminder_id: int) -> None:
    """Send a reminder, if nobody else has it."""
    carry_out(Reminder, reminder_id, services.do)


@shared_task(name="grading.remind_the_idle")
def remind_the_idle() -> None:
    """Queue reminders for everybody who has not read for so long."""
    services.remind_the_idle()


chore(remind_the_idle, every=REMIND_EVERY_SECONDS)
