"""Writes on blinding audits: ask for one, store what it found, accept its number."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from readerstudy.accounts.models import User
from readerstudy.audit.rows import as_stored
from readerstudy.audit.services import record
from readerstudy.presentation.blind import OFFERED
from readerstudy.presentation.blinding_audit.models import (
    BlindingAcceptance,
    BlindingAudit,
)
from readerstudy.presentation.blinding_audit.reading.audit import audit
from readerstudy.presentation.blinding_audit.standing import missing, standing_of
from readerstudy.presentation.blinding_audit.texts import (
    audited_texts,
    digest_of_reports,
    reports_of,
)
from readerstudy.studies.models import Study
from readerstudy.work import leases

# A sentence, not a tick: who accepts a number says why.
SHORTEST_ACCEPTANCE = 20
LONGEST_ACCEPTANCE = 2000


@transaction.atomic
def ask(
    *, study: Study, actor: User, layout_profile: str, redaction: str
) -> BlindingAudit:
    """Queue an audit of a draft under a layout; where one is under way, return that."""
    study = _locked_draft(study)
    if layout_profile not in OFFERED or redaction not in Study.Redaction.values:
        raise ValidationError("There is no such layout.")
    if sentence := missing(study):
        raise ValidationError(sentence)
    layout = {"layout_profile": layout_profile, "redaction": redaction}
    try:
        with transaction.atomic():
            asked = BlindingAudit.objects.create(
                study=study, requested_by=actor, **layout
            )
    except IntegrityError:
        return BlindingAudit.objects.unfinished().get(study=study, **layout)
    record(
        actor=actor, verb="blinding.audit_asked", stream=study.code, detail=dict(layout)
    )
    leases.ring_on_commit(BlindingAudit.objects.filter(pk=asked.pk))
    return asked


def _locked_draft(study: Study) -> Study:
    current = Study.objects.select_for_update().get(pk=study.pk)
    if not current.is_draft:
        raise ValidationError("The study is frozen: its texts are fixed.")
    return current


def do(claimed: leases.Claim) -> None:
    """Read the texts of an audit and store what was found, if the claim still holds."""
    asked = BlindingAudit.objects.select_related("study").get(pk=claimed.id)
    layout = {"layout_profile": asked.layout_profile, "redaction": asked.redaction}
    reports = reports_of(asked.study)
    digest = digest_of_reports(reports, asked.study, **layout)
    labels = dict(asked.study.arm_set.values_list("name", "label"))
    result = audit(list(audited_texts(reports, **layout)), labels)
    finish(claimed, digest=digest, result=result)


@transaction.atomic
def finish(
    claimed: leases.Claim, *, digest: str, result: dict[str, Any]
) -> BlindingAudit | None:
    """Store a result and end the audit, if the claim still holds; else nothing."""
    asked: BlindingAudit | None = leases.held(claimed).select_for_update().first()
    if asked is None:
        return None
    asked.digest, asked.result = digest, result
    leases.finish(asked)
    asked.save()
    record(
        actor=asked.requested_by,
        verb="blinding.audited",
        stream=asked.study.code,
        detail={
            "audit": asked.pk,
            "layout_profile": asked.layout_profile,
            "redaction": asked.redaction,
            "digest": digest,
            "auc": result["auc"],
        },
        rows=[as_stored(asked)],
    )
    return asked


@transaction.atomic
def accept(
    *, study: Study, actor: User, audit_id: int, text: str
) -> BlindingAcceptance:
    """Accept the number of the audit that was on the page, in one's own words.

    The audit must be of the texts, cases, arms and layout that the study has now.
    """
    study = _locked_draft(study)
    words = " ".join(text.split())
    if len(words) < SHORTEST_ACCEPTANCE:
        raise ValidationError(
            {
                "text": "Say in a sentence of your own why the study may go on with "
                f"this number: at least {SHORTEST_ACCEPTANCE} characters."
            }
        )
    fresh = standing_of(study).audit
    if fresh is None or fresh.pk != audit_id:
        raise ValidationError(
            "This audit is not of the texts and the layout that the study has now. "
            "Look at a fresh one before you accept its number."
        )
    accepted = BlindingAcceptance.objects.create(
        audit=fresh,
        digest=fresh.digest,
        auc=fresh.found["auc"],
        text=text.strip(),
        author=actor,
    )
    record(
        actor=actor,
        verb="blinding.accepted",
        stream=study.code,
        detail={
            "audit": fresh.pk,
            "digest": fresh.digest,
            "auc": accepted.auc,
            "text": accepted.text,
        },
        rows=[as_stored(accepted)],
    )
    return accepted
