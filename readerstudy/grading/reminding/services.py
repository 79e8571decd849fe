"""Writing, queueing and sending reminders."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, get_connection
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from readerstudy.accounts.models import User
from readerstudy.audit.services import record
from readerstudy.grading.dashboard.rows import Row, dashboard_rows
from readerstudy.grading.models import Reminder
from readerstudy.letters import in_every_language
from readerstudy.studies.models import Membership, Study
from readerstudy.work import leases

# Filled in for each reader.
PLACES = ("{name}", "{graded}", "{total}", "{study}", "{end}")


def subject() -> str:
    return in_every_language(lambda: _("Your reader study waits for you"), " / ")


def usual_text(study: Study) -> str:
    """What a reminder says unless a coordinator writes something else."""
    return in_every_language(lambda: "\n\n".join(_paragraphs(study)))


def _paragraphs(study: Study) -> Iterator[str]:
    site = settings.SITE_URL
    where = (
        _("Sign in here: {site}").format(site=site) if site else _("Please sign in.")
    )
    yield _("Dear {name},")
    yield _("you have graded {graded} of {total} reports in the study “{study}”.")
    if study.ends_on:
        yield _("Reading is planned to end on {end}.")
    left_off = _("You go on where you left off.")
    yield f"{where} {left_off}"
    yield _("Thank you.")


def filled(text: str, row: Row) -> str:
    """The text for one reader."""
    study = row.reader.study
    values = (
        str(row.reader.user),
        str(row.progress.graded),
        str(row.progress.total),
        study.title,
        f"{study.ends_on:%Y-%m-%d}" if study.ends_on else "",
    )
    for place, value in zip(PLACES, values, strict=True):
        text = text.replace(place, value)
    return text


def reason_against(row: Row) -> str:
    """Why a reader gets no reminder now; empty where one may be sent."""
    today = timezone.now().date()
    if against := _nothing_to_say(row):
        return against
    if row.reminded_on == today:
        return "was reminded today"
    return ""


def _nothing_to_say(row: Row) -> str:
    """Why a letter to a reader would say what is not so; else empty."""
    if not row.reader.may_read:
        return "cannot read now"
    if not row.progress.missing:
        return "is done"
    if not row.is_behind:
        return "waits for the next session"
    if not row.reader.user.email:
        return "has no e-mail address"
    return ""


@transaction.atomic
def remind(
    *, study: Study, actor: User | None, readers: Sequence[Membership], text: str
) -> list[Reminder]:
    """Queue a reminder for readers who are behind; refuse those who are not."""
    if not study.is_open:
        raise ValidationError("Readers are reminded while a study is open for reading.")
    if not text.strip():
        raise ValidationError({"text": "Write something."})
    chosen = {reader.pk for reader in readers}
    rows = [row for row in dashboard_rows(study) if row.reader.pk in chosen]
    refused = [
        f"{row.reader.reader_code} {against}."
        for row in rows
        if (against := reason_against(row))
    ]
    if refused or not rows:
        raise ValidationError(refused or ["Choose at least one reader."])
    return [_queue(row, actor, text) for row in rows]


def _queue(row: Row, actor: User | None, text: str) -> Reminder:
    """One letter to one reader; raises ValidationError for a second one of a day."""
    today = timezone.now().date()
    try:
        with transaction.atomic():
            reminder = Reminder.objects.create(
                reader=row.reader, on=today, text=filled(text, row), asked_by=actor
            )
    except IntegrityError as problem:
        raise ValidationError(
            f"{row.reader.reader_code} was reminded today."
        ) from problem
    record(
        actor=actor,
        verb="reader.reminded",
        stream=row.reader.study.code,
        subject=row.reader.reader_code,
        detail={"reminder": reminder.pk},
    )
    leases.ring_on_commit(Reminder.objects.filter(pk=reminder.pk))
    return reminder


def do(claimed: leases.Claim) -> None:
    """Send what a worker has taken; a failure of the mail server reaches the row.

    A server that cannot be reached is tried again. Once the letter is on its way it is
    not: a second letter would be worse than none.
    """
    reminder = Reminder.objects.select_related("reader__user", "reader__study").get(
        pk=claimed.id
    )
    server = get_connection()
    server.open()
    try:
        if _may_send(claimed, reminder):
            address = reminder.reader.user.email
            EmailMessage(
                subject(), reminder.text, to=[address], connection=server
            ).send()
            _end(claimed, "")
    finally:
        server.close()


def _may_send(claimed: leases.Claim, reminder: Reminder) -> bool:
    """Mark a letter as on its way; end the work where it must not be sent."""
    if reminder.sending_at is not None:
        _end(
            claimed,
            "It was handed to the mail server, and nobody knows whether it arrived; "
            "it is not sent again.",
        )
        return False
    rows = dashboard_rows(reminder.reader.study)
    row = next(row for row in rows if row.reader.pk == reminder.reader_id)
    if against := _nothing_to_say(row):
        _end(claimed, f"Not sent: {row.reader.reader_code} {against}.")
        return False
    return bool(leases.held(claimed).update(sending_at=timezone.now()))


@transaction.atomic
def _end(claimed: leases.Claim, failure: str) -> None:
    """Mark the row as done, or as failed for good with what is said."""
    held: Reminder | None = leases.held(claimed).select_for_update().first()
    if held is None:
        return
    if failure:
        leases.give_up(held, failure)
    else:
        leases.finish(held)
    held.save()


def remind_the_idle() -> int:
    """Remind everybody whose study asks for it and who has not read for so long."""
    sent = 0
    now = timezone.now()
    for study in Study.objects.filter(
        state=Study.State.OPEN, reminder_days__isnull=False
    ):
        patience = timedelta(days=study.reminder_days or 0)
        for row in dashboard_rows(study):
            seen = row.last_seen or study.opened_at
            last = Reminder.objects.of_reader(row.reader).first()
            is_recent = seen is None or now - seen < patience
            if last is not None and now - last.created_at < patience:
                is_recent = True
            if not is_recent and not reason_against(row):
                try:
                    with transaction.atomic():
                        _queue(row, None, usual_text(study))
                except ValidationError:
                    continue  # another worker was quicker
                sent += 1
    return sent
