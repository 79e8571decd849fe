"""Which answers are no reports but the model's "no".

General models often send a radiograph to a professional rather than describe it. What
counts as a refusal is this short list, and nothing else:

1. the endpoint says so: a `refusal` beside an empty answer, `finish_reason`
   `content_filter`, or an error of its content filter;
2. the answer is empty;
3. one of the phrases below stands among its first OPENING characters, the answer has
   no more than LONGEST characters, and no line of it begins with Findings or
   Impression.

A report that begins with a disclaimer is a report: it has sections, or it is long. Both
limits err on the side of keeping a text, which people look at; a refusal that is kept
shows in the checks of the texts, a report that is dropped shows nowhere.
"""

import re

OPENING, LONGEST = 250, 1000

_NOT = (
    r"(?:can(?:'t|not| not)|am (?:unable|not able) to|won't|will not|must decline to)"
)
_DO = (
    r"(?:assist|help|provide|offer|give|write|generate|create|interpret|analy[sz]e|"
    r"evaluate|assess|diagnose|comply|fulfil|process|view|see|read|review|describe)"
)
_PHRASES = re.compile(
    "|".join(
        (
            rf"\b(?:i'?m|i am|we are) (?:very |really |so )?sorry\b.{{0,80}}{_NOT}",
            rf"\bi'?m sorry\b.{{0,40}}\b(?:unable|not able) to\b.{{0,20}}{_DO}",
            rf"\bi {_NOT} (?:\w+ ){{0,2}}{_DO}",
            rf"\bi'?m (?:unable|not able) to (?:\w+ ){{0,2}}{_DO}",
            r"\bas an? (?:ai|artificial intelligence|(?:large )?language model)\b",
            r"\bi(?:'?m| am) (?:just |only )?an ai\b",
            r"\bi(?:'?m| am) not (?:a|able|qualified|licensed)\b.{0,40}"
            r"\b(?:doctor|physician|radiologist|professional|interpret|diagnos)",
            # Only as the first words: many reports end on such advice.
            r"\A[^.]{0,60}\b(?:images?|x-?rays?|radiographs?|scans?)\b[^.]{0,40}"
            r"\b(?:should|must|needs? to) be (?:\w+ )?"
            r"(?:assessed|evaluated|interpreted|reviewed|read)"
            r" by an? (?:[\w-]+ ){0,3}(?:professional|radiologist|physician|doctor)",
            r"\A\W*(?:please )?consult (?:with )?an? (?:[\w-]+ ){0,3}"
            r"(?:professional|radiologist|physician|doctor)",
        )
    ),
    re.IGNORECASE | re.DOTALL,
)
_SECTION = re.compile(r"^\W*(?:findings|impression)\b", re.IGNORECASE | re.MULTILINE)


def is_refusal(text: str) -> bool:
    """Whether an answer is a refusal by the rules above."""
    plain = text.replace("\u2019", "'").strip()
    if not plain:
        return True
    if len(plain) > LONGEST or _SECTION.search(plain):
        return False
    return _PHRASES.search(plain[:OPENING]) is not None
