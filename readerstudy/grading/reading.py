"""What the reading page may know of a slot: an allow-list, and nothing of its arm."""

from django.urls import reverse

from readerstudy.grading.before.display import checked_screen
from readerstudy.grading.models import Draft, Grade
from readerstudy.grading.path import slot_after
from readerstudy.grading.reply import Reply
from readerstudy.grading.services import page_of, reopened
from readerstudy.grading.shown import (
    Context,
    Shown,
    image_addresses,
    room_context,
    shown_context,
)
from readerstudy.grading.words import reading_words
from readerstudy.presentation.models import Slot
from readerstudy.presentation.radiographs import radiographs_of
from readerstudy.studies.models import Study


def reading_context(slot: Slot) -> Context:
    """The whole reading page: the study's frame around the page of a slot."""
    study: Study = slot.reader.study
    return room_context(
        study,
        owner=f"{study.code}.{slot.reader.reader_code}",
        reader_code=slot.reader.reader_code,
        checked_screen=checked_screen(slot.reader),
        exit_url=reverse("grading:start", args=[study.code]),
        next_url=reverse("grading:next", args=[study.code]),
        page=page_context(slot),
        words=reading_words(),
    )


def page_context(slot: Slot) -> Context:
    """One page that is read: report or reports, questions, addresses."""
    page = page_of(slot)
    reopening = reopened(slot)
    shown = Shown(
        name=slot.public_id,
        place=(slot.position + len(page) - 1) // len(page),
        total=Slot.objects.of_reader(slot.reader).leading().count(),
        session=slot.session,
        case=slot.presented.case,
        bodies=[each.presented.body for each in page],
        entered=_entered_so_far(page, is_amended=reopening is not None),
        preference=_preference(slot),
        version=reopening.version if reopening else 1,
        reopened=reopening.kind if reopening else "",
        images=image_addresses(radiographs_of(slot), "api", slot.public_id),
        urls=_urls(slot),
    )
    return shown_context(slot.reader.study, shown)


def _entered_so_far(page: list[Slot], *, is_amended: bool) -> list[Context]:
    """What was entered on a page: its draft, else the grade that is amended."""
    drafts = {
        draft.slot_id: draft.content for draft in Draft.objects.filter(slot__in=page)
    }
    stored = Grade.objects.filter(slot__in=page).current().prefetch_related("marks")
    grades = {grade.slot_id: _entered(grade) for grade in stored} if is_amended else {}
    return [
        drafts.get(slot.pk) or grades.get(slot.pk) or Reply().as_json() for slot in page
    ]


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


def _preference(slot: Slot) -> str:
    draft = Draft.objects.filter(slot=slot).first()
    if draft:
        return draft.preference
    grade = Grade.objects.filter(slot=slot).order_by("version").last()
    return grade.preference.choice if grade and hasattr(grade, "preference") else ""


def _urls(slot: Slot) -> dict[str, str]:
    urls = {
        name: reverse(f"api:{name}", args=[slot.public_id])
        for name in ("open", "draft", "grade", "undo")
    }
    return urls | {
        "page": reverse("grading:read", args=[slot.public_id]),
        "window": reverse("presentation:window", args=[slot.public_id]),
        "following": reverse("grading:following", args=[slot.public_id])
        if slot_after(slot)
        else "",
    }
