"""What a reader has graded so far, as a list to look at and to go back to."""

from collections.abc import Iterator
from dataclasses import dataclass

from readerstudy.grading.amending import may_amend
from readerstudy.grading.models import Grade
from readerstudy.presentation.models import Slot
from readerstudy.studies.models import Membership


@dataclass(frozen=True)
class GradedPage:
    """One page that was graded, and whether its grade may still be changed."""

    slot: Slot
    place: int
    grades: list[Grade]
    may_amend: bool


def graded_pages(reader: Membership) -> list[GradedPage]:
    """The graded pages of a reader, the newest first; a few queries in all."""
    current = Grade.objects.of_reader(reader).current()
    grades = {grade.slot_id: grade for grade in current}
    slots = Slot.objects.of_reader(reader).filter(pk__in=grades)
    pages: dict[int, list[Slot]] = {}
    for slot in slots.select_related("reader__study"):
        pages.setdefault(
            (slot.position + 1) // 2 if slot.side else slot.position, []
        ).append(slot)
    allowed = {number: may_amend(page[0]) for number, page in _one_per_session(pages)}
    return [
        GradedPage(
            page[0],
            place,
            [grades[slot.pk] for slot in page],
            allowed[page[0].session],
        )
        for place, page in sorted(pages.items(), reverse=True)
    ]


def _one_per_session(
    pages: dict[int, list[Slot]],
) -> Iterator[tuple[int, list[Slot]]]:
    """One page of each session: whether it may be amended holds for all of it."""
    seen = set()
    for page in pages.values():
        if page[0].session not in seen:
            seen.add(page[0].session)
            yield page[0].session, page
