"""Thawing: a frozen study that nobody has read becomes a draft again."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError

from readerstudy.accounts.models import User
from readerstudy.audit.rows import names
from readerstudy.cases.case_sets.drawing import unlock_case_set
from readerstudy.presentation.fixed import fixed_by_freeze
from readerstudy.presentation.models import PresentedReport, Slot
from readerstudy.studies.lifecycle.services import unlock
from readerstudy.studies.models import Study


@transaction.atomic
def thaw(*, study: Study, actor: User, reason: str) -> Study:
    """Discard the dealt lists and the locked protocol of a study never opened.

    The event keeps the protocol's hash and the reason.
    """
    study = unlock(
        study=study, actor=actor, reason=reason, gone=names(fixed_by_freeze(study))
    )
    # What is locked is not deleted.
    unlock_case_set(study)
    try:
        Slot.objects.of_study(study).delete()
        PresentedReport.objects.filter(study=study).delete()
    except ProtectedError as problem:
        raise ValidationError(
            "Something hangs on the dealt lists already; the protocol stays locked."
        ) from problem
    return study
