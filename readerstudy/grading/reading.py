"""What the reading page may know of a slot: an allow-list, and nothing of its arm."""

from typing import cast

from django.urls import reverse

from readerstudy.grading.before.display import checked_screen
from readerstudy.grading.before.preparation import what_is_missing
from readerstudy.grading.models import Draft, Grade, draft_of
from readerstudy.grading.places import around, slot_after
from readerstudy.grading.reply import Reply
from readerstudy.grading.services import page_of, reopened
from readerstudy.grading.shown import (
    Context,
    Shown,
    image_addresses,
    room_context,
    shown_context,
)
from readerstudy.grading.take_back import owner_of
from readerstudy.grading.words import reading_words
from readerstudy.presentation.models import Slot
from readerstudy.presentation.radiographs import radiographs_of
from readerstudy.studies.models import Study


def reading_context(slot: Slot) -> Context:
    """The whole reading page: the study's frame around the page of a slot."""
    study: Study = slot.reader.study
    return room_context(
        study,
        owner=owner_of(slot.reader),
        reader_code=slot.reader.reader_code,
        checked_screen=checked_screen(slot.reader),
        exit_url=reverse("grading:start", args=[study.code]),
        next_url=reverse("grading:next", args=[study.code]),
        page=page_context(slot),
        words=reading_words(),
    )


def page_ahead(slot: Slot, *, is_prepared: bool = False) -> Context | None:
    """The page behind an open one, so that it can be shown at once; needs may_read.

    None where another thing comes first: the end of a session, or of the list.
    is_prepared: whether it is known that nothing is missing for the slot's session.
    """
    upcoming = slot_after(slot)
    if upcoming is None:
        return None
    if not is_prepared and what_is_missing(slot.reader, upcoming.session) is not None:
        return None
    return page_context(upcoming, is_ungraded=True)


def page_context(slot: Slot, *, is_ungraded: bool = False) -> Context:
    """One page that is read: report or reports, questions, addresses.

    is_ungraded: whether it is known to have no grade, and so none to be amended.
    """
    page = page_of(slot)
    reopening = None if is_ungraded else reopened(slot)
    drafts = {
        draft.slot_id: draft for each in page for draft in draft_of.rows(slot=each.pk)
    }
    grades = _grades(page) if reopening else {}
    last, has_more = around(slot)
    shown = Shown(
        name=slot.public_id,
        place=(slot.position + len(page) - 1) // len(page),
        total=last // len(page),
        session=slot.session,
        case=slot.presented.case,
        bodies=[each.presented.body for each in page],
        entered=[
            _entered_so_far(drafts.get(each.pk), grades.get(each.pk)) for each in page
        ],
        preference=_preference(drafts.get(slot.pk), grades.get(slot.pk)),
        version=reopening.version if reopening else 1,
        reopened=reopening.kind if reopening else "",
        images=image_addresses(radiographs_of(slot), "api", slot.public_id),
        urls=_urls(slot, has_more=has_more),
    )
    return shown_context(slot.reader.study, shown)


def _grades(page: list[Slot]) -> dict[int, Grade]:
    """The grades of a page that are amended, by slot."""
    stored = Grade.objects.filter(slot__in=page).current()
    return {each.slot_id: each for each in stored.prefetch_related("marks")}


def _entered_so_far(draft: Draft | None, grade: Grade | None) -> Context:
    """What was entered on a report: its draft, else the grade that is amended."""
    if draft and draft.content:
        return cast(Context, draft.content)
    return _entered(grade) if grade else Reply().as_json()


def _entered(grade: Grade) -> Context:
    """A stored grade in the form in which a page enters it."""
    return {
        "letter": grade.letter,
        "comment": grade.comment,
        "cannot_assess": grade.cannot_assess,
        "answers": grade.answers,
        "marks": [
            {
                "category": mark.category,
                "significant": mark.significant,
                "sentence": None if mark.sentence is None else mark.sentence - 1,
                "start": mark.start,
                "end": mark.end,
                "replacement": mark.replacement,
            }
            for mark in grade.marks.all()
        ],
    }


def _preference(draft: Draft | None, grade: Grade | None) -> str:
    if draft:
        return draft.preference
    return grade.preference.choice if grade and hasattr(grade, "preference") else ""


def _urls(slot: Slot, *, has_more: bool) -> dict[str, str]:
    urls = {
        name: reverse(f"api:{name}", args=[slot.public_id])
        for name in ("open", "draft", "grade", "undo")
    }
    return urls | {
        "page": reverse("grading:read", args=[slot.public_id]),
        "window": reverse("presentation:window", args=[slot.public_id]),
        "following": reverse("grading:following", args=[slot.public_id])
        if has_more
        else "",
    }
