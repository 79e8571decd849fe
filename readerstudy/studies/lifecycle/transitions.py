"""What may follow on what in the life of a study, and why something may not yet.

Pure: a state and a few counts come in, sentences go out. The database keeps the same
rule by a trigger (audit.append_only.refuse_steps).
"""

from collections.abc import Mapping
from dataclasses import dataclass

DRAFT, FROZEN, OPEN = "draft", "frozen", "open"
PAUSED, CLOSED, ARCHIVED = "paused", "closed", "archived"
# In the order in which a study goes through them.
STATES = (DRAFT, FROZEN, OPEN, PAUSED, CLOSED, ARCHIVED)
ENDED = (CLOSED, ARCHIVED)

_ENDED_FOR_GOOD = "Reading has ended for good."
_NOT_OPEN_YET = "The study is not open for reading yet."
_STAYS_LOCKED = (
    "The study was opened, and reports may have been seen: what is locked stays locked."
)


@dataclass(frozen=True)
class Verb:
    """One way from a state to the next.

    name       what a button says
    meaning    what it does, for whoever is about to do it
    hindrances why it cannot be done, by the state that is in the way
    """

    verb: str
    name: str
    before: tuple[str, ...]
    after: str
    meaning: str
    hindrances: Mapping[str, str]


VERBS = (
    Verb(
        "freeze",
        "Freeze",
        (DRAFT,),
        FROZEN,
        "Fixes the texts, deals every reader's list and locks the protocol.",
        dict.fromkeys(STATES[1:], "The protocol is frozen already."),
    ),
    Verb(
        "thaw",
        "Back to the draft",
        (FROZEN,),
        DRAFT,
        "Throws the dealt lists and the locked protocol away, for nobody has read yet.",
        {DRAFT: "The study is a draft."}
        | dict.fromkeys((OPEN, PAUSED, *ENDED), _STAYS_LOCKED),
    ),
    Verb(
        "open",
        "Open for reading",
        (FROZEN,),
        OPEN,
        "Readers may read from now on.",
        {
            DRAFT: "Freeze the protocol first.",
            OPEN: "The study is open for reading.",
            PAUSED: "The study was opened before; let reading go on instead.",
        }
        | dict.fromkeys(ENDED, _ENDED_FOR_GOOD),
    ),
    Verb(
        "pause",
        "Pause reading",
        (OPEN,),
        PAUSED,
        "Nobody can read or grade until reading goes on. What readers have entered is "
        "kept.",
        dict.fromkeys((DRAFT, FROZEN), _NOT_OPEN_YET)
        | {PAUSED: "Reading is paused already."}
        | dict.fromkeys(ENDED, _ENDED_FOR_GOOD),
    ),
    Verb(
        "resume",
        "Let reading go on",
        (PAUSED,),
        OPEN,
        "Readers go on where they were.",
        dict.fromkeys((DRAFT, FROZEN), _NOT_OPEN_YET)
        | {OPEN: "Reading is not paused."}
        | dict.fromkeys(ENDED, _ENDED_FOR_GOOD),
    ),
    Verb(
        "close",
        "Close the study",
        (OPEN, PAUSED),
        CLOSED,
        "Ends reading for good and opens the results. It can't be undone.",
        dict.fromkeys(
            (DRAFT, FROZEN),
            "Only a study that was opened for reading can be closed.",
        )
        | dict.fromkeys(ENDED, "The study is closed already."),
    ),
    Verb(
        "archive",
        "Archive",
        (CLOSED,),
        ARCHIVED,
        "Puts the study away: results and exports stay, and nothing can be left out of "
        "the analysis any more. It can't be undone.",
        dict.fromkeys(STATES[:4], "Close the study first.")
        | {ARCHIVED: "The study is archived already."},
    ),
)
BY_VERB = {verb.verb: verb for verb in VERBS}
# What the database lets happen.
STEPS = tuple((before, verb.after) for verb in VERBS for before in verb.before)


@dataclass(frozen=True)
class Transition:
    """A verb as it stands for a study: whether it can be done, and if not, why."""

    verb: str
    name: str
    meaning: str
    reason: str = ""

    @property
    def allowed(self) -> bool:
        return not self.reason


def transitions_of(state: str, *, open_points: int = 0) -> list[Transition]:
    """Every verb in the order of a study's life, with what stands in its way.

    open_points  of the checklist before the freeze
    """
    return [
        Transition(each.verb, each.name, each.meaning, reason_against(each, state))
        if each.verb != "freeze" or state != DRAFT or not open_points
        else Transition(each.verb, each.name, each.meaning, _still_open(open_points))
        for each in VERBS
    ]


def reason_against(verb: Verb, state: str) -> str:
    """Why a verb cannot be done in a state; empty where it can."""
    return "" if state in verb.before else verb.hindrances[state]


def _still_open(points: int) -> str:
    if points == 1:
        return "One point of the checklist is still open."
    return f"Of the checklist {points} points are still open."
