"""Sentences whose meaning the rules of the CheXpert labeler do not reach.

They follow from how its published rules walk a parsed sentence, and count as positive
there. A search as in the original leaves them unread, too; any other reads them.
"""

import re

from inference.labeler.cues import Event
from inference.labeler.phrases import Found

_NEAR = 40
_JOINED = re.compile(r" and +(?:mediastinal +)?$")
_APPEARS = re.compile(r".*\band\b.*\bappears? *", re.DOTALL)
_INCLUDES = re.compile(r" +diagnosis +includes?\b")


def is_unread(sentence: str, found: Found, event: Event) -> bool:
    """Whether the original does not see that a cue is said of a phrase."""
    cue = sentence[event.start : event.end]
    if event.start < found.start:
        # "Differential considerations: pneumonia."
        return cue == "differential" and not _INCLUDES.match(sentence, event.end)
    # "Please note that fractures may not be demonstrated."
    if cue.startswith("may not be"):
        return True
    return event.cue.organ and _is_unread_organ(
        found,
        before=sentence[max(0, found.start - _NEAR) : found.start],
        between=sentence[found.end : event.start],
        cue=cue,
    )


def _is_unread_organ(found: Found, *, before: str, between: str, cue: str) -> bool:
    if found.finding == "Cardiomegaly":
        # "The heart size and pulmonary vascularity appear within normal limits."
        return (
            found.words.startswith("the ")
            and cue.startswith("within")
            and _APPEARS.fullmatch(between) is not None
        )
    # "Heart and mediastinum of normal size and contour."
    if between.strip() == "of" and found.words.endswith("mediastinum"):
        return True
    # "Heart and mediastinum within normal limits."
    is_second = _JOINED.search(before) is not None
    return is_second and cue.startswith("within") and between.strip() in ("", "s")
