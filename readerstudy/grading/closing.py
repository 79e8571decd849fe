"""Closing a study: what is not graded by then is named first."""

from django.core.exceptions import ValidationError
from django.db import transaction

from readerstudy.accounts.models import User
from readerstudy.grading.progress import Progress, progress_of_readers
from readerstudy.studies.lifecycle import services as lifecycle
from readerstudy.studies.models import Membership, Study, Withdrawal


def overall_progress(study: Study) -> Progress:
    """How much of a study is graded, over all readers whose reads count."""
    readers = [each for each in progress_of_readers(study) if _counts(each.reader)]
    return Progress(
        sum(each.progress.graded for each in readers),
        sum(each.progress.total for each in readers),
    )


def _counts(reader: Membership) -> bool:
    """Whether what a reader has not read is missing from the analysis."""
    if not reader.has_withdrawn:
        return True
    return bool(reader.withdrawal.rule == Withdrawal.Rule.KEPT)


@transaction.atomic
def close(
    *, study: Study, actor: User, accepted_missing: int = 0, reason: str = ""
) -> Study:
    """End reading for good.

    accepted_missing  how many reads the person who closes knows to be missing
    """
    study = lifecycle.locked_for(study, "close")
    progress = overall_progress(study)
    if progress.missing > accepted_missing:
        raise ValidationError(
            f"{progress.missing} of {progress.total} reports are not graded yet. "
            "Confirm that they will count as missing, or wait for them. Nothing was "
            "done."
        )
    if progress.missing:
        lifecycle.stated(reason, "Say why the study is closed before all is graded.")
    return lifecycle.close(
        study=study, actor=actor, missing=progress.missing, reason=reason
    )
