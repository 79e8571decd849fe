"""Writes on exclusions: what is left out of the analysis after closing, and taken back.

An exclusion after the grades are known is a deviation from the protocol. It is never
altered: lifting it is a row of its own.
"""

from django.core.exceptions import ValidationError
from django.db import transaction

from readerstudy.accounts.models import User
from readerstudy.analysis.models import Exclusion
from readerstudy.audit.services import record
from readerstudy.cases.models import Case
from readerstudy.presentation.models import Slot
from readerstudy.studies.models import Membership, Study


@transaction.atomic
def exclude(
    *,
    study: Study,
    actor: User,
    reason: str,
    reader: Membership | None = None,
    case: Case | None = None,
    slot: Slot | None = None,
) -> Exclusion:
    """Leave a reader, a case or a single read of a closed study out, for a reason."""
    _locked(study)
    if sum(named is not None for named in (reader, case, slot)) != 1:
        raise ValidationError(
            "Name one thing to leave out: a reader, a case or a read."
        )
    _refuse_strangers(study, reader, case, slot)
    target = {"reader": reader, "case": case, "slot": slot}
    if Exclusion.objects.filter(study=study, **target).in_force().exists():
        raise ValidationError("This is left out already.")
    scope = Exclusion.Scope
    excluded = Exclusion.objects.create(
        study=study,
        scope=scope.READER if reader else scope.CASE if case else scope.READ,
        reason=_stated(reason, "Say why it is left out."),
        author=actor,
        **target,
    )
    _note("analysis.excluded", excluded)
    return excluded


@transaction.atomic
def lift(*, exclusion: Exclusion, actor: User, reason: str) -> Exclusion:
    """Let what was left out count again, for a reason."""
    _locked(exclusion.study)
    if exclusion.lifts_id is not None:
        raise ValidationError("This row lifts an exclusion; there is nothing to lift.")
    if Exclusion.objects.filter(lifts=exclusion).exists():
        raise ValidationError("This exclusion is lifted already.")
    lifted = Exclusion.objects.create(
        study=exclusion.study,
        scope=exclusion.scope,
        reader=exclusion.reader,
        case=exclusion.case,
        slot=exclusion.slot,
        reason=_stated(reason, "Say why it counts again."),
        lifts=exclusion,
        author=actor,
    )
    _note("analysis.exclusion_lifted", lifted)
    return lifted


def _locked(study: Study) -> None:
    """Hold the study, so that two do not leave the same out at once; refuse others."""
    locked = Study.objects.select_for_update().get(pk=study.pk)
    if not locked.is_closed:
        raise ValidationError(
            "Grades are left out after the study is closed, not while it is read."
        )
    if locked.is_archived:
        raise ValidationError("The study is archived; its analysis stays as it is.")


def _refuse_strangers(
    study: Study, reader: Membership | None, case: Case | None, slot: Slot | None
) -> None:
    readers = Membership.objects.readers().filter(study=study)
    if reader and not readers.filter(pk=reader.pk).exists():
        raise ValidationError({"reader": "This is no reader of the study."})
    if case and not study.presentedreport_set.filter(case=case).exists():
        raise ValidationError({"case": "The study has no such case."})
    if slot and slot.reader.study_id != study.pk:
        raise ValidationError({"slot": "The study has no such read."})


def _stated(reason: str, demand: str) -> str:
    text = reason.strip()
    if not text:
        raise ValidationError({"reason": demand})
    return text


def _note(verb: str, row: Exclusion) -> None:
    record(
        actor=row.author,
        verb=verb,
        stream=row.study.code,
        subject=row.what,
        detail={
            "scope": row.scope,
            "reason": row.reason,
            "number": row.lifts_id or row.pk,
        },
        rows=[row],
    )
