"""Taking the last grade back where a session has ended: what the pages there offer."""

from django.utils.translation import gettext as _

from readerstudy.grading.page_words import page_words
from readerstudy.studies.models import Membership, Study


def owner_of(reader: Membership) -> str:
    """Whose copies a browser keeps of what a reader entered."""
    return f"{reader.study.code}.{reader.reader_code}"


def take_back_offer(study: Study, *, owner: str) -> dict[str, object] | None:
    """What the template _take_back.html needs; None where nothing can be taken back.

    Whether a grade is young enough is known to the browser, and judged when it asks.
    """
    if not study.undo_seconds:
        return None
    status = {
        "taking_back": _("taking the grade back …"),
        "retrying": _("The server cannot be reached. Try again."),
        "signed_out": _("Your session has ended. Sign in again to take it back."),
        "refused": "{sentence}",
    }
    words = {"send": page_words()["send"], "status": status}
    return {"owner": owner, "seconds": study.undo_seconds, "words": words}
