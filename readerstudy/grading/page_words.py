"""The sentences that the reading page's scripts say, for translation."""

from django.utils.translation import gettext as _

from readerstudy.presentation.viewer_words import viewer_words


def page_words() -> dict[str, dict[str, str]]:
    """Return the words of the page, of its status line and of its pauses, by name.

    {time}, {key}, {sentence}, {count} and {minutes} are filled in by the scripts.
    """
    return {
        "reading": _reading(),
        "status": _status(),
        "pause": _pause(),
        "send": _send(),
        "viewer": viewer_words(),
    }


def _reading() -> dict[str, str]:
    return {
        "sign_in": _("Sign in"),
        "continue": _("Continue"),
        "not_shown_yet": _(
            "The radiograph is not shown yet. Submit when you have seen it."
        ),
        "no_copies": _(
            "This browser keeps no copies. Leave the page only when it says saved."
        ),
        "graded_elsewhere": _("This report was graded in another window."),
    }


def _status() -> dict[str, str]:
    return {
        "empty": _("nothing entered yet"),
        "unsaved": _("not saved yet"),
        "saved": _("draft saved {time}"),
        "last": _("last grade saved {time}"),
        "accepted": _("grade saved {time}"),
        "accepted_undo": _("grade saved {time} · {key} takes it back"),
        "sending": _("saving the grade …"),
        "taking_back": _("taking the grade back …"),
        "retrying": _("not saved yet; retrying"),
        "offline": _("offline: kept on this computer, not saved yet"),
        "signed_out": _(
            "not saved yet. Your session has ended; what you entered is kept here."
        ),
        "paused": _(
            "reading is paused. Your grade is kept in this browser and goes through "
            "when it goes on."
        ),
        "refused": "{sentence}",
    }


def _send() -> dict[str, str]:
    """What an answer of the server means where it does not say so itself."""
    return {
        "400": _("The server did not understand this grade."),
        "404": _("This report is not on your list any more."),
        "409": _("The server holds another grade for this report; that one stands."),
        "410": _("The study is closed for reading."),
        "other": _("The server refused it ({status})."),
    }


def _pause() -> dict[str, str]:
    return {
        "asked_title": _("Paused"),
        "asked_text": _("The case is hidden and the clock has stopped."),
        "idle_title": _("Are you still there?"),
        "idle_text": _(
            "Nothing has happened for a while, so the case is hidden and the clock "
            "has stopped."
        ),
        "break_title": _("Time for a break?"),
        "break_text": _(
            "You have read for {minutes} minutes. A minute of looking into the "
            "distance rests the eyes; the next case waits."
        ),
    }
