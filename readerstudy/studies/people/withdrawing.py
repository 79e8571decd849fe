"""A reader leaves a study. What they graded stays stored, whatever counts of it."""

from django.core.exceptions import ValidationError
from django.db import transaction

from readerstudy.accounts.models import User
from readerstudy.audit.services import record
from readerstudy.studies.lifecycle.services import stated
from readerstudy.studies.models import Membership, Study
from readerstudy.studies.people.models import Withdrawal

KEPT_ONCE_OPEN = (
    "The results were opened early. What a reader has read until the withdrawal is "
    "kept, for its worth could be seen."
)


@transaction.atomic
def withdraw(
    *,
    study: Study,
    actor: User,
    reader: Membership,
    reason: str,
    rule: str = Withdrawal.Rule.EXCLUDED,
) -> Withdrawal:
    """Record that a reader has left, with the rule for what they have read."""
    study = Study.objects.select_for_update().get(pk=study.pk)
    if study.is_draft:
        raise ValidationError("In a draft a reader is simply removed.")
    if study.is_frozen:
        raise ValidationError(
            "Nobody reads yet. Take the protocol back to the draft and remove the "
            "reader there; the lists are dealt to the others then."
        )
    if study.is_archived:
        raise ValidationError("The study is archived; its record stays as it is.")
    if study.is_closed:
        raise ValidationError(
            "Reading has ended, and results can be seen. Whoever is to be left out now "
            "is excluded from the analysis, beside the result with nobody left out."
        )
    if study.is_unblinded and rule != Withdrawal.Rule.KEPT:
        raise ValidationError({"rule": KEPT_ONCE_OPEN})
    if reader.study_id != study.pk or reader.role != Membership.Role.READER:
        raise ValidationError({"reader": "This is no reader of the study."})
    if Withdrawal.objects.filter(reader=reader).exists():
        raise ValidationError(f"{reader.reader_code} has withdrawn already.")
    row = Withdrawal(
        reader=reader,
        rule=rule,
        reason=stated(reason, "Say why the reader withdraws."),
        author=actor,
    )
    row.full_clean()
    row.save()
    record(
        actor=actor,
        verb="reader.withdrawn",
        stream=study.code,
        subject=reader.reader_code,
        detail={"rule": row.rule, "reason": row.reason},
        rows=[row],
    )
    return row
