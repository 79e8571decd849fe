"""What is conspicuous in the texts of one source, in sentences to act on.

Pure counting over texts: nothing is judged by its medical content.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from inference.texts import FEW, REPEATED, check_texts

# Marks of a prompt or of a tokeniser that no report has.
_LEAKS = re.compile(
    r"\[/?INST\]|<</?SYS>>|</?s>|<unk>|<pad>|<image>|<\|[a-z_]+\|>|\b(?:USER|ASSISTANT):"
    r"|\bas an AI\b|```",
    re.IGNORECASE,
)
_NON_PRINTING = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\ufeff\ufffd]")
SHORT = 15
"""A text of fewer characters is very short."""
LONG = 4
"""A text of more than so many times the median is very long."""
MANY, COLLAPSED = 20, 0.1
"""Of so many texts or more, the share that must be different at the least."""
NAMED = 5


# What is looked for in each text by itself, given the median length: for one report and
# for several.
_RULES: tuple[tuple[str, str, Callable[[str, int], bool]], ...] = (
    (
        "shows words of a prompt",
        "show words of a prompt",
        lambda text, _: bool(_LEAKS.search(text)),
    ),
    (
        "holds signs that do not print",
        "hold signs that do not print",
        lambda text, _: bool(_NON_PRINTING.search(text)),
    ),
    ("is very short", "are very short", lambda text, _: len(text) < SHORT),
    (
        "is very long",
        "are very long",
        lambda text, middle: len(text) > LONG * max(middle, SHORT),
    ),
)


@dataclass(frozen=True)
class Text:
    """A report's text under its case; `finish` is how the model ended, if it is known.

    A model ends with "stop" by itself, or with "length" where it was cut off.
    """

    case: str
    text: str
    finish: str = ""


@dataclass(frozen=True)
class Remark:
    """One thing that is conspicuous; `is_serious` where it belongs on the checklist."""

    sentence: str
    cases: tuple[str, ...]
    is_serious: bool = False

    @property
    def some(self) -> str:
        """The first of the cases, by their codes."""
        named = ", ".join(self.cases[:NAMED])
        return f"{named}, ..." if len(self.cases) > NAMED else named


@dataclass(frozen=True)
class Quality:
    """The texts of one source in numbers.

    repeated      the text that most cases share; empty where none is shared
    repeated_by   the cases that share it
    """

    texts: int
    distinct: int
    empty: int
    median_length: int
    repeated: str
    repeated_by: tuple[str, ...]
    remarks: tuple[Remark, ...]

    @property
    def serious(self) -> tuple[Remark, ...]:
        return tuple(remark for remark in self.remarks if remark.is_serious)


def quality_of(texts: Sequence[Text]) -> Quality:
    """Look at all texts of one source together, one a case."""
    trimmed = [
        Text(each.case, " ".join(each.text.split()), each.finish) for each in texts
    ]
    written = [each for each in trimmed if each.text]
    by_text: dict[str, list[str]] = defaultdict(list)
    for each in written:
        by_text[each.text].append(each.case)
    repeated = max(by_text, key=lambda text: len(by_text[text]), default="")
    sharing = tuple(by_text.get(repeated, ()))
    if len(sharing) < 2:
        repeated, sharing = "", ()
    lengths = [len(each.text) for each in written]
    middle = round(median(lengths)) if lengths else 0
    empty = tuple(each.case for each in trimmed if not each.text)
    return Quality(
        texts=len(trimmed),
        distinct=len({each.text for each in trimmed}),
        empty=len(empty),
        median_length=middle,
        repeated=repeated,
        repeated_by=sharing,
        remarks=tuple(_remarks(trimmed, written, empty, by_text, middle)),
    )


def _remarks(
    trimmed: list[Text],
    written: list[Text],
    empty: tuple[str, ...],
    by_text: dict[str, list[str]],
    middle: int,
) -> list[Remark]:
    remarks = []
    if empty:
        remarks.append(
            Remark(f"{len(empty)} of {len(trimmed)} reports are empty.", empty, True)
        )
    remarks += _repetitions(trimmed, written, by_text)
    cut = tuple(each.case for each in written if each.finish == "length")
    if cut:
        remarks.append(
            Remark(f"{len(cut)} {_reports(cut)} cut off at the most tokens.", cut)
        )
    remarks += _open_ends([each for each in written if each.finish != "length"])
    for one, many, holds in _RULES:
        cases = tuple(each.case for each in written if holds(each.text, middle))
        if cases:
            words = f"report {one}." if len(cases) == 1 else f"reports {many}."
            remarks.append(Remark(f"{len(cases)} {words}", cases))
    return remarks


def _reports(cases: Sequence[str]) -> str:
    return "report was" if len(cases) == 1 else "reports were"


def _repetitions(
    trimmed: list[Text], written: list[Text], by_text: dict[str, list[str]]
) -> list[Remark]:
    """One text for all, one text for most, or several texts for several cases."""
    if len(written) < 2:
        return []
    counts = Counter({text: len(cases) for text, cases in by_text.items()})
    text, count = counts.most_common(1)[0]
    cases = tuple(by_text[text])
    if len(written) >= FEW and count == len(trimmed):
        return [
            Remark(
                f"One text stands under all {count} cases: the source says the same "
                "whatever it is shown.",
                cases,
                True,
            )
        ]
    if len(written) >= FEW and count > REPEATED * len(written):
        sentence = f"One text stands under {count} of {len(trimmed)} cases."
        return [Remark(sentence, cases, True)]
    if len(written) >= MANY and len(by_text) < COLLAPSED * len(written):
        sentence = (
            f"Only {len(by_text)} different texts stand under {len(written)} cases, "
            f"the commonest under {count}."
        )
        return [Remark(sentence, cases, True)]
    shared = [case for found in by_text.values() if len(found) > 1 for case in found]
    if not shared:
        return []
    sentence = (
        f"{len(shared)} of {len(trimmed)} reports share their text with another case; "
        f"{len(by_text)} texts are different."
    )
    return [Remark(sentence, tuple(shared))]


def _open_ends(written: list[Text]) -> list[Remark]:
    """Texts whose last sentence has no end, though nothing says they were cut."""
    check = check_texts([each.text for each in written])
    if not check.broken_off:
        return []
    cases = tuple(each.case for each in written if check_texts([each.text]).broken_off)
    is_serious = any("break off" in flag for flag in check.flags)
    words = "report breaks off" if len(cases) == 1 else "reports break off"
    return [Remark(f"{len(cases)} of {len(written)} {words}.", cases, is_serious)]
