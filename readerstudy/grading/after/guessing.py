"""Guessing the sources after a session: who is asked of what, opened once, stored once.

The reports are drawn with the study's seed from places and cases alone; what is behind
a text has no part in it.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from readerstudy.audit.services import record
from readerstudy.grading.after.models import GuessSheet, SourceGuess
from readerstudy.grading.models import Grade, Reopening
from readerstudy.presentation.models import Slot
from readerstudy.presentation.randomise import SeededStream
from readerstudy.studies.lifecycle.words import why_no_reading
from readerstudy.studies.models import Membership

STREAM = "guess/1"
SOURCES = SourceGuess.Source.values


class GuessConflict(Exception):
    """The sheet was filled in already, with other answers; the message says so."""


@dataclass(frozen=True)
class Guess:
    """One answer: `person` or `model`, and how surely, from 1 to 5."""

    source: str
    confidence: int


def sampled_slots(reader: Membership, session: int) -> list[Slot]:
    """The reports of a session whose source is guessed, in reading order; one query.

    As many as the protocol says, or fewer where the session holds fewer radiographs:
    of each radiograph at most one report.
    """
    slots = Slot.objects.of_reader(reader).filter(session=session)
    by_place = {slot.position: slot for slot in slots.select_related("presented")}
    stream = SeededStream(STREAM, reader.study.seed, reader.reader_code, session)
    cases = {place: slot.presented.case_id for place, slot in by_place.items()}
    places = sampled_places(cases, reader.study.guess_sample, stream)
    return [by_place[place] for place in places]


def sampled_places(
    cases: Mapping[int, Hashable], count: int, stream: SeededStream
) -> list[int]:
    """Draw `count` places of a session, in order, of each case at most one.

    cases: the case at each place, in reading order.
    """
    chosen: dict[Hashable, int] = {}
    for place in stream.shuffled(list(cases)):
        if len(chosen) < count:
            chosen.setdefault(cases[place], place)
    return sorted(chosen.values())


def session_to_guess(
    reader: Membership, *, unfinished: int | None = None
) -> int | None:
    """The first finished session whose sheet is not filled in yet; a query at the most.

    unfinished: the session of the next report, where that is known: none before the
    first is finished.
    """
    if not reader.study.guess_sample or unfinished == 1:
        return None
    slots = Slot.objects.of_reader(reader)
    not_graded = slots.filter(grade=None).values("session")
    filled = SourceGuess.objects.filter(sheet__reader=reader).values("sheet__session")
    session: int | None = (
        slots.exclude(session__in=not_graded)
        .exclude(session__in=filled)
        .order_by("session")
        .values_list("session", flat=True)
        .first()
    )
    return session


def sheet_is_open(slot: Slot) -> bool:
    """Whether a slot's grade stands because its session's sheet was opened."""
    return GuessSheet.objects.of_slot(slot).exists()


@transaction.atomic
def open_sheet(*, reader: Membership, session: int) -> GuessSheet:
    """Open a finished session's sheet; from now on its grades stand."""
    _require_open(reader)
    # The same rows that a reopening locks: none of the two overtakes the other.
    slots = Slot.objects.of_reader(reader).filter(session=session)
    page = list(slots.order_by("pk").select_for_update())
    opened = GuessSheet.objects.filter(reader=reader, session=session).first()
    if opened:
        return opened
    if not page or session_to_guess(reader) != session:
        raise ValidationError(_("There is nothing to guess about this session now."))
    if _taken_up_again(page):
        raise ValidationError(
            _(
                "You have taken up a grade of this session again. Submit it first; "
                "then this page opens."
            )
        )
    sheet = GuessSheet.objects.create(reader=reader, session=session)
    record(
        actor=reader.user,
        verb="guess.opened",
        stream=reader.study.code,
        subject=reader.reader_code,
        detail={"session": session},
        rows=[sheet],
    )
    return sheet


def _taken_up_again(slots: Sequence[Slot]) -> bool:
    """Whether a reopening has not led to a new version yet."""
    reopenings = Reopening.objects.filter(slot__in=slots)
    made = set(Grade.objects.filter(slot__in=slots).values_list("slot", "version"))
    return any((each.slot_id, each.version) not in made for each in reopenings)


@transaction.atomic
def store_guesses(
    *, reader: Membership, session: int, guesses: Sequence[Guess]
) -> list[SourceGuess]:
    """Store all guesses of a sheet at once, in the order of its reports.

    The same answers once more change nothing; others raise GuessConflict.
    """
    sheet = (
        GuessSheet.objects.select_for_update()
        .filter(reader=reader, session=session)
        .first()
    )
    if sheet is None:
        raise ValidationError(_("Open the page of this session first."))
    stored = list(sheet.guesses.all())
    if stored:
        if [Guess(each.source, each.confidence) for each in stored] != list(guesses):
            raise GuessConflict(
                _("These answers were given before, and those given first stand.")
            )
        return stored
    _require_open(reader)
    sample = sampled_slots(reader, session)
    _check(sample, guesses)
    rows = SourceGuess.objects.bulk_create(
        SourceGuess(
            sheet=sheet, slot=slot, source=guess.source, confidence=guess.confidence
        )
        for slot, guess in zip(sample, guesses, strict=True)
    )
    record(
        actor=reader.user,
        verb="guess.given",
        stream=reader.study.code,
        subject=reader.reader_code,
        detail={"session": session, "reports": len(rows)},
        rows=rows,
    )
    return rows


def _require_open(reader: Membership) -> None:
    current = Membership.objects.select_related("study").get(pk=reader.pk)
    if not current.may_read:
        raise ValidationError(why_no_reading(current))


def _check(sample: Sequence[Slot], guesses: Sequence[Guess]) -> None:
    if len(guesses) != len(sample):
        raise ValidationError(_("Answer for each of the reports."))
    for guess in guesses:
        if guess.source not in SOURCES:
            raise ValidationError(_("Say of each report who wrote it."))
        if not 1 <= guess.confidence <= 5:
            raise ValidationError(_("Say of each report how sure you are, 1 to 5."))
