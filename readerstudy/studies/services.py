"""Writes on the protocol. Everything here refuses once the study is frozen,
except `amend`, which records what was changed and why."""

import datetime
import secrets
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from readerstudy.accounts.models import User
from readerstudy.audit.rows import Rows, as_stored, names
from readerstudy.audit.services import SITE, record
from readerstudy.studies.models import Amendment, Arm, Membership, Study
from readerstudy.studies.protocol import canonical_json, sha256_of

ALPHA = Decimal("0.05")
# A stream of events and an address that are no study's.
RESERVED_CODES = {SITE, "new"}
ARMS_OF_THE_PAPER = (
    ("cxr_llava", "CXR-LLaVA", False),
    ("ground_truth", "Ground truth", True),
)
AMENDABLE = {
    "title": "Title",
    "instructions": "Instructions to readers",
    "consent": "Consent of readers",
    "ends_on": "Planned end of reading",
    "reminder_days": "Days without reading until a reader is reminded",
}


def _locked_draft(study: Study) -> Study:
    """Return the study's row, locked, or refuse because it is frozen."""
    current = Study.objects.select_for_update().get(pk=study.pk)
    if not current.is_draft:
        raise ValidationError(
            "The protocol is frozen. Change it by a recorded amendment instead."
        )
    return current


@transaction.atomic
def create(
    *, coordinator: User, code: str, title: str, with_arms: bool = True
) -> Study:
    """Create a draft with its coordinator and the two arms of the paper, or none."""
    study = Study(
        code=slugify(code)[:40],
        title=title.strip(),
        created_by=coordinator,
        # Whoever guesses the seed can deal the lists again and knows every arm.
        seed=secrets.randbelow(2**32),
    )
    study.full_clean()
    if study.code in RESERVED_CODES:
        raise ValidationError({"code": "This code is reserved; choose another one."})
    study.save()
    membership = Membership.objects.create(
        study=study, user=coordinator, role=Membership.Role.COORDINATOR
    )
    for position, (name, label, is_reference) in enumerate(
        ARMS_OF_THE_PAPER if with_arms else (), 1
    ):
        Arm.objects.create(
            study=study,
            position=position,
            name=name,
            label=label,
            source=name,
            is_reference=is_reference,
        )
    record(
        actor=coordinator, verb="study.created", stream=study.code, rows=[membership]
    )
    return study


@transaction.atomic
def change_settings(
    *,
    study: Study,
    actor: User,
    title: str,
    instructions: str,
    seed: int,
    minimum_pair_distance: int,
    redaction: str,
    show_indication: bool,
    margin_points: Decimal | None,
    ends_on: datetime.date | None = None,
    reminder_days: int | None = None,
) -> Study:
    """Change the settings of a draft."""
    study = _locked_draft(study)
    changes = {
        "title": title.strip(),
        "instructions": instructions.strip(),
        "seed": seed,
        "minimum_pair_distance": minimum_pair_distance,
        "redaction": redaction,
        "show_indication": show_indication,
        "margin_points": margin_points,
        "ends_on": ends_on,
        "reminder_days": reminder_days,
    }
    detail = {
        field: [str(getattr(study, field)), str(value)]
        for field, value in changes.items()
        if getattr(study, field) != value
    }
    for field, value in changes.items():
        setattr(study, field, value)
    study.full_clean()
    study.save()
    if detail:
        record(actor=actor, verb="study.settings", stream=study.code, detail=detail)
    return study


@transaction.atomic
def choose_layout(
    *, study: Study, actor: User, layout_profile: str, redaction: str
) -> Study:
    """Choose how the reports of a draft are laid out, removed words included."""
    study = _locked_draft(study)
    before = {"layout_profile": study.layout_profile, "redaction": study.redaction}
    study.layout_profile, study.redaction = layout_profile, redaction
    study.full_clean()
    study.save()
    after = {"layout_profile": layout_profile, "redaction": redaction}
    _record_changes(study, actor, "study.layout", before, after)
    return study


@transaction.atomic
def change_reading_rules(*, study: Study, actor: User, **rules: Any) -> Study:
    """Change how a draft is read; `rules` are fields of ReadingRules."""
    study = _locked_draft(study)
    before = study.reading_rules
    for name, value in rules.items():
        if name not in before:
            raise ValueError(f"{name} is no rule of reading.")
        setattr(study, name, value)
    study.full_clean()
    study.save()
    _record_changes(study, actor, "study.rules", before, study.reading_rules)
    return study


@transaction.atomic
def change_design(*, study: Study, actor: User, **design: Any) -> Study:
    """Change who reads what in a draft; `design` are fields of StudyDesign."""
    study = _locked_draft(study)
    before = study.design
    for name, value in design.items():
        if name not in before:
            raise ValueError(f"{name} is no part of the design.")
        setattr(study, name, value)
    study.full_clean()
    study.save()
    _record_changes(study, actor, "study.design", before, study.design)
    return study


@transaction.atomic
def change_analysis_plan(
    *,
    study: Study,
    actor: User,
    primary_outcome: str,
    reader_inference: str,
    planned_analyses: list[str],
    alpha: Decimal = ALPHA,
) -> Study:
    """Change what is analysed once a draft has been read."""
    study = _locked_draft(study)
    before = study.analysis_plan | {"alpha": str(study.alpha)}
    study.primary_outcome = primary_outcome
    study.reader_inference = reader_inference
    study.planned_analyses = planned_analyses
    study.alpha = alpha
    study.full_clean()
    study.save()
    after = study.analysis_plan | {"alpha": str(study.alpha)}
    _record_changes(study, actor, "study.plan", before, after)
    return study


@transaction.atomic
def keep_sample_size(
    *, study: Study, actor: User, sample_size: dict[str, Any] | None
) -> Study:
    """Keep with a draft how its numbers of readers and cases were arrived at."""
    study = _locked_draft(study)
    if sample_size:
        _refuse_another_margin(study, sample_size["inputs"]["margin_points"])
    before = study.analysis_plan
    study.sample_size = sample_size
    study.save()
    _record_changes(study, actor, "study.plan", before, study.analysis_plan)
    return study


def _refuse_another_margin(study: Study, planned: float | None) -> None:
    own = None if study.margin_points is None else float(study.margin_points)
    if planned != own:
        words = [
            "no margin" if margin is None else f"a margin of {margin:g} points"
            for margin in (planned, own)
        ]
        raise ValidationError(
            f"This sample size is worked out for {words[0]}, and the study has "
            f"{words[1]}. Work it out for the study's own, or change the study first."
        )


def _record_changes(
    study: Study, actor: User, verb: str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """Leave an event that holds old and new values, where any differs."""
    detail = {
        name: [before[name], value]
        for name, value in after.items()
        if before[name] != value
    }
    if detail:
        record(actor=actor, verb=verb, stream=study.code, detail=detail)


@transaction.atomic
def add_arm(
    *, study: Study, actor: User, label: str, source: str, is_reference: bool = False
) -> Arm:
    """Add an arm whose reports come from the source of that name."""
    study = _locked_draft(study)
    arms = list(study.arm_set.all())
    for other in arms:
        if other.source == source.strip():
            raise ValidationError(
                {"source": f"{other.label} has this source already; name another one."}
            )
    arm = Arm(
        study=study,
        position=1 + max((arm.position for arm in arms), default=0),
        name=slugify(source).replace("-", "_")[:40],
        label=label.strip(),
        source=source.strip(),
        is_reference=is_reference,
    )
    if is_reference:
        study.arm_set.update(is_reference=False)
    arm.full_clean()
    arm.save()
    record(actor=actor, verb="study.arm_added", stream=study.code, subject=arm.name)
    return arm


@transaction.atomic
def remove_arm(*, study: Study, actor: User, arm: Arm) -> None:
    """Take an arm out of a draft."""
    study = _locked_draft(study)
    if not study.arm_set.filter(pk=arm.pk).delete()[0]:
        raise ValidationError("This arm was taken out already.")
    record(actor=actor, verb="study.arm_removed", stream=study.code, subject=arm.name)


@transaction.atomic
def add_member(*, study: Study, actor: User, user: User, role: str) -> Membership:
    """Give a person a role in a draft."""
    return admit(study=_locked_draft(study), actor=actor, user=user, role=role)


@transaction.atomic
def admit(*, study: Study, actor: User, user: User, role: str) -> Membership:
    """Let a person in. Readers get the next free code: R1, R2, ..., in a draft only."""
    study = Study.objects.select_for_update().get(pk=study.pk)
    # Asked under the lock: a close may have come between a look at the study and this.
    # Somebody must always be able to answer for a study, also for one from elsewhere.
    if study.is_closed and role != Membership.Role.COORDINATOR:
        raise ValidationError(_("The study is closed; nobody joins it any more."))
    if role == Membership.Role.READER:
        study = _locked_draft(study)
    existing = Membership.objects.filter(study=study, user=user).first()
    if existing:
        raise ValidationError(
            _(
                "%(user)s is already %(role)s of this study; a person has one role in "
                "a study."
            )
            % {"user": user, "role": existing.get_role_display().lower()}
        )
    reader_code = ""
    if role == Membership.Role.READER:
        taken = set(
            study.membership_set.readers().values_list("reader_code", flat=True)
        )
        number = next(n for n in range(1, len(taken) + 2) if f"R{n}" not in taken)
        reader_code = f"R{number}"
    membership = Membership(study=study, user=user, role=role, reader_code=reader_code)
    membership.full_clean()
    membership.save()
    record(
        actor=actor,
        verb="study.member_added",
        stream=study.code,
        subject=user.number,
        detail={"role": role, "reader_code": reader_code},
        rows=[membership],
    )
    return membership


@transaction.atomic
def remove_member(*, study: Study, actor: User, membership: Membership) -> None:
    """Take a person out of a draft. The last coordinator stays."""
    study = _locked_draft(study)
    coordinators = study.membership_set.filter(role=Membership.Role.COORDINATOR)
    if membership.role == Membership.Role.COORDINATOR and coordinators.count() == 1:
        raise ValidationError("A study needs a coordinator; name another one first.")
    detail = {"role": membership.role, "reader_code": membership.reader_code}
    gone = names([membership])
    if not study.membership_set.filter(pk=membership.pk).delete()[0]:
        raise ValidationError("This person has no role in the study any more.")
    record(
        actor=actor,
        verb="study.member_removed",
        stream=study.code,
        subject=membership.user.number,
        detail=detail,
        gone=gone,
    )


@transaction.atomic
def lock(
    *, study: Study, actor: User, protocol: dict[str, Any], rows: Rows = ()
) -> Study:
    """Lock a draft under its protocol; presentation.freeze calls this.

    rows: what stands from now on besides the study and its arms.
    """
    study = _locked_draft(study)
    study.protocol = protocol
    study.protocol_sha256 = sha256_of(canonical_json(protocol))
    study.frozen_at = timezone.now()
    study.state = Study.State.FROZEN
    study.save()
    record(
        actor=actor,
        verb="study.frozen",
        stream=study.code,
        detail={"protocol_sha256": study.protocol_sha256},
        rows=[as_stored(study), study.arm_set.all(), *rows],
    )
    return study


def _amended(study: Study, field: str, text: str) -> Any:
    """What an amendment's text means to a field: text, date, number or nothing."""
    column = Study._meta.get_field(field)
    assert isinstance(column, models.Field)  # noqa: S101  AMENDABLE names columns
    try:
        return column.clean(None if column.null and not text else text, study)
    except ValidationError as problem:
        raise ValidationError({"value": problem.messages}) from problem


@transaction.atomic
def amend(
    *, study: Study, actor: User, field: str, value: str, reason: str
) -> Amendment:
    """Change one amendable field of a frozen study, leaving a numbered record.

    The locked protocol and its hash stay as they were; exports list the amendments.
    """
    study = Study.objects.select_for_update().get(pk=study.pk)
    if study.is_draft or study.is_closed:
        raise ValidationError(
            "Amendments belong to a study that is frozen and not closed yet: a draft "
            "is edited, a closed study is left as it is."
        )
    if field not in AMENDABLE:
        raise ValidationError(f"{field} can't be amended after the freeze.")
    if not reason.strip():
        raise ValidationError("Say why the protocol is amended.")
    before, after = getattr(study, field), _amended(study, field, value.strip())
    if before == after:
        raise ValidationError("The amendment changes nothing.")
    setattr(study, field, after)
    study.full_clean()
    study.save()
    amendment = Amendment.objects.create(
        study=study,
        number=study.amendment_set.count() + 1,
        author=actor,
        reason=reason.strip(),
        field=field,
        before="" if before is None else str(before),
        after="" if after is None else str(after),
    )
    record(
        actor=actor,
        verb="study.amended",
        stream=study.code,
        subject=str(amendment.number),
        detail=amendment.as_event(),
        rows=[as_stored(study), amendment],
    )
    return amendment
