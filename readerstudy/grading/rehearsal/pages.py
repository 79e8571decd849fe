"""The pages of a rehearsal, in the contexts of the reading room, and the way on."""

from django.urls import reverse
from django.utils.translation import gettext as _

from readerstudy.grading.rehearsal.pretend import READER
from readerstudy.grading.rehearsal.services import (
    Rehearsal,
    bodies_of,
    radiographs_on,
)
from readerstudy.grading.reply import Reply
from readerstudy.grading.shown import (
    Context,
    Shown,
    image_addresses,
    room_context,
    shown_context,
)
from readerstudy.grading.words import reading_words
from readerstudy.studies.models import Study

SPACE = "grading:rehearsal"


def owner_of(study: Study) -> str:
    """Whose copies a browser keeps: nobody's who reads, whatever a study is called.

    A reader's are kept under the study's code and the reader's own.
    """
    return f"rehearsal.{study.code}"


def rehearsed_room(rehearsal: Rehearsal, place: int) -> Context:
    """The whole reading page of a rehearsal."""
    study = rehearsal.study
    start = reverse(f"{SPACE}:start", args=[study.code])
    return room_context(
        study,
        owner=owner_of(study),
        reader_code=READER,
        exit_url=start,
        next_url=start,
        page=rehearsed_page(rehearsal, place),
        words=_words(),
    )


def rehearsed_page(rehearsal: Rehearsal, place: int) -> Context:
    """One page of a rehearsal; raises NoSuchPage."""
    study, page = rehearsal.study, rehearsal.page(place)
    bodies = bodies_of(rehearsal, page)
    shown = Shown(
        name=f"page{place}",
        place=place,
        total=rehearsal.total,
        session=page[0].session,
        case=rehearsal.cases[page[0].case],
        bodies=bodies,
        entered=[Reply().as_json() for _ in bodies],
        images=image_addresses(
            radiographs_on(rehearsal, page), SPACE, study.code, place
        ),
        urls=_urls(rehearsal, place),
    )
    return shown_context(study, shown)


def _urls(rehearsal: Rehearsal, place: int) -> dict[str, str]:
    code = rehearsal.study.code
    urls = {
        name: reverse(f"{SPACE}:{name}", args=[code, place])
        for name in ("page", "open", "draft", "grade", "undo")
    }
    has_more = place != rehearsal.places_of(rehearsal.page(place)[0].session)[-1]
    return urls | {
        "window": reverse(f"{SPACE}:window", args=[code]),
        "following": reverse(f"{SPACE}:following", args=[code, place])
        if has_more
        else "",
    }


def after_page(rehearsal: Rehearsal, place: int) -> str:
    """Where a page leads once it is graded: the next one, or the end of its session."""
    code, session = rehearsal.study.code, rehearsal.page(place)[0].session
    if place != rehearsal.places_of(session)[-1]:
        return reverse(f"{SPACE}:page", args=[code, place + 1])
    name = "guess" if rehearsal.study.guess_sample else "session"
    return reverse(f"{SPACE}:{name}", args=[code, session])


def _words() -> dict[str, dict[str, str]]:
    """The words of the reading page, true of answers that nobody keeps."""
    words = reading_words()
    taken = _("rehearsal: grade taken {time}, not stored")
    words["status"] |= {
        "saved": _("rehearsal: draft taken {time}, not stored"),
        "last": taken,
        "accepted": taken,
        "accepted_undo": _(
            "rehearsal: grade taken {time}, not stored · {key} takes it back"
        ),
        "sending": _("rehearsal: sending the grade …"),
    }
    return words
