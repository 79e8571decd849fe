"""A new draft from a study of any state: its choices, and nothing of its reading.

What is taken over of each row stands in declared/.
"""

from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction

from readerstudy.accounts.models import User
from readerstudy.audit.services import record
from readerstudy.cases.case_sets.drawing import another_seed, draw_cases
from readerstudy.cases.case_sets.eligibility import Filters
from readerstudy.cases.models import CaseExclusion, CaseSet, StudyCase
from readerstudy.cases.sampling import STRATA
from readerstudy.export.moving.declared import DECLARED
from readerstudy.presentation.blind import NEWER
from readerstudy.studies import services as studies
from readerstudy.studies.models import Study

Row = TypeVar("Row", bound=models.Model)
SAME, FRESH, NONE = "same", "fresh", "none"
CASES = {
    SAME: "The same cases",
    FRESH: "Other cases, drawn anew in the same way",
    NONE: "None yet",
}


@transaction.atomic
def copy_study(
    *,
    study: Study,
    actor: User,
    code: str,
    title: str,
    cases: str = SAME,
    with_people: bool = False,
    same_lists: bool = False,
) -> Study:
    """Make a draft with the choices of a study; `actor` becomes its coordinator.

    cases        of CASES
    with_people  give the same people the same roles; readers who left are left out
    same_lists   keep the seed of the lists; needs the same cases and the same people
    """
    if same_lists and not (cases == SAME and with_people):
        raise ValidationError(
            {
                "same_lists": "The same lists need the same cases and the same people. "
                "Choose both, or leave this open."
            }
        )
    study = Study.objects.select_for_update().get(pk=study.pk)
    copy = studies.create(coordinator=actor, code=code, title=title)
    _take_over(study, copy)
    copy.layout_profile = NEWER.get(copy.layout_profile, copy.layout_profile)
    if same_lists:
        copy.seed = study.seed
    copy.full_clean()
    copy.save()
    copy.arm_set.all().delete()
    _copies(study.arm_set.all(), study=copy)
    left_out = _copy_people(study, copy) if with_people else []
    _copies(study.practicecase_set.all(), study=copy)
    if cases != NONE:
        _copy_cases(study, copy, actor, draws_anew=cases == FRESH)
    told = {"cases": cases, "with_people": with_people, "same_lists": same_lists}
    told |= {"withdrawn_left_out": left_out}
    told |= {"people": _roles(copy)}
    record(
        actor=actor,
        verb="study.copied_from",
        stream=copy.code,
        subject=study.code,
        detail=told | {"state": study.state, "protocol_sha256": study.protocol_sha256},
        rows=[copy.membership_set.all()],
    )
    record(
        actor=actor,
        verb="study.copied_to",
        stream=study.code,
        subject=copy.code,
        detail=told,
    )
    return copy


def _take_over(original: models.Model, copy: models.Model) -> None:
    """Give a new row what is declared as copied."""
    for name in DECLARED[original._meta.label].copied():
        setattr(copy, name, getattr(original, name))


def _copies(rows: models.QuerySet[Row], **remade: Any) -> list[Row]:
    """A new row for each, in the same order, with other values for some fields."""
    made = []
    for row in rows:
        copy = type(row)(**remade)
        _take_over(row, copy)
        copy.full_clean()
        copy.save()
        made.append(copy)
    return made


def _copy_people(study: Study, copy: Study) -> list[str]:
    """Give people their roles; returns the codes of readers who had left."""
    members = study.membership_set.order_by("id").exclude(
        user__in=copy.membership_set.values("user")
    )
    left = members.filter(withdrawal__isnull=False)
    _copies(members.filter(withdrawal__isnull=True), study=copy)
    return list(left.values_list("reader_code", flat=True))


def _roles(study: Study) -> dict[str, str]:
    members = study.membership_set.select_related("user").order_by("id")
    return {member.user.number: member.role for member in members}


def _copy_cases(study: Study, copy: Study, actor: User, *, draws_anew: bool) -> None:
    """Copy exclusions and draw, or draw anew from what is in the collection now."""
    exclusions = CaseExclusion.objects.filter(study=study).order_by("pk")
    _copies(exclusions, study=copy, actor=actor)
    drawn = CaseSet.objects.filter(study=study).select_related("collection").first()
    if drawn is None:
        return
    if draws_anew:
        draw_cases(
            study=copy,
            actor=actor,
            collection=drawn.collection,
            sizes={name: getattr(drawn, name) for name in STRATA},
            seed=another_seed(),
            filters=Filters.from_json(drawn.filters),
        )
        return
    case_set = CaseSet(study=copy)
    _take_over(drawn, case_set)
    case_set.save()
    # The draw took place when it took place; the column tells of the last save.
    CaseSet.objects.filter(pk=case_set.pk).update(drawn_at=drawn.drawn_at)
    case_set.drawn_at = drawn.drawn_at
    StudyCase.objects.bulk_create(
        [
            StudyCase(case_set=case_set, case_id=case_id)
            for case_id in drawn.studycase_set.order_by("pk").values_list(
                "case", flat=True
            )
        ],
        batch_size=1000,
    )
