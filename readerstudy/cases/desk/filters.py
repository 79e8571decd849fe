"""Which cases of a collection the desk shows, and where a page of them ends."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from readerstudy.cases.desk.flags import FLAGS, OF_IMAGES
from readerstudy.cases.fixing import fixed
from readerstudy.cases.models import Case, Collection, Image

CASES_PER_PAGE = 60
STATES = {
    "no_image": "No radiograph chosen",
    "by_hand": "Radiograph chosen by hand",
    "set_aside": "Set aside as a duplicate",
    "fixed": "In a frozen study",
}


def filtered(collection: Collection, asked: Mapping[str, Any]) -> QuerySet[Case]:
    """The cases of a collection that are asked for, in the order of their codes."""
    cases: QuerySet[Case] = Case.objects.filter(collection=collection)
    if search := asked.get("q"):
        cases = cases.filter(code__icontains=search)
    if stratum := asked.get("stratum"):
        cases = cases.filter(stratum=stratum)
    if view := asked.get("view"):
        cases = cases.filter(_has_image(view=view))
    if show := asked.get("show"):
        cases = cases.filter(_shown(show))
    return cases.order_by("code")


def _has_image(**which: Any) -> Exists:
    return Exists(Image.objects.filter(case=OuterRef("pk"), **which))


def _shown(show: str) -> Q | Exists:
    """What one of STATES or FLAGS asks of a case."""
    if show in OF_IMAGES:
        return _has_image(flags__has_key=show)
    if show in {"several", "several_frontal"}:
        return Q(pk__in=_with_several(frontal=show == "several_frontal"))
    conditions: dict[str, Q | Exists] = {
        "lateral": Q(image__view=Image.View.LATERAL),
        "view_unknown": Q(image__view=Image.View.UNKNOWN),
        "no_image": Q(image=None),
        "by_hand": Q(image_was_chosen=True),
        "set_aside": Q(set_aside__isnull=False),
        "fixed": fixed(),
    }
    return conditions[show]


def _with_several(*, frontal: bool) -> QuerySet[Image, int]:
    """The cases with more than one radiograph, those of earlier times left out."""
    images = Image.objects.filter(is_prior=False)
    if frontal:
        images = images.filter(view=Image.View.FRONTAL)
    several = images.values("case").annotate(held=Count("pk")).filter(held__gt=1)
    return several.values_list("case", flat=True)


def counts_shown(collection: Collection) -> dict[str, int]:
    """How many cases each of STATES and FLAGS would show; those of none are left out"""
    flagged: set[tuple[str, int]] = set()
    images = Image.objects.filter(case__collection=collection).exclude(flags={})
    for case, flags in images.values_list("case", "flags"):
        flagged |= {(flag, case) for flag in flags}
    counts = Counter(flag for flag, _ in flagged)
    cases = Case.objects.filter(collection=collection)
    for show in (FLAGS | STATES).keys() - OF_IMAGES.keys():
        counts[show] = cases.filter(_shown(show)).count()
    return {show: counts[show] for show in STATES | FLAGS if counts[show]}


@dataclass(frozen=True)
class Page:
    """Some cases in the order of their codes; `after` and `before` lead further."""

    cases: list[Case]
    after: str
    before: str

    @property
    def last(self) -> str:
        """The code of the last case."""
        return self.cases[-1].code if self.cases else ""


def page_of(cases: QuerySet[Case], *, after: str = "", before: str = "") -> Page:
    """The cases that follow a code, or those that end before one.

    A page is found by its first code, not by counting from the start, so that the last
    page of a large collection comes as fast as the first.
    """
    rows = cases.select_related("set_aside").prefetch_related("images__header_record")
    if before:
        found = list(rows.filter(code__lt=before).order_by("-code")[:_ONE_MORE])
        has_before, has_after = len(found) == _ONE_MORE, True
        found = found[:CASES_PER_PAGE][::-1]
    else:
        found = list(rows.filter(code__gt=after)[:_ONE_MORE])
        has_before, has_after = bool(after), len(found) == _ONE_MORE
        found = found[:CASES_PER_PAGE]
    return Page(
        found,
        after=found[-1].code if found and has_after else "",
        before=found[0].code if found and has_before else "",
    )


_ONE_MORE = CASES_PER_PAGE + 1
