"""Opening a slot, keeping a draft, submitting a grade: none is lost or doubled.

What is read on one page is graded as one: one report, or the two of a pair. A page is
named by its leading slot.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from readerstudy.accounts.models import User
from readerstudy.audit.services import Entry, record_together
from readerstudy.grading.before.preparation import Missing
from readerstudy.grading.models import (
    Draft,
    ErrorMark,
    Grade,
    Preference,
    Reopening,
    Visit,
    versions_of,
)
from readerstudy.grading.path import Step, Stop, next_step, step_once_prepared
from readerstudy.grading.reply import Incomplete, Reply, check
from readerstudy.grading.standing import standing_of
from readerstudy.grading.visits import VisitLog, keep_visits, times_of
from readerstudy.presentation.models import Slot, lock_slot
from readerstudy.studies.lifecycle.words import why_no_reading
from readerstudy.studies.models import Membership, Study
from readerstudy.studies.people.models import Withdrawal
from readerstudy.studies.protocol import canonical_json, sha256_of
from readerstudy.writing import Change, Insertion

PREFERENCES = frozenset(Preference.Choice.values)

_grades = Insertion(Grade)
_opening = Change(
    lambda slot: Slot.objects.filter(pk=slot, opened_at=None),
    columns=["opened_at"],
    numbers=["slot"],
)


class Reason(StrEnum):
    """Why a submission is refused, for a client that decides what to keep.

    GRADED    the page has a grade, which stands: what was sent is of no use
    CHANGED   the key was used before, with other content
    NOT_NOW   another thing comes first: what was sent may be of use later
    PAUSED    reading is paused: send it again, unchanged, when reading goes on
    """

    GRADED = auto()
    CHANGED = auto()
    NOT_NOW = auto()
    PAUSED = auto()


class Conflict(Exception):
    """The submission contradicts what is stored; the message says how."""

    def __init__(self, sentence: str, reason: Reason) -> None:
        super().__init__(sentence)
        self.reason = reason


class StudyClosed(Exception):
    """The study takes no grades: it is not open yet, or closed."""


def require_open(reader: Membership) -> None:
    """Raise unless a reader may read: Conflict during a pause, else StudyClosed."""
    if reader.study.is_paused and not reader.has_withdrawn:
        raise Conflict(
            _("Reading is paused. Nothing was stored; send it again when it goes on."),
            Reason.PAUSED,
        )
    if not reader.may_read:
        raise StudyClosed(f"{why_no_reading(reader)} {_('Nothing was stored.')}")


def sentences_of(slot: Slot) -> list[str]:
    """The sentences of a slot's report as its reader sees them."""
    return sentences_in(slot.presented.body)


def sentences_in(body: Mapping[str, Any]) -> list[str]:
    """The sentences of a text that was laid out, in order."""
    return [
        sentence for section in body["sections"] for sentence in section["sentences"]
    ]


def page_of(slot: Slot) -> list[Slot]:
    """The slots that are read on the page of a leading slot, in order."""
    if slot.side is None:
        return [slot]
    return list(Slot.objects.read_together(slot))


def reopened(slot: Slot) -> Reopening | None:
    """The reopening of a slot that has not led to a new version yet."""
    newest = Reopening.objects.filter(slot=slot).order_by("version").last()
    if newest and Grade.objects.filter(slot=slot, version=newest.version).exists():
        return None
    return newest


def lock_page(slot: Slot) -> Any:
    """Lock the row of a page and return what there is of it (standing.py).

    Whether the study is open and the reader still one of it is looked at anew, and
    stands until the transaction ends: nothing slips in behind a close, from which
    results are computed, or behind a withdrawal.
    """
    slot.reader.study.state = lock_slot.rows(slot=slot.pk)[0].reader.study.state
    there = standing_of(slot)
    if there.has_withdrawn:
        slot.reader.withdrawal = Withdrawal.objects.get(reader=slot.reader_id)
    return there


def require_readable(slot: Slot) -> None:
    """Raise unless a slot is the one to be read now, or was reopened."""
    require_open(slot.reader)
    step = next_step(slot.reader)
    if step.stop != Stop.READ or step.slot != slot:
        raise Conflict(_not_now(step), Reason.NOT_NOW)


def _require_gradable(
    slot: Slot, actor: User, *, is_again: bool, awaits_again: bool
) -> None:
    """Open a slot unless it was opened; raises where no grade of it can be taken.

    What is being read is graded to its end, also where a display check grew old or
    the consent was amended meanwhile: that is asked before the next report.
    """
    begun = slot if slot.opened_at and not is_again else None
    step = step_once_prepared(slot.reader, begun=begun, awaits_again=awaits_again)
    if slot.opened_at is None or step.stop != Stop.READ or step.slot != slot:
        open_slot(slot=slot, actor=actor)


_BEFORE = {
    Missing.CONSENT: gettext_lazy(
        "Agree to the study's terms first. Nothing was stored."
    ),
    Missing.DISPLAY: gettext_lazy("Check your display first. Nothing was stored."),
    Missing.PRACTICE: gettext_lazy(
        "Go through the practice cases first. Nothing was stored."
    ),
}


def _not_now(step: Step) -> str:
    if step.stop == Stop.PREPARE and step.missing:
        return str(_BEFORE[step.missing])
    if step.stop == Stop.GUESS:
        return _("Answer about the session you finished first. Nothing was stored.")
    if step.stop == Stop.WAIT and step.opens_at:
        opens_at = f"{step.opens_at:%Y-%m-%d %H:%M}"
        return _("Your next session opens on %s UTC. Nothing was stored.") % opens_at
    return _("Another report of your list comes first. Nothing was stored.")


@transaction.atomic
def open_slot(*, slot: Slot, actor: User) -> Slot:
    """Note when a page was first shown; raises as `require_readable` does."""
    require_readable(slot)
    _note_opening(slot, actor)
    return slot


def _note_opening(slot: Slot, actor: User) -> None:
    if entries := _opened(slot):
        record_together(entries, actor=actor, stream=slot.reader.study.code)


def _opened(slot: Slot) -> list[Entry]:
    """Store that a page is shown; returns what the record is to say of it, if new."""
    now = timezone.now()
    page = page_of(slot)
    is_new = sum(_opening.apply({"opened_at": now}, slot=each.pk) for each in page)
    return [Entry("slot.opened", slot.public_id)] if is_new else []


@transaction.atomic
def submit_and_open(
    *, slot: Slot, actor: User, opens: str, **submission: Any
) -> tuple[Grade, Slot | None]:
    """Submit a page and note that the next one is shown, as its reader sees it already.

    opens: the name of the page that is on the screen now, or "". Returns the grade, and
    that page if it is open and to be read; raises as `submit` does.
    """
    done = _submitted(slot=slot, actor=actor, **submission)
    step = next_step(slot.reader, awaits_again=done.awaits_again) if opens else None
    is_next = step and step.slot and step.slot.public_id == opens
    shown = step.slot if step and is_next and step.stop == Stop.READ else None
    if done.entry is None:
        return done.grade, shown if shown and shown.opened_at else None
    entries = [done.entry, *(_opened(shown) if shown else ())]
    record_together(entries, actor=actor, stream=slot.reader.study.code)
    return done.grade, shown


@transaction.atomic
def save_draft(
    *,
    slot: Slot,
    replies: Sequence[Reply],
    preference: str = "",
    visits: Sequence[VisitLog] = (),
) -> Draft | None:
    """Keep what a reader has entered; nothing happens once the page is graded.

    Also while reading is paused: what was entered before is not lost.
    """
    if not slot.reader.study.is_paused or slot.reader.has_withdrawn:
        require_open(slot.reader)
    page = page_of(slot)
    _check(page, replies, preference, is_draft=True)
    # The same row that a submission locks: none of the two overtakes the other.
    Slot.objects.select_for_update().get(pk=slot.pk)
    if Grade.objects.filter(slot=slot).exists() and reopened(slot) is None:
        return None
    keep_visits(slot, visits)
    drafts = [
        Draft.objects.update_or_create(
            slot=each,
            defaults={"content": reply.as_json(), "preference": preference},
        )[0]
        for each, reply in zip(page, replies, strict=True)
    ]
    return drafts[0]


@transaction.atomic
def keep_times(*, slot: Slot, visits: Sequence[VisitLog]) -> None:
    """Keep how long a page was looked at, where nothing was entered on it."""
    study = slot.reader.study
    if study.is_open or study.is_paused:
        Slot.objects.select_for_update().get(pk=slot.pk)
        if not Grade.objects.filter(slot=slot).exists() or reopened(slot):
            keep_visits(slot, visits)


@transaction.atomic
def submit(
    *,
    slot: Slot,
    actor: User,
    idempotency_key: str,
    replies: Sequence[Reply],
    preference: str = "",
    visits: Sequence[VisitLog] = (),
) -> tuple[Grade, bool]:
    """Store the grades of a page; return that of its leading slot, and True if new.

    The same key with the same content returns the stored grade and False. Raises
    Conflict for the same key with other content, for a page graded under another key,
    for one that is not next and during a pause; StudyClosed outside reading;
    ValidationError for a reply that does not answer what the protocol asks.
    """
    done = _submitted(
        slot=slot,
        actor=actor,
        idempotency_key=idempotency_key,
        replies=replies,
        preference=preference,
        visits=visits,
    )
    if done.entry is None:
        return done.grade, False
    record_together([done.entry], actor=actor, stream=slot.reader.study.code)
    return done.grade, True


@dataclass(frozen=True)
class _Submitted:
    """The grade of a page, and what the record is to say of it if it is new.

    awaits_again: whether the reader may have taken up another grade again.
    """

    grade: Grade
    entry: Entry | None = None
    awaits_again: bool = True


def _submitted(
    *,
    slot: Slot,
    actor: User,
    idempotency_key: str,
    replies: Sequence[Reply],
    preference: str = "",
    visits: Sequence[VisitLog] = (),
) -> _Submitted:
    """Store the grades of a page, as `submit` says, but for the record."""
    page = page_of(slot)
    _check(page, replies, preference)
    if not 8 <= len(idempotency_key) <= 64:
        raise ValidationError(_("The idempotency key needs 8 to 64 characters."))
    content = [
        [reply.as_json() for reply in replies],
        preference,
        [visit.as_json() for visit in visits],
    ]
    body_sha256 = sha256_of(canonical_json(content))
    there = lock_page(slot)
    versions = versions_of.rows(slot=slot.pk) if there.is_graded else []
    for stored in versions:
        if stored.idempotency_key == idempotency_key:
            return _Submitted(_repeated(stored, body_sha256))
    # What has no grade was never taken up again.
    reopening = reopened(slot) if versions else None
    if versions and reopening is None:
        raise Conflict(
            _(
                "This report was graded %s already, perhaps in another window. That "
                "grade stands; nothing new was stored."
            )
            % versions[-1].spoken,
            Reason.GRADED,
        )
    awaits_again = there.awaits_again
    _require_gradable(
        slot, actor, is_again=reopening is not None, awaits_again=awaits_again
    )
    version = reopening.version if reopening else 1
    is_first = not there.was_visited
    kept = keep_visits(slot, visits, version=version, are_first=is_first)
    shared = {
        "version": version,
        "reason": reopening.reason if reopening else "",
        "idempotency_key": idempotency_key,
        "body_sha256": body_sha256,
        "submitted_at": timezone.now(),
    } | _times(slot, kept)
    grades = [
        _store(each, reply, shared) for each, reply in zip(page, replies, strict=True)
    ]
    leading = grades[0].grade
    rows: list[Model] = []
    for each_page in grades:
        rows += [each_page.grade, *each_page.marks]
    if preference:
        rows.append(Preference.objects.create(grade=leading, choice=preference))
    # The second report of a pair has a draft of its own.
    if there.has_draft or len(page) > 1:
        Draft.objects.filter(slot__in=page).delete()
    entry = Entry("grade.submitted", slot.public_id, {"version": version}, rows)
    return _Submitted(leading, entry, awaits_again)


def _times(slot: Slot, visits: Sequence[Visit]) -> dict[str, int]:
    """The reading times of a page; those of a pair stand with both of its grades."""
    times = times_of(slot, visits)
    if times is None:
        return {}
    return {
        "wall_ms": times.wall_ms,
        "active_ms": times.active_ms,
        "idle_ms": times.idle_ms,
        "idle_threshold_ms": times.threshold_ms,
    }


@dataclass(frozen=True)
class _Stored:
    grade: Grade
    marks: list[ErrorMark]


def _store(slot: Slot, reply: Reply, shared: dict[str, object]) -> _Stored:
    grade = Grade(
        slot=slot,
        letter=reply.letter,
        cannot_assess=reply.cannot_assess,
        answers=dict(reply.answers),
        comment=reply.comment,
        **shared,
    )
    _grades.store([grade])
    sentences = sentences_of(slot)
    marks = ErrorMark.objects.bulk_create(
        ErrorMark(
            grade=grade,
            number=number,
            category=mark.category,
            significant=mark.significant,
            sentence=None if mark.sentence is None else mark.sentence + 1,
            start=mark.start,
            end=mark.end,
            quote=""
            if mark.sentence is None
            else sentences[mark.sentence][mark.start : mark.end],
            replacement=mark.replacement,
        )
        for number, mark in enumerate(reply.marks, 1)
    )
    return _Stored(grade, marks)


def _repeated(stored: Grade, body_sha256: str) -> Grade:
    """Answer a submission whose key was used before."""
    if stored.body_sha256 != body_sha256:
        raise Conflict(
            _(
                "This submission was stored before with another content. The stored "
                "grade, %s, stands."
            )
            % stored.spoken,
            Reason.CHANGED,
        )
    return stored


def _check(
    page: Sequence[Slot],
    replies: Sequence[Reply],
    preference: str,
    *,
    is_draft: bool = False,
) -> None:
    """Raise ValidationError unless the replies answer what the protocol asks."""
    texts = [sentences_of(slot) for slot in page]
    check_page(page[0].reader.study, texts, replies, preference, is_draft=is_draft)


def check_page(
    study: Study,
    texts: Sequence[Sequence[str]],
    replies: Sequence[Reply],
    preference: str,
    *,
    is_draft: bool = False,
) -> None:
    """Raise ValidationError unless the replies answer what a study asks of a page.

    texts: the sentences of its report, or of each of a pair. A draft may lack anything.
    """
    if len(replies) != len(texts):
        raise ValidationError(
            _("Both reports of the pair need an answer.")
            if study.reads_pairs
            else _("One report is read at a time in this study.")
        )
    if preference and (preference not in PREFERENCES or not study.reads_pairs):
        raise ValidationError(_("This is no preference that can be stored."))
    if study.reads_pairs and not preference and not is_draft:
        raise ValidationError(_("Say which report is better, or that they are equal."))
    for sentences, reply in zip(texts, replies, strict=True):
        try:
            check(
                reply,
                instruments=study.instruments,
                sentences=sentences,
                is_draft=is_draft,
            )
        except Incomplete as problem:
            raise ValidationError(str(problem)) from problem
