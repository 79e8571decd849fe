"""What the reading page may know of a slot: an allow-list, and nothing of its arm."""

from typing import Any

from django.urls import reverse

from readerstudy.grading.before.display import checked_screen
from readerstudy.grading.models import Draft, Grade
from readerstudy.grading.path import slot_after
from readerstudy.grading.reply import Reply
from readerstudy.grading.services import page_of, reopened
from readerstudy.grading.words import reading_words
from readerstudy.presentation.models import Slot
from readerstudy.presentation.radiographs import radiographs_of
from readerstudy.studies.instruments import ERROR_CATEGORIES, chosen
from readerstudy.studies.models import Study

Context = dict[str, Any]
IMAGE_ADDRESSES = {"meta": "image", "preview": "preview", "frame": "frame"}


def reading_context(slot: Slot) -> Context:
    """The whole reading page: the study's frame around the page of a slot."""
    study: Study = slot.reader.study
    return {
        "study": {"code": study.code, "title": study.title},
        "reader_code": slot.reader.reader_code,
        "rules": {
            "idle_seconds": study.idle_seconds,
            "break_minutes": study.break_minutes,
            "undo_seconds": study.undo_seconds,
            "allow_small_screens": study.allow_small_screens,
        },
        "checked_screen": checked_screen(slot.reader),
        "exit_url": reverse("grading:start", args=[study.code]),
        "next_url": reverse("grading:next", args=[study.code]),
        "page": page_context(slot),
        "words": reading_words(),
    }


def page_context(slot: Slot) -> Context:
    """One page that is read: report or reports, questions, addresses."""
    study: Study = slot.reader.study
    page = page_of(slot)
    reopening = reopened(slot)
    return {
        "public_id": slot.public_id,
        "version": reopening.version if reopening else 1,
        "place": (slot.position + len(page) - 1) // len(page),
        "total": Slot.objects.of_reader(slot.reader).leading().count(),
        "session": slot.session,
        "indication": slot.presented.case.indication if study.show_indication else "",
        "reports": _reports(page, study, is_amended=reopening is not None),
        "is_pair": len(page) == 2,
        "preference": _preference(slot),
        "scale": study.scale,
        "instruments": chosen(study.instruments),
        "error_categories": ERROR_CATEGORIES,
        "note": slot.presented.body["note"],
        "reopened": {"kind": reopening.kind} if reopening else None,
        "images": _images(slot),
        "urls": _urls(slot),
    }


def _reports(page: list[Slot], study: Study, *, is_amended: bool) -> list[Context]:
    drafts = {
        draft.slot_id: draft.content for draft in Draft.objects.filter(slot__in=page)
    }
    stored = Grade.objects.filter(slot__in=page).current().prefetch_related("marks")
    grades = {grade.slot_id: _entered(grade) for grade in stored} if is_amended else {}
    return [
        {
            "number": number,
            "prefix": f"report{number}-" if len(page) > 1 else "",
            "sections": slot.presented.body["sections"],
        }
        | _questions(
            study, drafts.get(slot.pk) or grades.get(slot.pk) or Reply().as_json()
        )
        for number, slot in enumerate(page, 1)
    ]


def _questions(study: Study, entered: Context) -> Context:
    """What is asked about a report, each question with what was entered so far."""
    asked = chosen(study.instruments)
    return {
        "entered": entered,
        "questions": [
            {"instrument": each, "entered": entered["answers"].get(each.name, "")}
            for each in asked
        ],
        "asks": {each.name for each in asked},
    }


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


def _images(slot: Slot) -> list[dict[str, str]]:
    """The radiographs of a page, the one that is read first."""
    return [
        {"label": each.label}
        | {
            kind: reverse(f"api:{name}", args=[slot.public_id, number])
            for kind, name in IMAGE_ADDRESSES.items()
        }
        for number, each in enumerate(radiographs_of(slot))
    ]


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
