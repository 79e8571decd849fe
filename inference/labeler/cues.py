"""The words that deny a finding or leave it open, and the words that end their reach.

A cue reaches ahead ("no effusion"), back ("the effusion has resolved") or both ways
("normal heart size", "heart size is normal"). Each rank is tried before the next, as
the CheXpert labeler does it: what cannot be excluded, then what is denied, then what
is left open.
"""

import re
from dataclasses import dataclass
from enum import Enum, IntEnum, auto


class Reach(Enum):
    """Where the phrase stands that a cue speaks of; from VERB on, boundaries."""

    AHEAD = auto()
    BACK = auto()
    BOTH = auto()
    LIST = auto()
    VERB = auto()
    CLAUSE = auto()
    COLON = auto()
    END = auto()


class Rank(IntEnum):
    """The order in which cues are tried, and so what they say."""

    NOT_EXCLUDED = 1
    DENIED = 2
    OPEN = 3
    DESCRIBED = 4
    UNCHANGED = 5
    NONE = 6


@dataclass(frozen=True)
class Cue:
    """Phrases that say the same.

    name     what the evidence calls the rule
    phrases  regular expressions; a space is any number of spaces, and the first word
             is a word or a choice of words
    organ    only for phrases that name an organ, such as "heart size": it is normal,
             enlarged or unchanged, while a disease is there or not
    """

    name: str
    rank: Rank
    reach: Reach
    phrases: tuple[str, ...]
    organ: bool = False


_LY = r"(?:\w+ly )?"
_NOT = "(?:not|cannot|isn't|aren't|wasn't|weren't|doesn't|don't|hasn't|haven't|can't)"
_SEEN = (
    "(?:seen|identified|present|evident|visualized|visible|demonstrated|noted|found|"
    "detected|apparent|appreciated)"
)
_POORLY = "(?:poorly|incompletely|suboptimally) (?:seen|visualized|evaluated|assessed)"
_CHANGE = "(?:changed?|increase|decrease|progression|worsening|improvement|difference)"

CUES = (
    Cue(
        "not excluded",
        Rank.NOT_EXCLUDED,
        Reach.AHEAD,
        (
            rf"(?:cannot|can't|not) (?:be )?{_LY}(?:exclude|excluding|rule out)",
            rf"(?:can|could|does|do|did|would|will|may) not {_LY}(?:exclude|rule out)",
            r"unable to (?:exclude|rule out)",
            r"(?:no|without) evidence to rule out",
            r"(?:difficult|hard|impossible) to (?:exclude|rule out)",
        ),
    ),
    Cue(
        "not excluded",
        Rank.NOT_EXCLUDED,
        Reach.BACK,
        (
            rf"(?:cannot|can't|not) (?:be )?{_LY}(?:excluded|ruled out)",
            rf"(?:can|could|may) not (?:be )?{_LY}(?:excluded|ruled out)",
            rf"(?:difficult|hard|impossible) to {_LY}(?:exclude|rule out)",
            rf"may not be {_SEEN}",
        ),
    ),
    Cue(
        "no new",
        Rank.NOT_EXCLUDED,
        Reach.AHEAD,
        (r"(?:no|without|any) (?:\w+ ){0,2}new",),
    ),
    Cue(
        "denied",
        Rank.DENIED,
        Reach.AHEAD,
        (
            "(?:no|without|w/o|neither|nor|denies|lack of|absence of)",
            rf"{_NOT} (?:\w+ ){{0,2}}(?:show|demonstrate|see|identify|have|reveal|"
            r"indicate|suggest)",
            rf"{_NOT} (?:an?|any|the|evidence)",
            r"no longer (?:any|an?)",
        ),
    ),
    Cue(
        "negative for, clear of",
        Rank.DENIED,
        Reach.AHEAD,
        (
            r"negative (?:\w+ )?for",
            r"(?:clear|free|devoid) (?:of|from)",
            r"(?:rather than|instead of)",
        ),
    ),
    Cue(
        "not seen",
        Rank.DENIED,
        Reach.BACK,
        (
            rf"{_NOT} (?:\w+ ){{0,2}}{_SEEN}(?! on (?:the )?(?:prior|previous))",
            rf"{_NOT} {_LY}(?:enlarged|widened|increased)",
            rf"no longer (?:\w+ )?{_SEEN}",
            "no longer",
            "(?:excluded|ruled out)",
        ),
    ),
    Cue(
        "answered with none",
        Rank.DENIED,
        Reach.BACK,
        (r": *(?:none|no|negative|not present|nil)(?= *(?:$|[.,;]))",),
    ),
    Cue("absent", Rank.DENIED, Reach.BOTH, ("absent",)),
    Cue(
        "resolved or removed",
        Rank.DENIED,
        Reach.AHEAD,
        (r"(?:resolution|clearing|removal|disappearance|drainage) of",),
    ),
    Cue(
        "resolved or removed",
        Rank.DENIED,
        Reach.BOTH,
        (
            r"(?:resolved|cleared|disappeared|removed)",
            r"(?:interval|complete|completely|near) (?:\w+ )?"
            r"(?:resolution|removal|clearing)",
        ),
    ),
    Cue(
        "normal",
        Rank.DENIED,
        Reach.BOTH,
        (
            r"(?:within|in) (?:the )?(?:normal|xxxx) (?:\w+ )?limits?",
            r"within limits",
            r"(?:at|within) (?:the )?(?:upper|xxxx) (?:limits? )?(?:of )?normal",
            r"(?:upper|top) (?:limits? )?normal(?: limits?)?",
            r"(?:at|near) (?:the )?top normal(?: limits?)?",
            r"(?:normal|unremarkable|clear|nonenlarged)",
            r"non enlarged",
            r"non-enlarged",
        ),
        organ=True,
    ),
    Cue(
        "possible, suspected",
        Rank.OPEN,
        Reach.AHEAD,
        (
            r"(?:possibly|probably|presumable|presumably|presumed|questionable|"
            r"questionably|question|suspect|equivocal|maybe|perhaps|possibility of|"
            r"suspicion of|suspicion for|suggestion of|favor|favors|favored|favoring|"
            r"consider|considered)",
            r"(?:suspicious|concern|concerning|concerned|worrisome) for",
            r"(?:rule out|r/o|evaluate for|evaluation for|assess for)",
            r"(?:correlate|correlation) (?:\w+ )?for",
            r"differential",
        ),
    ),
    Cue(
        "may be",
        Rank.OPEN,
        Reach.AHEAD,
        (
            rf"(?:may|might|could|can|would) (?:also |well )?{_LY}(?:also )?"
            r"(?:be|represent|reflect|indicate|include|suggest|relate|have|contain|"
            r"obscure|mimic)(?: (?:due|secondary|related|attributed|compatible|"
            r"consistent) (?:to|with))?",
            r"(?:possibly|probably|presumably) (?:\w+ly )?(?:due|secondary|related|"
            r"compatible|consistent|representing|reflecting) ?(?:to|with)?",
        ),
    ),
    Cue(
        "possible, suspected",
        Rank.OPEN,
        Reach.BOTH,
        (r"(?:suspected|possible|questioned|probable|obscured|unlikely|less likely)",),
    ),
    Cue(
        "not well seen",
        Rank.OPEN,
        Reach.BACK,
        (
            rf"{_NOT} (?:\w+ )?(?:well|clearly|adequately|optimally|fully) "
            r"(?:seen|visualized|evaluated|assessed|demonstrated)"
            r"(?! on (?:the )?(?:prior|previous))",
            _POORLY,
            r"(?:may|might|could) (?:\w+ )?(?:be present|have this appearance)",
        ),
    ),
    Cue("versus", Rank.OPEN, Reach.LIST, (r"(?:versus|vs)",)),
    Cue("one of several", Rank.OPEN, Reach.LIST, (r"and ?/ ?or", "or", "/(?=[a-z])")),
    # An organ only: described as large, or said to be as before without its size.
    Cue(
        "described as large",
        Rank.DESCRIBED,
        Reach.BOTH,
        (
            r"(?:enlarged|enlargement|prominent|prominence|widened|widening|"
            r"borderline|accentuated|abnormal|irregular)",
            r"(?:upper|xxxx) limits? of normal",
            r"on (?:the )?upper limits? of normal",
        ),
        organ=True,
    ),
    Cue(
        "unchanged",
        Rank.UNCHANGED,
        Reach.BOTH,
        (
            r"(?:stable|unchanged|similar)",
            rf"(?:no|without|not) (?:\w+ ){{0,3}}{_CHANGE}",
        ),
        organ=True,
    ),
    # Boundaries. A clause that only carries a denial on is none.
    Cue(
        "",
        Rank.NONE,
        Reach.LIST,
        (
            r"(?:to|that|which|would|could) (?:would |could )?"
            r"(?:suggest|indicate|explain|diagnose)s?",
        ),
    ),
    Cue(
        "",
        Rank.NONE,
        Reach.VERB,
        (
            r"(?:is|are|was|were|be|been|being|appear|appears|appeared|remain|remains|"
            r"seem|seems|looks|has|have|had|show|shows|demonstrate|demonstrates|"
            r"suggest|suggests|may|might|could|can|which|that|there|represents|"
            r"reflects|becomes|become|measures)",
        ),
    ),
    Cue(
        "",
        Rank.NONE,
        Reach.END,
        (
            r"(?:but|however|although|though|except|with|because|since|while|whereas|"
            r"suggesting|given|aside from|other than|apart from|due to|secondary to)",
            r"(?:consistent|compatible) with",
            ";",
            r"\(",
            r"\)",
        ),
    ),
)


_WORD_END = "(?:(?<![a-z])|(?![a-z]))"


def _first_words(phrase: str) -> list[str]:
    """The words that a phrase can begin with."""
    choice = re.match(r"\(\?:([^()]*)\)", phrase)
    options = choice.group(1).split("|") if choice else [phrase]
    return [re.match(r"[a-z]+|.", option.lstrip("\\")).group() for option in options]


def _by_first_word() -> dict[str, list[tuple[re.Pattern[str], Cue]]]:
    """For each first word the phrases to try, compiled once."""
    starts: dict[str, list[tuple[re.Pattern[str], Cue]]] = {}
    for cue in CUES:
        for phrase in cue.phrases:
            pattern = re.compile(rf"(?:{re.sub(' (?![*?])', ' +', phrase)}){_WORD_END}")
            for word in dict.fromkeys(_first_words(phrase)):
                starts.setdefault(word, []).append((pattern, cue))
    return starts


_STARTS = _by_first_word()
_WORD = re.compile(r"[a-z]+|[;:()/]")


@dataclass(frozen=True, slots=True)
class Event:
    """A cue or a boundary where it stands in a sentence."""

    start: int
    end: int
    cue: Cue


def events_in(sentence: str) -> list[Event]:
    """Cues and boundaries of a sentence in lower case, in order, none overlapping.

    Where several fit, the longest counts; of equally long ones the first in the table.
    """
    events: list[Event] = []
    taken = 0
    for word in _WORD.finditer(sentence):
        start = word.start()
        if start < taken:
            continue
        longest: Event | None = None
        for pattern, cue in _STARTS.get(word.group(), ()):
            match = pattern.match(sentence, start)
            if match and (longest is None or match.end() > longest.end):
                longest = Event(start, match.end(), cue)
        if longest is not None:
            events.append(longest)
            taken = longest.end
    return events
