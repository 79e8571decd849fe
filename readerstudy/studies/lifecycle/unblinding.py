"""Opening the results of a study that is still read. It cannot be undone."""

from django.core.exceptions import ValidationError
from django.db import transaction

from readerstudy.accounts.models import User
from readerstudy.audit.services import record
from readerstudy.studies.lifecycle.models import Unblinding
from readerstudy.studies.lifecycle.services import stated
from readerstudy.studies.models import Study


def reason_against_unblinding(study: Study) -> str:
    """Why the results cannot be opened early; empty where they can."""
    if study.is_draft or study.is_frozen:
        return "Nobody has read yet; there is nothing to unblind."
    if study.is_closed:
        return "The study is closed; its results are open."
    if study.is_unblinded:
        return "The study was unblinded early already."
    return ""


@transaction.atomic
def unblind(*, study: Study, actor: User, reason: str, typed_code: str) -> Unblinding:
    """Open the results now, for a reason; `typed_code` is the study's code again."""
    study = Study.objects.select_for_update().get(pk=study.pk)
    if against := reason_against_unblinding(study):
        raise ValidationError(against)
    reason = stated(reason, "Say why the study is unblinded early.")
    if typed_code.strip() != study.code:
        raise ValidationError(
            {"typed_code": "This is not the study's code. Nothing was done."}
        )
    row = Unblinding.objects.create(study=study, author=actor, reason=reason)
    record(
        actor=actor,
        verb="study.unblinded_early",
        stream=study.code,
        detail={"reason": reason},
        rows=[row],
    )
    return row
