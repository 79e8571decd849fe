"""Three sentences whose denial the rules of the CheXpert labeler do not reach.

They follow from how its published rules walk a parsed sentence, and count as positive
there. A search as in the original leaves them unread, too; any other reads them.
"""

import re

from inference.labeler.cues import Event
from inference.labeler.phrases import Found

_JOINT = 40
_JOINED = re.compile(r" and +(?:mediastinal +)?$")
_APPEARS = re.compile(r".*\band\b.*\bappears? *", re.DOTALL)


def is_unread(sentence: str, found: Found, verb: Event | None, event: Event) -> bool:
    """Whether the original does not see that a cue behind a phrase is said of it.

    verb  of the predicate, none in "heart size normal"
    """
    between = sentence[found.end : event.start]
    cue = sentence[event.start : event.end]
    if found.finding == "Cardiomegaly":
        # "The heart size and pulmonary vascularity appear within normal limits."
        return (
            found.words.startswith("the ")
            and cue.startswith("within")
            and _APPEARS.fullmatch(between) is not None
        )
    if verb is not None:
        return False
    # "Heart and mediastinum of normal size and contour."
    if between.strip() == "of" and found.words.endswith("mediastinum"):
        return True
    # "Heart and mediastinum within normal limits."
    before = sentence[max(0, found.start - _JOINT) : found.start]
    return (
        cue.startswith("within")
        and _JOINED.search(before) is not None
        and not between.strip()
    )
