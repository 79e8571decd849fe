"""What a sentence says of a phrase in it: there, not there, or left open."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from inference.labeler.cue import Rank, Reach
from inference.labeler.cues import Event
from inference.labeler.findings import Polarity
from inference.labeler.original import is_unread
from inference.labeler.phrases import Found

# No cue speaks of what stands further away, in characters.
_FURTHEST = 300
# Nor is looked further back for the words that a cue belongs to.
_QUALIFYING = 60
_BEHIND = (Reach.AHEAD, Reach.LINK, Reach.END)
_BOUNDARIES = (Reach.VERB, Reach.CLAUSE, Reach.COLON, Reach.END)
_POLARITY = {
    Rank.NOT_EXCLUDED: Polarity.UNCERTAIN,
    Rank.DENIED: Polarity.NEGATIVE,
    Rank.OPEN: Polarity.UNCERTAIN,
    Rank.DESCRIBED: Polarity.POSITIVE,
    Rank.UNCHANGED: Polarity.UNCERTAIN,
}
# People who annotated reports marked these as present in nearly every "A or B" that
# is not hedged: docs/reference/labeler.md has the counts.
_CHOICE, _SEEN_ANYWAY = "one of several", ("Atelectasis", "Pleural Effusion")
# Behind a comma these begin a new statement, unless the list goes on to an "or".
_NEW_STATEMENT = re.compile(
    r"(?:,| -+) *(?:and )?(?:stable|mild|mildly|minimal|slight|small|moderate|trace|"
    r"unchanged|increased|persistent|residual|worsening|there|the|a|heart|cardiac|"
    r"lungs?|normal|chronic|old|bibasilar|probable|"
    r"possible|borderline|left|right|bilateral|scattered|xxxx)\b"
    r"|\band (?:stable|mild|minimal|slight|small|moderate|trace|unchanged)\b"
)
# "No pneumothorax, effusion is stable": the effusion is no part of a list.
_OWN_PREDICATE = re.compile(
    r"[a-z]* (?:persists?|remains?|(?:is|are|has|have) (?:again |now |also |been )?"
    r"(?:stable|unchanged|decreased|increased|improved|worse|worsened|small|large))\b"
)
# "Cannot exclude effusion, no pneumothorax", "..., pneumothorax is not seen".
_OWN_DENIAL = re.compile(r", *(?:and |but )?(?:no|without)\b")
_OWN_PRESENCE = re.compile(
    r"[a-z]* (?:(?:is|are|was|were) )?(?:not |again |now )?(?:present|seen|noted|"
    r"identified|evident|demonstrated)\b"
)
_OR = re.compile(r"\bn?or\b")
# What stands before a word that says how an organ is, when it says it of that one.
_SUBJECT = re.compile(
    r"(?:\b(?<!there )(?:is|are|was|were|be|appears?|remains?|now|become)|\bsized?|"
    r"heart|contours?|silhouettes?|mediastinum|vascularity|vasculature)"
    r" *(?:\w+ly |also |again |still |all |otherwise |both |now |xxxx |and )*$"
)
# "Normal in size and contour": the contour that is normal is the subject's own.
_RESPECT = re.compile(r" *(?:in|for|of) (?:[a-z]+ ){0,3}")
_QUALIFIER = re.compile(
    r"\b(?:resolving|developing|worsening|increasing|decreasing|early|acute|chronic|"
    r"old|residual|recurrent|persistent|left|right|upper|lower)$"
)
_JOINED = re.compile(r"(?:,|\b(?:and|with|in|a|an|the)) *$")
_NO_CHANGE = re.compile(
    r"\b(?:no|without) (?:\w+ ){0,3}change in (?:[a-z]+ ){0,5}[a-z]* *$"
)
_LONGEST_LIST = 12
_SAID_OF_ALL = ("not seen", "not excluded")
_ORGANS = re.compile(r"\b(?:heart|cardi|mediastin|contour|silhouette|lungs?\b|hila)")
_BETWEEN_ITEMS = re.compile(r",(?: *(?:and|or)\b)?|\b(?:and|or)\b")
_LAST_ITEM = re.compile(r"\b(?:and|or)\b")
# A phrase may be the stem of a word: "consolidation: possible".
_REST = re.compile(r"[a-z]* *")
_BESIDE = re.compile(r"[ ,/]*(?:and|but)? *(?:\w+ly )?")


def polarity_of(
    sentence: str,
    events: Sequence[Event],
    found: Found,
    alike: Sequence[Found],
    *,
    is_original: bool,
) -> tuple[Polarity, str]:
    """Polarity of a phrase, and the name of the rule that says so.

    sentence     in lower case
    events       of the sentence
    found        the phrase, with offsets into the sentence
    alike        all phrases of the sentence that name the same finding
    is_original  leave unread what the rules of the CheXpert labeler do not reach
    """
    deciding: Event | None = None
    for event in (*_after(sentence, events, found), *_before(sentence, events, found)):
        if is_original and is_unread(sentence, found, event):
            continue
        if not is_original and _is_no_choice(sentence, alike, event):
            continue
        if deciding is None or event.cue.rank < deciding.cue.rank:
            deciding = event
    if found.is_vague and (deciding is None or deciding.cue.rank is not Rank.DENIED):
        return Polarity.UNCERTAIN, "always uncertain"
    if deciding is None:
        return Polarity.POSITIVE, "mentioned"
    if not is_original and _is_seen_anyway(found, events, deciding):
        return Polarity.POSITIVE, "one of several, not hedged"
    return _POLARITY[deciding.cue.rank], deciding.cue.name


def _before(sentence: str, events: Sequence[Event], found: Found) -> Iterator[Event]:
    """The cues in front of a phrase that reach it, the nearest first."""
    is_listed = False
    nearest: Event | None = None
    for number in range(_number_before(events, found.start), -1, -1):
        event = events[number]
        cue = event.cue
        if found.start - event.end > _FURTHEST or cue.reach in _BOUNDARIES:
            return
        if cue.reach is Reach.LINK and not _goes_on(sentence, events, number):
            return
        between = sentence[event.end : found.start]
        if cue.reach in (Reach.LIST, Reach.LINK):
            if cue.rank is not Rank.NONE:
                if not is_listed and _is_second(sentence, event, between):
                    yield event
                is_listed = True
        elif cue.reach is Reach.BACK or (cue.organ and not found.names_organ):
            continue
        elif _is_interrupted(sentence, event, found):
            return
        elif cue.organ and nearest and not _are_beside(sentence, event, nearest):
            continue
        elif cue.reach is Reach.AHEAD or _is_attribute(sentence, event, between):
            nearest = event if cue.organ else nearest
            yield event


def _after(sentence: str, events: Sequence[Event], found: Found) -> Iterator[Event]:
    """The cues behind a phrase that reach it: those of its own predicate."""
    verb: Event | None = None
    said: Event | None = None
    for number in range(_number_after(events, found.end), len(events)):
        event = events[number]
        cue = event.cue
        if event.start - found.end > _FURTHEST or cue.reach in _BEHIND:
            return
        if said is not None:
            if cue.organ and _are_beside(sentence, said, event):
                yield event
            return
        if cue.reach is Reach.CLAUSE and found.names_organ and verb is None:
            continue
        if cue.reach is Reach.CLAUSE:
            return
        if cue.reach is Reach.COLON and not _REST.fullmatch(
            sentence, found.end, event.start
        ):
            return
        if cue.reach in (Reach.VERB, Reach.COLON):
            if verb is not None and sentence[verb.end : event.start].strip():
                return
            verb = event
        elif cue.reach is Reach.LIST:
            between = sentence[found.end : event.start]
            if cue.rank is not Rank.NONE and verb is None and _is_first(between):
                yield event
        elif cue.organ and not found.names_organ:
            continue
        elif _is_predicate(sentence, found, verb, event):
            yield event
            said = event


def _number_before(events: Sequence[Event], start: int) -> int:
    """The number of the last event that ends at or before an offset."""
    return bisect_right(events, start, key=lambda event: event.end) - 1


def _number_after(events: Sequence[Event], end: int) -> int:
    """The number of the first event that starts at or behind an offset."""
    return bisect_left(events, end, key=lambda event: event.start)


def _goes_on(sentence: str, events: Sequence[Event], number: int) -> bool:
    """Whether a link carries a denial on: "no opacity consistent with pneumonia"."""
    if number == 0 or events[number - 1].cue.rank is not Rank.DENIED:
        return False
    between = sentence[events[number - 1].end : events[number].start]
    return "," not in between and len(between.split()) <= 4


def _are_beside(sentence: str, one: Event, other: Event) -> bool:
    """Whether two cues are one description: "stable and unremarkable"."""
    return _BESIDE.fullmatch(sentence, one.end, other.start) is not None


def _is_attribute(sentence: str, event: Event, between: str) -> bool:
    """Whether a cue in front of a phrase is said of it, not of what came before."""
    before = sentence[max(0, event.start - _QUALIFYING) : event.start]
    return _SUBJECT.search(before) is None or _RESPECT.fullmatch(between) is not None


def _is_first(between: str) -> bool:
    """Whether what stands before an "or" is a phrase itself, not what qualifies it."""
    words = between.split()
    return len(words) <= 3 and "and" not in words and "," not in between


def _is_second(sentence: str, event: Event, between: str) -> bool:
    """Whether a phrase behind an "or" is the other thing, not a thing named twice."""
    if "," in between or len(between.split()) > 4:
        return False
    before = sentence[max(0, event.start - _QUALIFYING) : event.start].rstrip()
    return _QUALIFIER.search(before) is None


def _is_no_choice(sentence: str, alike: Sequence[Found], event: Event) -> bool:
    """Whether an "or" leaves nothing open: "nodule or mass", "no change in A or B"."""
    if event.cue.name != _CHOICE:
        return False
    before = sentence[max(0, event.start - _QUALIFYING) : event.start]
    if _NO_CHANGE.search(before):
        return True
    number = bisect_left(alike, event.end, key=lambda other: other.start)
    if number in (0, len(alike)):
        return False
    one, other = alike[number - 1], alike[number]
    gap = _REST.sub("", sentence[one.end : event.start], count=1)
    return not gap and len(sentence[event.end : other.start].split()) <= 1


def _is_seen_anyway(found: Found, events: Sequence[Event], event: Event) -> bool:
    """Whether an "or" is about what to call something that stands on the film.

    "Bibasilar atelectasis or scarring" says so; "may represent atelectasis or
    scarring" does not, and what is inferred, such as pneumonia, stays open.
    """
    if event.cue.name != _CHOICE or found.finding not in _SEEN_ANYWAY:
        return False
    return not any(
        each.cue.rank in (Rank.NOT_EXCLUDED, Rank.OPEN) and each.cue.name != _CHOICE
        for each in events
    )


def _is_interrupted(sentence: str, event: Event, found: Found) -> bool:
    """Whether a new statement begins between a cue and a phrase behind it.

    None does in a list that goes on to an "or".
    """
    start = event.end
    if event.cue.rank in (Rank.NOT_EXCLUDED, Rank.OPEN) and (
        _OWN_DENIAL.search(sentence, start, found.start)
        or (
            "," in sentence[start : found.start]
            and _OWN_PRESENCE.match(sentence, found.end)
        )
    ):
        return True
    begun = _NEW_STATEMENT.search(sentence, start, found.end)
    if begun is None or begun.start() >= found.start:
        comma = sentence.rfind(",", start, found.start)
        return comma >= 0 and (
            _OWN_PREDICATE.match(sentence, found.end) is not None
            and _OR.search(sentence, comma, found.start) is None
        )
    return _OR.search(sentence, begun.end(), found.end + 40) is None


def _is_predicate(
    sentence: str, found: Found, verb: Event | None, event: Event
) -> bool:
    """Whether a cue behind a phrase is said of it."""
    between = sentence[found.end : event.start]
    if verb is None:
        # "Effusion, edema and possible pneumonia" leaves the pneumonia alone open.
        is_of_all = event.cue.name in _SAID_OF_ALL or _answers(event)
        if is_of_all and _is_list(between, event):
            return True
        if event.cue.reach is Reach.BACK and between.rstrip().endswith(","):
            return len(between.split()) <= 8
        if _JOINED.search(between):
            return False
        if found.names_organ:
            return len(between.split()) <= 8
        return "," not in between and len(between.split()) <= 3
    subject = sentence[found.end : verb.start]
    predicate = sentence[verb.end : event.start]
    if "," in predicate or len(predicate.split()) > 4:
        return False
    if re.search(r"\band\b", predicate) and not found.names_organ:
        return False
    if found.names_organ or "," not in subject or ", and" in subject:
        return True
    return _is_list(subject, event)


def _is_list(between: str, event: Event) -> bool:
    """Whether a phrase begins a list of which a cue behind it speaks as a whole.

    "Pneumothorax, pneumonia and effusion are not seen"; "effusion, pneumothorax: none".
    """
    if "," not in between or len(between.split()) > _LONGEST_LIST:
        return False
    items = _BETWEEN_ITEMS.split(between)
    if _ORGANS.search(between) or any(len(each.split()) > 3 for each in items):
        return False
    return _answers(event) or _LAST_ITEM.search(between) is not None


def _answers(event: Event) -> bool:
    """Whether a cue is the answer to what stands before it: "effusion: none"."""
    return event.cue.name.startswith("answered")
