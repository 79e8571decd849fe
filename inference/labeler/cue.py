"""What a cue is: words that say something of a phrase elsewhere in the sentence.

A cue reaches ahead ("no effusion"), back ("the effusion has resolved") or both ways
("normal heart size", "heart size is normal"). Each rank is tried before the next, as
the CheXpert labeler does it: what cannot be excluded, then what is denied, then what
is left open.
"""

from dataclasses import dataclass
from enum import Enum, IntEnum, auto


class Reach(Enum):
    """Where the phrase stands that a cue speaks of; from VERB on, boundaries."""

    AHEAD = auto()
    BACK = auto()
    BOTH = auto()
    LIST = auto()
    VERB = auto()
    LINK = auto()
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
