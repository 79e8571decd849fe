"""Sentences whose meaning the rules of the CheXpert labeler do not reach.

They follow from how its published rules walk a parsed sentence: what they do not reach
counts as positive there. Some of it stands in the rules themselves, which know no
"within limits"; the rest is how a parser joins the words, as labels show that were
made by those rules. A search as in the original leaves all of them unread; any other
reads them.

The rules look at a sentence in which the phrase stands in <>, the cue in [] behind the
name of its rank: "[denied no] pneumothorax or pleural <effusion>s.".
"""

import re

from inference.labeler.cues import Event
from inference.labeler.phrases import Found

# What stands further away from phrase and cue is not looked at, in characters.
_NEAR = 60
_UNMARKED = str.maketrans("<>[]", "    ")
_VERSUS = r"\b(?:versus|vs)\b"

_ANY = (
    # "Atelectasis versus scarring", "A versus B or C", "may represent A versus B".
    r"\[open (?:versus|vs|v\.)",
    rf">[^<>\[\]]*{_VERSUS}[^<>\[\]]*\[open (?:or|/)\]",
    rf"\[open [^]]*\][^<]*<[^>]*>[a-z]* *(?:[a-z]+ ){{0,4}}{_VERSUS}",
    rf"\[open [^]]*\](?:[^<]* )?{_VERSUS}\.? *(?:[a-z]+ ){{0,4}}<",
    # "Differential considerations: pneumonia", "pneumonia is in the differential".
    r"\[open differential(?! +diagnosis\] +includes?\b)[^<]*<",
    r">[^\[]*\[open [^]]*the +differential\]",
    # "Fractures may not be demonstrated", "edema is difficult to exclude".
    r">[^\[]*\[not_excluded (?:may not be|difficult|hard|impossible)\b",
    # One thing, then several of a kind: "No pneumothorax or pleural effusions."
    r"\A\W*(?:\[denied no\]|no) +[a-z]*[a-rt-z] +(?:\[open or\]|or) +[a-z]+ +"
    r"<[^>]*>s\W*\Z",
    # "No displaced, acute fractures are identified."
    r"\[denied [^]]*\] *[a-z]+, +(?:[a-z]+ +){1,2}<[^>]*>[a-z]* +(?:is|are|was|were)\b",
    # "No XXXX focal consolidation": what was taken out of the report is denied.
    r"\[denied (?:no|without)\] +xxxx +(?:acute|focal)\b[^<,]*<",
    # "The lungs are clear, and without focal opacity."
    r", +and +\[denied without\][^<]*<",
    # "No line to suggest pneumothorax or blunting to suggest effusion."
    r"\[denied [^]]*\](?:[^<]*\bto +suggest\b){2}[^<]*<",
    # "No focal opacities to suggest pneumonia": several, and no "there are".
    r"(?<!is )(?<!are )\[denied no\] +(?:[a-z]+ +){0,4}opacities +to +suggest +<",
    # "This may represent pneumonia given the history."
    r"\bthis +\[open [^]]*\] +(?:[a-z]+ +){0,5}<[^>]*>[a-z]* +given\b",
)
_ORGAN = (
    # "Normal heart size mediastinal contours": nothing joins the second.
    r"\[denied normal\] *(?:heart|cardiac) +size +mediastinal +<",
    # "The heart silhouette and mediastinal contours are not enlarged."
    r"<the heart> +silhouette +and\b[^\[]*\[",
    # "Is within limits", "appear normal limits", "appears stable".
    r"\[denied within +limits\](?! +of +normal)",
    r"\bappears? *\[(?:denied normal\] +limits\b|unchanged )",
)
_BY_FINDING = {
    "Cardiomegaly": (
        # "The heart size and pulmonary vascularity appear within normal limits."
        r"<the heart[^>]*>[^\[]*\band\b[^\[]*\bappears? *\[denied within",
    ),
    "Enlarged Cardiomediastinum": (
        # "Silhouette stable and unremarkable", "is stable and within normal limits".
        r">[a-z]* *\[unchanged stable\] +and\b",
        r">[a-z]* +(?:(?:is|are) +)?stable +and *\[denied ",
        # "Contour and pulmonary vascularity within normal limits."
        r">[a-z]* +and +pulmonary +vascularity +(?:appears? +|are +stable +and +)?"
        r"\[denied within",
        r">[a-z]* +and +pulmonary +vascularity +are +\[unchanged stable\] +and\b",
        # "Heart and mediastinum of normal size and contour."
        r"mediastinum> +of +\[",
        # "Heart and mediastinum within normal limits."
        r" and +(?:mediastinal +)?<[^>]*>s? *\[denied within",
    ),
}
_IN_ANY = re.compile("|".join(_ANY))
_IN_ORGAN = {
    finding: re.compile("|".join((*_ANY, *_ORGAN, *rules)))
    for finding, rules in _BY_FINDING.items()
}


def is_unread(sentence: str, found: Found, event: Event) -> bool:
    """Whether the original does not see that a cue is said of a phrase."""
    rules = _IN_ORGAN[found.finding] if found.names_organ else _IN_ANY
    return rules.search(_marked(sentence, found, event)) is not None


def _marked(sentence: str, found: Found, event: Event) -> str:
    """The sentence around a phrase and a cue, both marked."""
    phrase = f"<{_plain(sentence, found.start, found.end)}>"
    cue = f"[{event.cue.rank.name.lower()} {_plain(sentence, event.start, event.end)}]"
    if event.start < found.start:
        first, between, second = cue, (event.end, found.start), phrase
    else:
        first, between, second = phrase, (found.end, event.start), cue
    start, end = min(event.start, found.start), max(event.end, found.end)
    before = _plain(sentence, max(0, start - _NEAR), start)
    # What is cut off must not look like the beginning of the sentence.
    cut = "x " if start > _NEAR else ""
    middle, behind = _plain(sentence, *between), _plain(sentence, end, end + _NEAR)
    return f"{cut}{before}{first}{middle}{second}{behind}"


def _plain(sentence: str, start: int, end: int) -> str:
    """A part of the sentence without marks of its own."""
    return sentence[start:end].translate(_UNMARKED)
