"""What the levelling profiles even out besides: capitals, marks, spaces, headings.

Each arm has habits that no reader should tell it by: a model that writes all in small
letters or in Markdown, an archive that writes all in capitals. Letters and digits stay
and keep their order; only their case, and what stands between them, is made even.
"""

import re

from readerstudy.presentation.list_marks import FURTHER_SIGN_MARK, without_names

REMOVED = "XXXX"
# How archives mark removed words: MIMIC-CXR, MIMIC-III, and in words.
_REMOVED_OTHERWISE = re.compile(
    r"_{3,}|\[\*\*.{0,80}?\*\*\]|[\[<](?:redacted|removed|deidentified)[\]>]",
    re.IGNORECASE,
)
_MARKDOWN = re.compile(r"\*\*|`+|^[^\S\n]*#{1,6}[^\S\n]+", re.MULTILINE)
_FORMER_LIST_MARK = re.compile(
    r"(?:^|(?<=[.!?:;]\s)|(?<=\n))[^\S\n]*"
    r"(?:\(\d{1,2}\)|[\u00b7\u2023\u25aa\u25cf\u25cb\u25e6+])[^\S\n]+"
)
_NAMES = "findings?|impressions?|conclusions?|opinion|interpretation|report"
# A heading with a colon, or alone in its line.
_FURTHER_HEADING = re.compile(
    rf"(?:^|(?<=[.!?]\s)|(?<=\n))[^\S\n]*(?:opinion|interpretation)[^\S\n]*:\s*"
    rf"|^[^\S\n]*(?:{_NAMES})[^\S\n]*$",
    re.IGNORECASE | re.MULTILINE,
)
_SPACES = (
    (re.compile(r"[\u2013\u2014\u2015]"), "-"),
    (re.compile(r"\.{2,}|\u2026(?!\])"), "."),
    (re.compile(r"([(\[])[^\S\n]+"), r"\1"),
    (re.compile(r"[^\S\n]+([)\]])"), r"\1"),
    (re.compile(r"[^\S\n]*/[^\S\n]*"), "/"),
    (re.compile(r"(?<=\d)[^\S\n]+%"), "%"),
    (re.compile(r"(?<=\d)(?=(?:cm|mm)\b)"), " "),
    (re.compile(r"([,;])(?=[^\W\d_])"), r"\1 "),
    # "clear.No effusion": two sentences that lost the space between them.
    (re.compile(r"(?<=[a-z]{2})\.(?=[A-Z][a-z])"), ". "),
)
# None of these is a word of its own in a report.
_ABBREVIATIONS = (
    "ap|pa|ct|mri|cxr|picc|copd|chf|svc|ivc|icu|cabg|aicd|ett|ngt|ekg|ecg|ards|dvt"
    "|iv|ijv|rul|rml|rll|lul|lll|lvad|tavr|gi"
)
_IN_CAPITALS = re.compile(
    rf"(?<![\w'])(?:{_ABBREVIATIONS})(?![\w'])|(?<!\w)(?:ng|et|og)(?= tube)"
    r"|(?<!\w)[ctl]\d{1,2}(?!\w)",
    re.IGNORECASE,
)
_LABEL = re.compile(r"^[^\W\d_a-z]{3}[^\d_a-z:.]*(?=:)")
_IMPRESSION_NAME = re.compile(
    r"(?:^|(?<=[.!?]\s)|(?<=\n))[^\S\n*#]*[*#\s]*"
    r"(?:impressions?|conclusions?|opinion|interpretation)\**[^\S\n]*(?::\**|\n)",
    re.IGNORECASE,
)
# From so many letters on a lone word in capitals is no abbreviation.
_LONG_WORD = 7


def parts_of(findings: str, impression: str, text: str) -> tuple[str, str] | None:
    """A report's findings and impression; None where it has not both.

    One text has both where a heading inside it begins the impression.
    """
    if findings.strip() and impression.strip():
        return f"{findings}\n\n{text}".strip(), impression
    whole = "\n\n".join(part for part in (findings, text, impression) if part.strip())
    name = _IMPRESSION_NAME.search(whole)
    if name is None:
        return None
    before, after = whole[: name.start()], whole[name.end() :]
    return (before, after) if _says_something(before, after) else None


def _says_something(*parts: str) -> bool:
    bare = (_FURTHER_HEADING.sub("", f"{part}\n") for part in parts)
    names = re.compile(rf"(?:{_NAMES})\s*:", re.IGNORECASE)
    return all(any(map(str.isalpha, names.sub("", part))) for part in bare)


def level_text(part: str, *, is_former: bool = False) -> str:
    """Even out what lies between the words, before sentences are told apart.

    `is_former` is for profiles that took numbers in brackets for list marks.
    """
    part = part.replace("\r\n", "\n").replace("\r", "\n")
    part = _REMOVED_OTHERWISE.sub(REMOVED, part)
    part = _MARKDOWN.sub("", part)
    if is_former:
        part = _FURTHER_HEADING.sub("\n\n", part)
        part = _FORMER_LIST_MARK.sub("\n\n", part)
    else:
        part = without_names(part, _FURTHER_HEADING)
        part = FURTHER_SIGN_MARK.sub("\n\n", part)
    for found, instead in _SPACES:
        part = found.sub(instead, part)
    return part


def level_sentence(sentence: str) -> str:
    """Set a sentence in sentence case, abbreviations in capitals."""
    if _is_all_capitals(sentence):
        sentence = _small(sentence)
    else:
        sentence = _LABEL.sub(lambda label: _small(label[0]), sentence)
    sentence = _IN_CAPITALS.sub(lambda word: word[0].upper(), sentence)
    return sentence[:1].upper() + sentence[1:]


def _is_all_capitals(sentence: str) -> bool:
    """Whether a sentence is written in capitals, rather than an abbreviation alone."""
    words = re.findall(r"[^\W\d_]+", sentence.replace(REMOVED, " "))
    if any(word != word.upper() for word in words):
        return False
    return len(words) > 1 or any(len(word) >= _LONG_WORD for word in words)


def _small(text: str) -> str:
    """A text in small letters, but for the marks of removed words."""
    return REMOVED.join(part.lower() for part in text.split(REMOVED))
