"""Which answers are no reports but the model's "no".

General models often send a radiograph to a professional rather than describe it. What
counts as a refusal is this short list, and nothing else:

1. the endpoint says so: a `refusal` beside an empty answer, `finish_reason`
   `content_filter`, or an error of its content filter;
2. the answer is empty;
3. one of the phrases below, in English or Korean, stands among its first OPENING
   characters, the answer has no more than LONGEST characters, and it has no section:
   no line begins with Findings or Impression, and no sentence with one of these and a
   colon.

A report that begins with a disclaimer is a report: it has sections, or it is long. Both
limits err on the side of keeping a text, which people look at; a refusal that is kept
shows in the checks of the texts, a report that is dropped shows nowhere.
"""

import re

OPENING, LONGEST = 250, 1000

_NOT = (
    r"(?:can(?:'t|not| not)|am (?:unable|not able) to|"
    r"(?:won't|will not)(?: be able to)?|"
    r"(?:do not|don't) have the (?:\w+ )?(?:ability|capability|expertise|training) to|"
    r"(?:must|have to|need to) (?:decline to|refrain from))"
)
# These are said of an answer; those of looking are said of lungs too, and so refuse
# only where what is not looked at is images or medicine as such.
_ANSWER = (
    r"(?:assist|help(?! but)|provid|offer|giv|writ|generat|creat|diagnos|comply|fulfil|"
    r"process)(?:l?ing|e|l)?\b"
)
_LOOK = (
    r"(?:interpret|analy[sz]|evaluat|assess|view|see|read|review|describ)(?:ing|e)?\b"
)
_IMAGE = (
    r"(?:images?|imaging|x-?rays?|radiographs?|radiology|radiologic(?:al)?|scans?|"
    r"pictures?|photo(?:graph)?s?|films?|medical)\b"
)
# What stands between leaves no room for "the apices on this radiograph".
_WORD = (
    r"(?!(?:in|on|of|at|by|for|from|to|with|without|due|given|since|because|as)\b)"
    r"[\w'-]+ "
)
_DO = (
    rf"(?:{_ANSWER}|{_LOOK}(?:,? (?:(?:or|and) )?{_LOOK}){{0,3}} "
    rf"(?:the contents? of )?(?:{_WORD}){{0,5}}{_IMAGE})"
)
_PHRASES = re.compile(
    "|".join(
        (
            rf"\b(?:i'?m|i am|we are) (?:very |really |so )?sorry\b.{{0,80}}{_NOT}",
            rf"\b(?:apologies|apologi[sz]e)\b.{{0,80}}{_NOT}",
            rf"\bi'?m sorry\b.{{0,40}}\b(?:unable|not able) to\b.{{0,20}}{_DO}",
            rf"\bi {_NOT} (?:\w+ ){{0,2}}{_DO}",
            rf"\bi'?m (?:unable|not able) to (?:\w+ ){{0,2}}{_DO}",
            # A report goes beyond the scope of an examination, and never its own.
            r"\bbeyond my (?:\w+ ){0,2}(?:capabilit(?:y|ies)|abilit(?:y|ies)|expertise|"
            r"scope|competence|training)\b",
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
            # Sorry, and cannot; cannot do for you; as an AI. A report asks no pardon,
            # and says "cannot be assessed" without any of these.
            r"(?:죄송|미안).{0,80}(?:수(?:는|가)?\s?없|어렵|못\s?합|불가)",
            r"드릴\s?수(?:는|가)?\s?없|드리기(?:는|가)?\s?어렵|드리지\s?못",
            r"(?:\bAI|인공지능|언어\s?모델)\s?(?:\w+\s?)?(?:으?로서|이?기 때문|이므로)",
        )
    ),
    re.IGNORECASE | re.DOTALL,
)
_SECTION = re.compile(
    r"^\W*(?:findings|impression)\b|[.:;!?]\W+(?:findings|impression)\W{0,3}:",
    re.IGNORECASE | re.MULTILINE,
)


def is_refusal(text: str) -> bool:
    """Whether an answer is a refusal by the rules above."""
    plain = text.replace("\u2019", "'").strip()
    if not plain:
        return True
    if len(plain) > LONGEST or _SECTION.search(plain):
        return False
    return _PHRASES.search(plain[:OPENING]) is not None
