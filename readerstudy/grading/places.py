"""Where a reader is in the list: the next page, and the one behind a page.

A page is opened only when all before it are graded, and a grade is never taken away. So
what is graded stands before what is not, and the last page that was opened tells where
that ends: nobody has to look at all that was read before. Where rows were written by
other hands and it does not hold, the whole list is looked at.
"""

from typing import Any

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from readerstudy.grading.models import Grade
from readerstudy.presentation.models import Slot, SlotQuerySet
from readerstudy.statements import Statement
from readerstudy.studies.models import Membership

# The page that was opened last and its neighbours; of pairs, half as many pages.
_NEAR = 3


def next_slot(reader: Membership) -> Slot | None:
    """Return a reader's first leading slot without a grade; drafts do not count."""
    place = next_place(reader)
    return place and Slot.objects.in_full().get(pk=place.pk)


def next_place(reader: Membership) -> Slot | None:
    """The same slot, without what is behind it: for deciding about it alone."""
    near: list[Any] = _near_the_last_opened.rows(reader=reader.pk)
    found: Slot | None = next((slot for slot in near if not slot.is_graded), None)
    if found is None and len(near) == _NEAR:
        found = _ungraded(reader.pk).first()
    if found is not None:
        found.reader = reader
    return found


def slot_after(slot: Slot) -> Slot | None:
    """Return the next leading slot without a grade behind a slot in its session.

    It is None at the end of a session: what comes then is not for the reading page.
    """
    place = {"reader": slot.reader_id, "position": slot.position}
    behind: Any = _behind.first(**place, session=slot.session)
    found: Slot | None = behind
    if behind is not None and behind.is_graded:
        rest = _ungraded(slot.reader_id).filter(position__gt=slot.position)
        found = rest.filter(session=slot.session).in_full().first()
    if found is not None:
        found.reader = slot.reader
    return found


def around(slot: Slot) -> tuple[int, bool]:
    """The last place of a slot's list, and whether `slot_after` finds one."""
    found: Any = _around.rows(slot=slot.pk)[0]
    if found.is_next_graded:
        return found.last_place, slot_after(slot) is not None
    return found.last_place, found.next_session == slot.session


def _ungraded(reader: int) -> SlotQuerySet:
    """A reader's leading slots without a grade, in order; looks at the whole list."""
    pages = Slot.objects.filter(reader=reader).leading()
    return pages.filter(grade=None).order_by("position")


def _marked(pages: SlotQuerySet) -> SlotQuerySet:
    """Pages with `is_graded`: true of those that have a grade.

    Looked up for each page that is fetched. For EXISTS PostgreSQL reads all grades that
    there are into a table of its own where it expects many pages.
    """
    grades = Grade.objects.filter(slot=OuterRef("pk"))
    return pages.annotate(is_graded=Subquery(grades.values("pk")[:1]))


def _pages_near(reader: int) -> SlotQuerySet:
    opened = Slot.objects.filter(reader=reader, opened_at__isnull=False)
    last = Subquery(opened.order_by("-position").values("position")[:1])
    # The second report of a pair stands behind its page.
    pages = Slot.objects.filter(reader=reader, position__gte=Coalesce(last, 1) - 1)
    return _marked(pages.leading()).order_by("position")[:_NEAR]


def _page_behind(reader: int, position: int, session: int) -> SlotQuerySet:
    pages = Slot.objects.filter(reader=reader, session=session, position__gt=position)
    pages = pages.leading().select_related("presented__case__image")
    return _marked(pages).order_by("position")[:1]


def _surroundings(slot: int) -> SlotQuerySet:
    of_list = Slot.objects.filter(reader=OuterRef("reader"))
    behind = of_list.leading().filter(position__gt=OuterRef("position"))
    following = _marked(behind).order_by("position")
    last = of_list.order_by("-position")
    return (
        Slot.objects.filter(pk=slot)
        .only("pk")
        .annotate(
            last_place=Subquery(last.values("position")[:1]),
            next_session=Subquery(following.values("session")[:1]),
            is_next_graded=Subquery(
                following.values("is_graded")[:1]  # type: ignore[misc]
            ),
        )
    )


_near_the_last_opened = Statement(_pages_near, numbers=["reader"])
_behind = Statement(_page_behind, numbers=["reader", "position", "session"])
_around = Statement(_surroundings, numbers=["slot"])
