"""What the reading room shows, whoever reads: an allow-list, and nothing of an arm.

A reader's own list (reading.py) and a rehearsal (rehearsal/) are shown by the same
templates from the same two contexts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, gettext_noop

from readerstudy.cases.models import Case
from readerstudy.presentation.radiographs import LabelledImage
from readerstudy.studies.instruments import ERROR_CATEGORIES, chosen
from readerstudy.studies.models import Study

Context = dict[str, Any]
Body = Mapping[str, Any]
# What is laid out with the texts, by blind.py, which knows of no language.
NOTES = (
    gettext_noop(
        "XXXX stands for words that were taken out for privacy. It says nothing about "
        "who wrote a report."
    ),
    gettext_noop(
        "[…] stands for words that were taken out for privacy. It says nothing about "
        "who wrote a report."
    ),
)
IMAGE_ADDRESSES = {"meta": "image", "preview": "preview", "frame": "frame"}


@dataclass(frozen=True)
class Shown:
    """One page that is read.

    name, place, total, session  its name in the browser, and where it stands
    bodies                       its texts as they were laid out: one, or two of a pair
    entered                      for each text what was entered so far (Reply.as_json)
    version, reopened            the version that is entered; "" unless it was reopened
    images, urls                 addresses by name, as the page's scripts know them
    """

    name: str
    place: int
    total: int
    session: int
    case: Case
    bodies: Sequence[Body]
    entered: Sequence[Context]
    images: Sequence[Context]
    urls: Mapping[str, str]
    preference: str = ""
    version: int = 1
    reopened: str = ""


def room_context(
    study: Study,
    *,
    owner: str,
    reader_code: str,
    exit_url: str,
    next_url: str,
    page: Context,
    words: dict[str, dict[str, str]],
    checked_screen: str = "",
) -> Context:
    """The study's frame around a page.

    `owner` is whose copies a browser keeps; next_url leads to what comes next.
    """
    return {
        "study": {"code": study.code, "title": study.title},
        "owner": owner,
        "reader_code": reader_code,
        "rules": {
            "idle_seconds": study.idle_seconds,
            "break_minutes": study.break_minutes,
            "undo_seconds": study.undo_seconds,
            "allow_small_screens": study.allow_small_screens,
        },
        "checked_screen": checked_screen,
        "exit_url": exit_url,
        "next_url": next_url,
        "page": page,
        "words": words,
    }


def shown_context(study: Study, shown: Shown) -> Context:
    """A page: report or reports, questions, addresses."""
    is_pair = len(shown.bodies) == 2
    return {
        "public_id": shown.name,
        "version": shown.version,
        "place": shown.place,
        "total": shown.total,
        "session": shown.session,
        "indication": shown.case.indication if study.show_indication else "",
        "reports": [
            {
                "number": number,
                "prefix": f"report{number}-" if is_pair else "",
                "sections": body["sections"],
            }
            | _questions(study, entered)
            for number, (body, entered) in enumerate(
                zip(shown.bodies, shown.entered, strict=True), 1
            )
        ],
        "is_pair": is_pair,
        "preference": shown.preference,
        "scale": study.scale,
        "instruments": chosen(study.instruments),
        "error_categories": ERROR_CATEGORIES,
        "note": gettext(shown.bodies[0]["note"]),
        "reopened": {"kind": shown.reopened} if shown.reopened else None,
        "images": shown.images,
        "urls": shown.urls,
    }


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


def image_addresses(
    images: Sequence[LabelledImage], space: str, *arguments: object
) -> list[Context]:
    """The radiographs of a page by the addresses under which a browser gets them."""
    return [
        {"label": each.label}
        | {
            kind: reverse(f"{space}:{name}", args=[*arguments, number])
            for kind, name in IMAGE_ADDRESSES.items()
        }
        for number, each in enumerate(images)
    ]
