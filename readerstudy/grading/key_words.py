"""What each key does, in words; the keys themselves are in static/grading/keys.js."""

from django.utils.translation import gettext as _


def key_words() -> dict[str, str]:
    """Return the texts of the key card by action, row of the card, or group."""
    return _card() | _groups() | _rows() | _actions() | _numbered()


def _card() -> dict[str, str]:
    return {
        "title": _("Keys"),
        "close": _("Close (Esc)"),
        "change": _("Change keys"),
        "change_done": _("Done"),
        "reset_all": _("Back to the usual keys"),
        "choose": _("Choose the key that you want to change."),
        "change_of": _("{text}: {key}. Change it"),
        "press": _("Press the new key for: {text}. Esc keeps the old one."),
        "changed": _("{key} is the key now for: {text}."),
        "was_reset": _("All keys are the usual ones again."),
        "taken": _("{key} is already the key for: {text}. Press another one."),
        "unsuitable": _("That key cannot be used here. Press another one."),
        "mouse-drag": _("Window: right is wider, down is darker"),
        "mouse-drag_key": _("Drag"),
        "mouse-wheel": _("Zoom to the cursor"),
        "mouse-wheel_key": _("Wheel"),
        "mouse-right": _("Move the image; also Shift or Space with a drag"),
        "mouse-right_key": _("Right drag"),
    }


def _groups() -> dict[str, str]:
    return {
        "group_grade": _("Grade"),
        "group_pair": _("Two reports"),
        "group_marks": _("Errors in the text"),
        "group_image": _("Image"),
        "group_page": _("Page"),
        "group_mouse": _("Mouse, on the image"),
    }


def _rows() -> dict[str, str]:
    """Rows of the card that stand for several keys."""
    return {
        "row_grades": _("Grade; again to clear it"),
        "row_confidence": _("How sure you are of it"),
        "row_prefer": _("Report 1 is better, equal, report 2 is better"),
        "row_sentence": _("Next, previous sentence"),
        "row_categories": _("While marking: what is wrong"),
        "row_significance": _("While marking: it matters clinically, or not"),
        "row_mark-end": _("While marking: end one word earlier, later"),
        "row_mark-start": _("While marking: begin one word earlier, later"),
        "row_zoom": _("Zoom in, out"),
        "row_presets": _("Window presets, in the order of the buttons"),
        "row_pan": _("Move the image"),
        "row_level": _("Brighter, darker (level)"),
        "row_width": _("Less, more contrast (width)"),
        "row_flip": _("Flip left and right, top and bottom"),
        "row_report": _("Scroll the report"),
    }


def _actions() -> dict[str, str]:
    return {
        "definitions": _("What the grades mean"),
        "comment": _("Write a comment; Esc leaves it"),
        "cannot-assess": _("Cannot assess, with a reason; again to grade"),
        "submit": _("Submit, then the next report"),
        "submit-typing": _("Submit from within the comment"),
        "undo": _("Take the last grade back, for some seconds"),
        "prefer-1": _("Report 1 is better"),
        "prefer-equal": _("Both are equal"),
        "prefer-2": _("Report 2 is better"),
        "other-report": _("Go to the other report"),
        "sentence-next": _("Next sentence"),
        "sentence-previous": _("Previous sentence"),
        "mark-error": _("Mark an error in the current sentence"),
        "mark-missing": _("Mark that something is missing"),
        "mark-done": _("While marking: keep the mark"),
        "mark-remove": _("While marking: remove the mark"),
        "mark-cancel": _("While marking: leave it as it was"),
        "invert": _("Invert"),
        "fit": _("Fit to the window"),
        "actual-size": _("1:1, one image point per screen point"),
        "zoom-in": _("Zoom in"),
        "zoom-out": _("Zoom out"),
        "reset": _("Reset window and position"),
        "auto-window": _("Automatic window"),
        "pan-left": _("Move the image left"),
        "pan-up": _("Move the image up"),
        "pan-down": _("Move the image down"),
        "pan-right": _("Move the image right"),
        "brighter": _("Brighter (lower level)"),
        "darker": _("Darker (higher level)"),
        "wider": _("Less contrast (wider window)"),
        "narrower": _("More contrast (narrower window)"),
        "rotate": _("Rotate by 90°"),
        "flip-horizontal": _("Flip left and right"),
        "flip-vertical": _("Flip top and bottom"),
        "loupe-on": _("Loupe, while held"),
        "length": _("Measure a length"),
        "next-pane": _("Next image"),
        "swap-prior": _("Prior beside current; again to change sides"),
        "pop-out": _("Image in a window of its own"),
        "report-up": _("Scroll the report back"),
        "report-down": _("Scroll the report"),
        "pause": _("Pause: hides the case, stops the clock"),
        "help": _("This card"),
        "leave": _("Close this card, leave the comment"),
    }


def _numbered() -> dict[str, str]:
    grades = {f"grade-{each}": _("Grade {grade}") for each in "ABCD"}
    texts = {name: text.format(grade=name[-1]) for name, text in grades.items()}
    for number in "12345":
        sure = _("How sure you are: {number}")
        preset = _("Window preset {number}, in the order of the buttons")
        texts[f"confidence-{number}"] = sure.format(number=number)
        texts[f"preset-{number}"] = preset.format(number=number)
    return texts
