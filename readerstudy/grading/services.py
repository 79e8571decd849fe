"""Opening a slot, keeping a draft, submitting a grade: none is lost or doubled."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from readerstudy.accounts.models import User
from readerstudy.audit.services import record
from readerstudy.grading.models import Draft, Grade
from readerstudy.presentation.models import Slot
from readerstudy.studies.models import GRADES, Membership, Study
from readerstudy.studies.protocol import canonical_json, sha256_of

LONGEST_COMMENT = 4000


class Conflict(Exception):
    """The submission contradicts what is stored; the message says how."""


class StudyClosed(Exception):
    """The study takes no grades: it is not open for reading."""


@dataclass(frozen=True)
class Progress:
    """How far a reader is: `graded` of `total` slots."""

    graded: int
    total: int

    @property
    def missing(self) -> int:
        return self.total - self.graded


@dataclass(frozen=True)
class ReaderProgress:
    """A reader and how far they are."""

    reader: Membership
    progress: Progress


def progress_of_readers(study: Study) -> list[ReaderProgress]:
    """How far every reader of a study is, in order of their codes; two queries."""
    counts = {
        reader: Progress(graded, dealt)
        for reader, dealt, graded in Slot.objects.of_study(study)
        .values("reader")
        .annotate(
            dealt=Count("id", distinct=True),
            graded=Count("grade", filter=Q(grade__version=1), distinct=True),
        )
        .values_list("reader", "dealt", "graded")
    }
    return [
        ReaderProgress(reader, counts.get(reader.pk, Progress(0, 0)))
        for reader in study.membership_set.readers().select_related("user")
    ]


def progress_of(reader: Membership) -> Progress:
    """Count a reader's slots and grades; two queries."""
    total = Slot.objects.of_reader(reader).count()
    graded = Grade.objects.of_reader(reader).filter(version=1).count()
    return Progress(graded, total)


def next_slot(reader: Membership) -> Slot | None:
    """Return a reader's first slot without a grade; drafts do not count."""
    return (
        Slot.objects.of_reader(reader)
        .filter(grade=None)
        .select_related("presented__case__image", "reader__study")
        .first()
    )


def _require_open(slot: Slot) -> None:
    """Refuse unless the slot's study is open; the study row is share-locked by use."""
    # Closing locks the study's row, so a grade is either before the close or refused.
    state = (
        Study.objects.select_for_update(no_key=True)
        .values_list("state", flat=True)
        .get(pk=slot.reader.study_id)
    )
    if state != Study.State.OPEN:
        raise StudyClosed(
            "The study is closed for reading. Nothing was stored; ask the coordinator."
        )


@transaction.atomic
def open_slot(*, slot: Slot, actor: User) -> Slot:
    """Note when a slot was first shown."""
    opened = Slot.objects.filter(pk=slot.pk, opened_at=None).update(
        opened_at=timezone.now()
    )
    if opened:
        record(
            actor=actor,
            verb="slot.opened",
            stream=slot.reader.study.code,
            subject=slot.public_id,
        )
    return slot


@transaction.atomic
def save_draft(
    *, slot: Slot, letter: str, comment: str, active_ms: int
) -> Draft | None:
    """Keep what a reader has typed; nothing happens once the slot is graded."""
    _require_open(slot)
    _check(letter, comment, letter_required=False)
    if Grade.objects.filter(slot=slot).exists():
        return None
    draft, _ = Draft.objects.update_or_create(
        slot=slot,
        defaults={"letter": letter, "comment": comment, "active_ms": active_ms},
    )
    return draft


@transaction.atomic
def submit(
    *,
    slot: Slot,
    actor: User,
    idempotency_key: str,
    letter: str,
    comment: str,
    active_ms: int,
    wall_ms: int,
) -> tuple[Grade, bool]:
    """Store the grade of a slot and return it with True, or the one already stored.

    The same key with the same body returns the stored grade and False. Raises
    Conflict for the same key with another body and for a slot graded under another
    key, StudyClosed outside reading, ValidationError for a bad letter or comment.
    """
    _check(letter, comment, letter_required=True)
    if not 8 <= len(idempotency_key) <= 64:
        raise ValidationError("The idempotency key needs 8 to 64 characters.")
    body_sha256 = sha256_of(canonical_json([letter, comment, active_ms, wall_ms]))
    Slot.objects.select_for_update().get(pk=slot.pk)
    stored = Grade.objects.filter(slot=slot).order_by("version").last()
    if stored:
        return _repeated(stored, idempotency_key, body_sha256), False
    _require_open(slot)
    grade = Grade.objects.create(
        slot=slot,
        version=1,
        letter=letter,
        comment=comment,
        active_ms=active_ms,
        wall_ms=wall_ms,
        idempotency_key=idempotency_key,
        body_sha256=body_sha256,
        submitted_at=timezone.now(),
    )
    Draft.objects.filter(slot=slot).delete()
    record(
        actor=actor,
        verb="grade.submitted",
        stream=slot.reader.study.code,
        subject=slot.public_id,
        detail={"version": grade.version},
    )
    return grade, True


def _repeated(stored: Grade, idempotency_key: str, body_sha256: str) -> Grade:
    """Answer a submission to a slot that has a grade."""
    if stored.idempotency_key != idempotency_key:
        raise Conflict(
            f"This report was graded {stored.letter} already, perhaps in another "
            "window. That grade stands; nothing new was stored."
        )
    if stored.body_sha256 != body_sha256:
        raise Conflict(
            "This submission was stored before with another content. The stored "
            f"grade, {stored.letter}, stands."
        )
    return stored


def _check(letter: str, comment: str, *, letter_required: bool) -> None:
    if letter not in GRADES and (letter or letter_required):
        raise ValidationError("Choose one of the grades A, B, C and D.")
    if len(comment) > LONGEST_COMMENT:
        raise ValidationError(
            f"The comment may have {LONGEST_COMMENT} characters at most."
        )
