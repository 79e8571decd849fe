"""From the text of a report to its labels."""

import re
from bisect import bisect_right

from inference.chexpert import FINDINGS, NO_FINDING, SUPPORT_DEVICES
from inference.labeler.cues import events_in
from inference.labeler.findings import Labelled, Mention, Polarity
from inference.labeler.phrases import OTHER_ABNORMALITY, Found, phrases_in
from inference.labeler.polarity import polarity_of

# A full stop ends a sentence unless digits stand on both sides; a blank line and a
# numbered line do, too.
_SENTENCE_END = re.compile(
    r"(?:\.(?!\d)|(?<!\d)\.(?=\d))+|[!?]|\n[^\S\n]*\n|\n(?=\s*(?:\d+[.)]|[-*\u2022]))"
)
_VALUES = {Polarity.POSITIVE: 1, Polarity.NEGATIVE: 0, Polarity.UNCERTAIN: -1}


def mentions_in(text: str, *, strict: bool) -> list[Mention]:
    """The mentions of a text in their order."""
    lowered = _lowered(text)
    bounds = [0]
    for match in _SENTENCE_END.finditer(lowered):
        bounds.append(match.end())
    by_sentence: dict[int, list[Found]] = {}
    for found in phrases_in(lowered, strict=strict):
        by_sentence.setdefault(bisect_right(bounds, found.start) - 1, []).append(found)
    mentions = []
    for number, all_found in by_sentence.items():
        start = bounds[number]
        end = bounds[number + 1] if number + 1 < len(bounds) else len(lowered)
        sentence = re.sub(r"\s", " ", lowered[start:end])
        events = events_in(sentence)
        for found in all_found:
            local = Found(found.finding, found.words, found.start - start, found.end - start)
            polarity, rule = polarity_of(sentence, events, local)
            mentions.append(
                Mention(found.finding, polarity, text[found.start : found.end], found.start, found.end, rule)
            )
    return sorted(mentions, key=lambda mention: (mention.start, mention.end))


def _lowered(text: str) -> str:
    """The text in lower case, of the same length."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(sign.lower() if len(sign.lower()) == 1 else sign for sign in text)


def aggregated(mentions: list[Mention]) -> dict[str, int | None]:
    seen: dict[str, set[Polarity]] = {}
    for mention in mentions:
        seen.setdefault(mention.finding, set()).add(mention.polarity)
        if mention.quote.lower() in ("chf", "heart failure") and mention.polarity is not Polarity.NEGATIVE:
            seen.setdefault("Cardiomegaly", set()).add(Polarity.UNCERTAIN)
    values = {finding: _value(seen.get(finding, set())) for finding in FINDINGS}
    abnormal = any(
        polarities - {Polarity.NEGATIVE}
        for finding, polarities in seen.items()
        if finding != SUPPORT_DEVICES
    )
    values[NO_FINDING] = None if abnormal else 1
    return values


def _value(polarities: set[Polarity]) -> int | None:
    if {Polarity.NEGATIVE, Polarity.UNCERTAIN} <= polarities:
        return -1
    if Polarity.POSITIVE in polarities:
        return 1
    return _VALUES[next(iter(polarities))] if polarities else None


def label_report(text: str, *, strict: bool) -> Labelled:
    mentions = mentions_in(text, strict=strict)
    return Labelled(aggregated(mentions), tuple(mentions))
