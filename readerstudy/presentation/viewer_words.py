"""What the viewer says, in the reader's language; static/viewer/words.js has the same
words in English for pages that give it none."""

from django.utils.translation import gettext as _


def viewer_words() -> dict[str, str]:
    """Return the viewer's words by their names; {braces} are filled in the browser."""
    return {
        "radiograph": _("Chest radiograph"),
        "frontal": _("Frontal"),
        "lateral": _("Lateral"),
        "prior": _("Prior"),
        "loading": _("Loading the radiograph …"),
        "loading-share": _("Loading the radiograph … {percent} %"),
        "preview": _("Preview; the full resolution is on its way"),
        "retry": _("Try again"),
        "sign-in": _("Sign in"),
        "values": _("W {width}  L {level}"),
        "zoom": _("{zoom} %"),
        "zoom-fit": _("fit {zoom} %"),
        "state": _("{name}, window {width}, level {level}, zoom {zoom} percent"),
        "inverted": _("inverted"),
        "rotated": _("rotated {degrees}°"),
        "flipped": _("flipped"),
        "tools": _("Image tools"),
        "fit": _("Fit"),
        "actual-size": _("1:1"),
        "actual-size-title": _("One image point per screen point"),
        "zoom-out": _("−"),  # noqa: RUF001
        "zoom-out-title": _("Zoom out"),
        "zoom-in": _("+"),
        "zoom-in-title": _("Zoom in"),
        "window": _("Window: {label}"),
        "window-number": _("Window {number}"),
        "table-number": _("Table {number}"),
        "auto-window": _("Auto"),
        "invert": _("Invert"),
        "rotate": _("Rotate"),
        "rotate-title": _("Rotate by 90° clockwise"),
        "flip-horizontal": _("Flip ↔"),
        "flip-horizontal-title": _("Flip left and right"),
        "flip-vertical": _("Flip ↕"),
        "flip-vertical-title": _("Flip top and bottom"),
        "loupe": _("Loupe"),
        "length": _("Length"),
        "length-title": _("Measure a length; drag over the image"),
        "swap-prior": _("Prior"),
        "swap-prior-title": _("Prior beside current; again to change sides"),
        "next-pane": _("Next image"),
        "next-pane-title": _("Make the next image the active one"),
        "solo": _("Single"),
        "solo-title": _("Show the active image alone"),
        "reset": _("Reset"),
        "length-mm": _("{length} mm {note}"),
        "length-pixels": _("{length} pixels (no spacing known)"),
        "at-detector": _("at the detector plane"),
        "calibrated": _("calibrated"),
        "error-network": _("The radiograph could not be fetched. Is the network up?"),
        "error-status": _("The server did not send the image ({status})."),
        "error-signed-out": _(
            "Your session has ended. Sign in again to see the image."
        ),
        "error-incomplete": _("The image arrived incomplete."),
        "error-larger": _("The image is larger than announced."),
        "error-other": _("The radiograph could not be shown. Reload the page."),
        "window-waiting": _(
            "This window shows the radiograph of your reading page. Open it from there."
        ),
    }
