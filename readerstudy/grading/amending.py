"""Taking a grade up again: at once, or later as the protocol allows.

Nothing is taken away. The stored grade counts until a new version is submitted.
"""

import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from readerstudy.accounts.models import User
from readerstudy.audit.services import record
from readerstudy.grading.after.guessing import sheet_is_open
from readerstudy.grading.models import Grade, Reopening
from readerstudy.grading.path import taken_up_again
from readerstudy.grading.services import lock_page, reopened, require_open
from readerstudy.presentation.models import Slot
from readerstudy.studies.models import Study

# The key is pressed before the request arrives.
GRACE = datetime.timedelta(seconds=5)


class NotAllowed(ValidationError):
    """The protocol does not let this grade be changed."""


def undo_until(grade: Grade) -> datetime.datetime:
    """Until when a submitted grade can be taken back without more."""
    seconds = grade.slot.reader.study.undo_seconds
    return grade.submitted_at + datetime.timedelta(seconds=seconds)


def may_amend(slot: Slot) -> bool:
    """Whether the protocol lets a reader change the grade of a slot now."""
    study = slot.reader.study
    if not slot.reader.may_read or study.amending == Study.Amending.NEVER:
        return False
    if sheet_is_open(slot):
        return False
    # Days between two reports of a radiograph are worth nothing if the first may be
    # looked at again beside the second, and so is a report that comes again: then
    # changes end with the session as well.
    apart = study.washout_days or study.hidden_repeats
    if study.amending == Study.Amending.STUDY and not apart:
        return True
    # The session goes on until a report of the next one is graded.
    graded = Slot.objects.of_reader(slot.reader).exclude(grade=None)
    newest: int | None = graded.aggregate(newest=Max("session"))["newest"]
    return slot.session == newest


@transaction.atomic
def undo(*, slot: Slot, actor: User) -> Reopening:
    """Take back the grade that was submitted last, within the protocol's time."""
    grade = _newest(slot)
    last = Grade.objects.of_reader(slot.reader).order_by("submitted_at").last()
    if last is None or last.submitted_at != grade.submitted_at:
        raise NotAllowed(_("Only the grade submitted last can be taken back."))
    seconds = slot.reader.study.undo_seconds
    if not seconds or timezone.now() > undo_until(grade) + GRACE:
        raise NotAllowed(_("It is too late to take this grade back; it stands."))
    reason = f"Taken back within {seconds} seconds of submitting."
    return _reopen(slot, grade, actor, Reopening.Kind.UNDO, reason)


@transaction.atomic
def amend(*, slot: Slot, actor: User, reason: str) -> Reopening:
    """Take up a submitted grade again, for a reason, where the protocol allows it."""
    grade = _newest(slot)
    if not reason.strip():
        raise ValidationError(_("Say why the grade is to be changed."))
    if not may_amend(slot):
        raise NotAllowed(_("The protocol lets this grade stand as it is."))
    return _reopen(slot, grade, actor, Reopening.Kind.AMEND, reason.strip())


def _newest(slot: Slot) -> Grade:
    # Also the row that the session's last page locks when it is opened.
    lock_page(slot)
    require_open(slot.reader)
    grade = Grade.objects.filter(slot=slot).order_by("version").last()
    if grade is None:
        raise NotAllowed(_("This report has no grade yet."))
    if sheet_is_open(slot):
        raise NotAllowed(
            _("You have opened the last page of this session; its grades stand now.")
        )
    return grade


def _reopen(
    slot: Slot, grade: Grade, actor: User, kind: Reopening.Kind, reason: str
) -> Reopening:
    pending = reopened(slot)
    if pending and kind == Reopening.Kind.UNDO:
        return pending
    if pending or taken_up_again(slot.reader) is not None:
        raise NotAllowed(
            _("You have taken up a grade already. Submit it first; it comes next.")
        )
    reopening = Reopening.objects.create(
        slot=slot, version=grade.version + 1, kind=kind, reason=reason
    )
    record(
        actor=actor,
        verb="grade.reopened",
        stream=slot.reader.study.code,
        subject=slot.public_id,
        detail={"version": reopening.version, "kind": kind, "reason": reason},
        rows=[reopening],
    )
    return reopening
