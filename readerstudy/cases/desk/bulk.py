"""One change of many cases at once, all of them or none, and how it is undone."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from readerstudy.accounts.models import User
from readerstudy.audit.services import record
from readerstudy.cases.fixing import fixed, hold
from readerstudy.cases.imports import SET_BY
from readerstudy.cases.models import BulkChange, Case, Collection, Image

What = BulkChange.What
AT_ONCE = 500
FIRST_FRONTAL, NONE = "first_frontal", "none"
# Which radiographs of the cases get another view.
OF_UNKNOWN_VIEW, READ, ALL = "unknown", "read", "all"
Item = TypeVar("Item")
# A case, its image or None, the value before and after.
Row = list[Any]


@transaction.atomic
def change_cases(
    *,
    collection: Collection,
    actor: User,
    cases: QuerySet[Case],
    what: str,
    value: str,
    which: str = OF_UNKNOWN_VIEW,
    leaves_fixed: bool = False,
) -> BulkChange:
    """Set the view, the stratum or the radiograph that is read of many cases.

    which          for a view: of which of a case's radiographs
    leaves_fixed   cases of frozen studies stay as they are; else one is enough to
                   refuse the whole

    Refused where nothing would change.
    """
    chosen = cases.filter(collection=collection)
    chosen_ids = list(chosen.values_list("pk", flat=True))
    if not chosen_ids:
        raise ValidationError("No case is selected.")
    hold(chosen_ids)
    held = _fixed_among(chosen_ids)
    if held and not leaves_fixed:
        raise ValidationError(
            f"{_cases(len(held))} of {len(chosen_ids)} selected belong to a frozen "
            f"study, such as {held[0]}: image, view and stratum are fixed there. "
            "Nothing was changed. Leave them out to change the others."
        )
    rows: list[Row] = []
    codes: list[str] = []
    for some in _some(chosen_ids):
        free = Case.objects.filter(pk__in=some).exclude(fixed())
        locked = list(free.order_by("code"))
        made = _CHANGES[What(what)](locked, value, which, f"{SET_BY}{actor.username}")
        rows += made
        touched = {row[0] for row in made}
        codes += [case.code for case in locked if case.pk in touched]
    if not rows:
        raise ValidationError(
            "Nothing to change: the selected cases are so already, or have no "
            "radiograph that fits."
        )
    change = BulkChange.objects.create(
        collection=collection,
        what=what,
        value=value,
        before=rows,
        changed=len(codes),
        actor=actor,
    )
    record(
        actor=actor,
        verb="cases.changed_in_bulk",
        subject=collection.name,
        detail={
            "change": change.pk,
            "what": what,
            "value": value,
            "which": which if what == What.VIEW else None,
            "changed": len(codes),
            "left_fixed": len(held),
            "cases": codes,
        },
    )
    return change


def _some(rows: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Rows a few at a time, as many as one statement takes."""
    for start in range(0, len(rows), AT_ONCE):
        yield rows[start : start + AT_ONCE]


def _cases(count: int) -> str:
    return "1 case" if count == 1 else f"{count} cases"


def _fixed_among(ids: Sequence[int]) -> list[str]:
    """The codes of the cases that a frozen study reads."""
    return sorted(
        code
        for some in _some(ids)
        for code in Case.objects.filter(fixed(), pk__in=some).values_list(
            "code", flat=True
        )
    )


def _set_view(cases: list[Case], value: str, which: str, reason: str) -> list[Row]:
    images = Image.objects.filter(case__in=cases, is_prior=False).exclude(view=value)
    if which == OF_UNKNOWN_VIEW:
        images = images.filter(view=Image.View.UNKNOWN)
    elif which == READ:
        images = images.filter(
            pk__in=[case.image_id for case in cases if case.image_id]
        )
    rows = [
        [image.case_id, image.pk, [image.view, image.view_reason], [value, reason]]
        for image in images
    ]
    images.filter(pk__in=[row[1] for row in rows]).update(
        view=value, view_reason=reason
    )
    return rows


def _set_stratum(cases: list[Case], value: str, which: str, reason: str) -> list[Row]:
    rows = [
        [case.pk, None, case.stratum, value] for case in cases if case.stratum != value
    ]
    Case.objects.filter(pk__in=[row[0] for row in rows]).update(stratum=value)
    return rows


def _set_choice(cases: list[Case], value: str, which: str, reason: str) -> list[Row]:
    first: dict[int, int] = {}
    if value == FIRST_FRONTAL:
        frontal = Image.objects.filter(
            case__in=cases, is_prior=False, view=Image.View.FRONTAL
        )
        for of_case, image in frontal.order_by("-pk").values_list("case", "pk"):
            first[of_case] = image
        cases = [case for case in cases if case.pk in first]
    rows: list[Row] = [
        [case.pk, None, [case.image_id, case.image_was_chosen], [chosen, True]]
        for case in cases
        if (chosen := first.get(case.pk)) != case.image_id
    ]
    _choose({row[0]: row[3][0] for row in rows}, was_chosen=True)
    return rows


def _choose(image_of: dict[int, int | None], *, was_chosen: bool) -> None:
    """Set which of its images each case has read, in two statements at most."""
    for has_image in (True, False):
        cases = [pk for pk, image in image_of.items() if (image is None) != has_image]
        own = Image.objects.filter(
            case=OuterRef("pk"), pk__in=[image_of[pk] for pk in cases]
        )
        Case.objects.filter(pk__in=cases).update(
            image=Subquery(own.values("pk")[:1]) if has_image else None,
            image_was_chosen=was_chosen,
        )


_CHANGES = {What.VIEW: _set_view, What.STRATUM: _set_stratum, What.CHOICE: _set_choice}


def last_change(collection: Collection) -> BulkChange | None:
    """The newest change of a collection that was not undone."""
    changes = BulkChange.objects.filter(collection=collection, undone_at=None)
    return changes.select_related("actor").order_by("-pk").first()


@transaction.atomic
def undo(*, change: BulkChange, actor: User) -> tuple[int, int]:
    """Put back what a change of many cases found; returns how many, and how many not.

    What somebody changed since, and what a frozen study reads by now, stays. Refused
    unless it is the last change of its collection.
    """
    change = BulkChange.objects.select_for_update().get(pk=change.pk)
    last = last_change(change.collection)
    if last is None or last.pk != change.pk:
        raise ValidationError("Only the last change of a collection can be undone.")
    put_back = sum(_put_back(change.what, list(some)) for some in _some(change.before))
    change.undone_at = timezone.now()
    change.save(update_fields=["undone_at"])
    stayed = len(change.before) - put_back
    record(
        actor=actor,
        verb="cases.bulk_change_undone",
        subject=change.collection.name,
        detail={"change": change.pk, "put_back": put_back, "stayed": stayed},
    )
    return put_back, stayed


def _put_back(what: str, rows: list[Row]) -> int:
    """Put rows back whose value is still the one that was set."""
    ids = [row[0] for row in rows]
    hold(ids)
    free = Case.objects.filter(pk__in=ids).exclude(fixed())
    cases = {case.pk: case for case in free}
    rows = [row for row in rows if row[0] in cases]
    if what == What.VIEW:
        return _views_back(rows)
    if what == What.STRATUM:
        return _strata_back([row for row in rows if cases[row[0]].stratum == row[3]])
    return _choices_back(
        [
            row
            for row in rows
            if [cases[row[0]].image_id, cases[row[0]].image_was_chosen] == row[3]
        ]
    )


def _views_back(rows: list[Row]) -> int:
    """Put views back, those together that were the same before and after."""
    images: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for _, image, before, after in rows:
        images[(*before, *after)].append(image)
    return sum(
        Image.objects.filter(pk__in=some, view=set_view, view_reason=set_reason).update(
            view=view, view_reason=reason
        )
        for (view, reason, set_view, set_reason), some in images.items()
    )


def _strata_back(rows: list[Row]) -> int:
    for stratum in Case.Stratum.values:
        were = [row[0] for row in rows if row[2] == stratum]
        Case.objects.filter(pk__in=were).update(stratum=stratum)
    return len(rows)


def _choices_back(rows: list[Row]) -> int:
    for was_chosen in (True, False):
        were = {row[0]: row[2][0] for row in rows if row[2][1] == was_chosen}
        _choose(were, was_chosen=was_chosen)
    return len(rows)
