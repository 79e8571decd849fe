"""The verbs that lead a study from one state to the next.

Each refuses with the reason that transitions.py gives. Freezing and thawing begin in
`presentation`, which deals the lists; closing in `grading`, which knows what is left.
"""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from readerstudy.accounts.models import User
from readerstudy.audit.rows import as_stored, names
from readerstudy.audit.services import record
from readerstudy.studies.lifecycle.transitions import BY_VERB, reason_against
from readerstudy.studies.models import Study


def locked_for(study: Study, verb: str) -> Study:
    """Return the study's row, locked; refuse where the verb cannot be done now."""
    current = Study.objects.select_for_update().get(pk=study.pk)
    reason = reason_against(BY_VERB[verb], current.state)
    if reason:
        raise ValidationError(reason)
    return current


def stated(reason: str, demand: str) -> str:
    """A reason without blanks around it; refuse where none is given."""
    text = reason.strip()
    if not text:
        raise ValidationError({"reason": demand})
    return text


def _move(
    study: Study,
    verb: str,
    actor: User,
    event: str,
    detail: dict[str, Any],
    gone: list[str] | None = None,
) -> Study:
    """Take the step of a verb that was found to be allowed, and leave its event."""
    study.state = BY_VERB[verb].after
    study.save()
    record(
        actor=actor,
        verb=event,
        stream=study.code,
        detail=detail,
        rows=() if study.is_draft else [as_stored(study)],
        gone=gone,
    )
    return study


@transaction.atomic
def open_for_reading(*, study: Study, actor: User) -> Study:
    """Let the readers of a frozen study begin."""
    study = locked_for(study, "open")
    study.opened_at = timezone.now()
    return _move(study, "open", actor, "study.opened", {})


@transaction.atomic
def pause(*, study: Study, actor: User, reason: str, message: str = "") -> Study:
    """Stop reading for a while; `message` is what readers are told besides."""
    study = locked_for(study, "pause")
    study.pause_message = message.strip()
    detail = {
        "reason": stated(reason, "Say why reading is paused."),
        "message": study.pause_message,
    }
    return _move(study, "pause", actor, "study.paused", detail)


@transaction.atomic
def resume(*, study: Study, actor: User) -> Study:
    """Let reading go on after a pause."""
    study = locked_for(study, "resume")
    study.pause_message = ""
    return _move(study, "resume", actor, "study.resumed", {})


@transaction.atomic
def close(*, study: Study, actor: User, missing: int = 0, reason: str = "") -> Study:
    """End reading for good; `missing` reads will count as missing, for a reason."""
    study = locked_for(study, "close")
    study.pause_message = ""
    study.closed_at = timezone.now()
    detail = {"missing": missing, "reason": reason.strip()} if missing else {}
    return _move(study, "close", actor, "study.closed", detail)


@transaction.atomic
def archive(*, study: Study, actor: User) -> Study:
    """Put a closed study away: it is read, and changed no more."""
    study = locked_for(study, "archive")
    return _move(study, "archive", actor, "study.archived", {})


@transaction.atomic
def unlock(
    *, study: Study, actor: User, reason: str, gone: Sequence[str] = ()
) -> Study:
    """Make a draft of a frozen study again; presentation.thaw calls this.

    gone: names of rows that the freeze had made or fixed.
    """
    study = locked_for(study, "thaw")
    detail = {
        "reason": stated(reason, "Say why the protocol goes back to the draft."),
        "protocol_sha256": study.protocol_sha256,
    }
    drafted = [*gone, *names([study, study.arm_set.all()])]
    study.protocol = None
    study.protocol_sha256 = ""
    study.frozen_at = None
    return _move(study, "thaw", actor, "study.thawed", detail, drafted)
