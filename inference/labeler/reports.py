"""From the text of a report to its labels."""

import re
from bisect import bisect_right
from itertools import pairwise

from inference.chexpert import CARDIOMEGALY, FINDINGS, NO_FINDING, SUPPORT_DEVICES
from inference.labeler.cue_table import LIST_DENIED
from inference.labeler.cues import events_in
from inference.labeler.findings import Labelled, Mention, Polarity
from inference.labeler.phrases import Found, phrases_in
from inference.labeler.plain import Plain, plain
from inference.labeler.polarity import polarity_of

# What a line of a structured report begins with, up to what answers it.
_ROW = r"[a-z][a-z0-9 /,()&'-]{0,40}(?:[:|=]| - )"
_ANSWER = r"(?:yes|no|none|present|absent|negative|positive|mild|moderate|severe|small)"
# A full stop ends a sentence unless digits stand on both sides or it is that of an
# abbreviation; so do a question mark behind a word, a blank line, the line before a
# numbered or dotted one, and that before a row, unless it breaks off. On one line an
# answer ends the sentence if another row follows; that to a question ends it always.
_SENTENCE_END = re.compile(
    r"\.(?:(?!\d|(?<=\be\.)g\.|(?<=\bi\.)e\.)|(?<!\d\.)(?=\d))"
    r"(?<!\bvs\.)(?<!\bv\.)(?<!\bdr\.)(?<!\be\.g\.)(?<!\bi\.e\.)\.*"
    rf"|!|\?\s*{_ANSWER}(?: (?:seen|identified|evident))?"
    r"(?=\s*(?:[.,;\n]|$|[a-z]+(?: [a-z]+){0,2} ?\?))"
    r"|\?(?:(?<=[^\s(]\?)|(?!\s*\w))"
    r"|\n[^\S\n]*(?=\n|\d+[.)]|[-*|#\u2022])"
    # On one line: a bullet, "2- ", "#2 "; a heading that is a line of its own.
    r"|\s(?=[\u2022\u00b7\u25aa*] +[a-z]|\d{1,2}- +[a-z]|#\d{1,2} +[a-z])"
    r"|\n[^\S\n]*(?:findings?|impressions?|conclusions?|interpretation)[^\S\n]*\n"
    r"|\n(?<!,\n)(?<! of\n| or\n)(?<! and\n| for\n| the\n| nor\n)(?<![^\s:|=-] no\n)"
    rf"[^\S\n]*(?={_ROW})"
    rf"|: *{_ANSWER}(?=\s+[a-z]+(?: [a-z]+){{0,2}} ?:)"
    rf"|= *{_ANSWER}(?=\s+[a-z]+(?: [a-z]+){{0,2}} ?=)"
)
_LIST_DENIED = re.compile(rf"\b{LIST_DENIED}(?: 1\.)?$")
_LAST_NUMBER = re.compile(r"(?<!\S)(\d{1,2})\.$")
# "No evidence of: 1) pneumothorax, (2) effusion": on one line it is a list like others.
_NUMBER = r"\(?(?<![a-z0-9])(?:{})\) "
_NUMBERS_DENIED = re.compile(
    rf"(?:\b{LIST_DENIED}|\b(?:no|without|negative for|(?:evidence|signs?) (?:of|for)))"
    rf" *(?={_NUMBER.format('1|a')})"
)
_NEXT_NUMBER = re.compile(rf",? *{_NUMBER.format('[1-9][0-9]?|[a-h]')}")
_ITEM = re.compile(r"[-*\u2022\u00b7\u25aa]+|\d{1,2}[.)-]|#\d{1,2}")
# A line behind one that may have ended.
_WHOLE_LINE = re.compile(
    r"(?<![,\-?:=|\n])\n(?<! of\n| or\n| in\n)(?<! and\n| for\n| the\n| nor\n)"
    r"(?<!\bno\n)(?<! with\n)(?<! without\n)[^\S\n]*([a-z])"
)
# Sections that tell why and how the image was made say nothing of what it shows.
_HEADING = re.compile(
    r"(?:(?P<first>^|(?<=\n)|(?<=[.!?] ))[^\S\n]*(?:[*#]+ ?)?|(?<=[\s*#]))(?P<title>"
    r"(?P<aside>(?:clinical )?(?:indications?|history|information)|reason for (?:the )?"
    r"(?:exam(?:ination)?|study)|comparisons?|technique|exam(?:ination)?|procedure)|"
    r"(?P<body>findings?|impressions?|report|conclusions?|interpretation)) ?:"
)
_SPACE = re.compile(r"\s")
_VALUES = {Polarity.POSITIVE: 1, Polarity.NEGATIVE: 0, Polarity.UNCERTAIN: -1}
_FAILING = re.compile(r"chf|heart\s+failure")
# A quote is widened to whole words, unless they are too long to be any.
_LONGEST_WORD = 40


def label_report(text: str, *, is_original: bool) -> Labelled:
    """The labels of a text and the mentions that they come from."""
    mentions = _mentions_in(text, is_original=is_original)
    return Labelled(_aggregated(mentions), tuple(mentions))


def _mentions_in(text: str, *, is_original: bool) -> list[Mention]:
    """The mentions of a text in their order."""
    read = plain(text)
    lowered = read.words
    bounds = _bounds(text, read)
    asides = [] if is_original else _asides(text, read)
    by_sentence: dict[int, list[Found]] = {}
    for found in phrases_in(lowered, is_original=is_original):
        if not _is_aside(found.start, asides):
            number = bisect_right(bounds, found.start) - 1
            by_sentence.setdefault(number, []).append(found)
    bounds.append(len(lowered))
    denied = set() if is_original else _denied_items(lowered, bounds)
    mentions = []
    for number, all_found in by_sentence.items():
        start = bounds[number]
        sentence = _SPACE.sub(" ", lowered[start : bounds[number + 1]])
        if not is_original and ")" in sentence:
            sentence = _listed(sentence)
        events = events_in(sentence)
        moved = [found.moved(-start) for found in all_found]
        by_finding: dict[str, list[Found]] = {}
        for found in moved:
            by_finding.setdefault(found.finding, []).append(found)
        for found, here in zip(all_found, moved, strict=True):
            alike = by_finding[here.finding]
            polarity, rule = polarity_of(
                sentence, events, here, alike, is_original=is_original
            )
            if number in denied and rule == "mentioned":
                polarity, rule = Polarity.NEGATIVE, "denied"
            mentions.append(_mention(text, read, found, polarity, rule))
    return sorted(mentions, key=lambda mention: (mention.start, mention.end))


def _bounds(text: str, read: Plain) -> list[int]:
    """Where the sentences begin: behind an end, and with a line that has a capital.

    A line that was only wrapped goes on in small letters, or behind a word that asks
    for more; in a text without small letters nothing can be told.
    """
    words = read.words
    begun = {0, *(match.end() for match in _SENTENCE_END.finditer(words))}
    for line in _WHOLE_LINE.finditer(words):
        first = read.place(line.start(1))
        if text[first].isupper() and text[first + 1 : first + 2].islower():
            begun.add(line.start(1))
    return sorted(begun)


def _denied_items(words: str, bounds: list[int]) -> set[int]:
    """The numbers of the sentences that are items of a list that is denied.

    "1." ends a sentence, on a line of its own or behind the item before it.
    """
    denied: set[int] = set()
    if ":" not in words:
        return denied
    is_denying = is_item = False
    counted = 0
    for number, (start, end) in enumerate(pairwise(bounds)):
        sentence = words[start:end].strip()
        if is_denying and (is_item or _ITEM.match(sentence)):
            denied.add(number)
        else:
            is_denying, counted = _LIST_DENIED.search(sentence) is not None, 0
        last = _LAST_NUMBER.search(sentence)
        is_item = last is not None and int(last[1]) == counted + 1
        counted += is_item
    return denied


def _listed(sentence: str) -> str:
    """A sentence of the same length with commas for the numbers of a denied list."""
    denied = _NUMBERS_DENIED.search(sentence)
    if denied is None:
        return sentence
    listed = _NEXT_NUMBER.sub(
        lambda number: ",".ljust(len(number.group())), sentence[denied.end() :]
    )
    return f"{sentence[: denied.end()]} {listed[1:]}"


def _asides(text: str, read: Plain) -> list[tuple[int, int]]:
    """The sections that are passed over, where the others have headings, too.

    A heading begins a line or a sentence, or has a capital within one.
    """
    if ":" not in read.words:
        return []
    headings = [
        heading
        for heading in _HEADING.finditer(read.words)
        if heading["first"] is not None
        or text[read.place(heading.start("title"))].isupper()
    ]
    if not any(heading["body"] for heading in headings):
        return []
    ends = [heading.start() for heading in headings[1:]] + [len(read.words)]
    return [
        (heading.start(), end)
        for heading, end in zip(headings, ends, strict=True)
        if heading["aside"]
    ]


def _is_aside(start: int, asides: list[tuple[int, int]]) -> bool:
    """Whether an offset lies in one of the sections, which are sorted."""
    number = bisect_right(asides, start, key=lambda aside: aside[0]) - 1
    return number >= 0 and start < asides[number][1]


def _mention(
    text: str, read: Plain, found: Found, polarity: Polarity, rule: str
) -> Mention:
    """The evidence, quoted in whole words of the text as it was given."""
    words, start, end = read.words, found.start, found.end
    first, last = max(0, start - _LONGEST_WORD), min(len(words), end + _LONGEST_WORD)
    while start > first and words[start - 1].isalpha():
        start -= 1
    while end < last and words[end].isalpha():
        end += 1
    start, end = read.span(start, end)
    return Mention(found.finding, polarity, text[start:end], start, end, rule)


def _aggregated(mentions: list[Mention]) -> dict[str, int | None]:
    """One value per finding, by the order of the CheXpert labeler's rules.

    Denied and open is open; else anything positive is positive. A failing heart leaves
    open whether it is large. No Finding is 1 where nothing but devices is left.
    """
    seen: dict[str, set[Polarity]] = {}
    for mention in mentions:
        seen.setdefault(mention.finding, set()).add(mention.polarity)
        is_open = (
            mention.finding == "Edema" and mention.polarity is not Polarity.NEGATIVE
        )
        if is_open and _FAILING.search(plain(mention.quote).words):
            seen.setdefault(CARDIOMEGALY, set()).add(Polarity.UNCERTAIN)
    values = {finding: _value(seen.get(finding, set())) for finding in FINDINGS}
    is_abnormal = any(
        polarities - {Polarity.NEGATIVE}
        for finding, polarities in seen.items()
        if finding != SUPPORT_DEVICES
    )
    values[NO_FINDING] = None if is_abnormal else 1
    return values


def _value(polarities: set[Polarity]) -> int | None:
    if {Polarity.NEGATIVE, Polarity.UNCERTAIN} <= polarities:
        return -1
    if Polarity.POSITIVE in polarities:
        return 1
    return _VALUES[next(iter(polarities))] if polarities else None
