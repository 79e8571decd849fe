"""What a reader answers about one report: pure, checked against the protocol."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from readerstudy.studies.instruments import (
    ERROR_CATEGORIES,
    INSTRUMENTS,
    Instrument,
    chosen,
)
from readerstudy.studies.models import GRADES

LONGEST_TEXT = 4000
MOST_MARKS = 100
# An error of leaving out has no place in the text.
WITHOUT_PLACE = {"omission", "omitted_comparison"}


class Incomplete(ValueError):
    """The reply does not answer what the protocol asks; the message says what."""


@dataclass(frozen=True)
class Mark:
    """One error in a report's text.

    sentence     number of the sentence from 0, or None for what was left out
    start, end   characters of that sentence, end after the last one
    category     one of ERROR_CATEGORIES
    significant  whether it matters clinically
    replacement  what should stand there instead, or an empty string
    """

    category: str
    significant: bool
    sentence: int | None = None
    start: int = 0
    end: int = 0
    replacement: str = ""


@dataclass(frozen=True)
class Reply:
    """The answers about one report. `letter` is empty where it cannot be assessed.

    answers  value by name of instrument, of those that are choices
    """

    letter: str = ""
    comment: str = ""
    cannot_assess: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    marks: Sequence[Mark] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain JSON, always in the same form."""
        content = asdict(self)
        content["answers"] = dict(sorted(self.answers.items()))
        content["marks"] = [asdict(mark) for mark in self.marks]
        return content


def check(
    reply: Reply,
    *,
    instruments: Collection[str],
    sentences: Sequence[str],
    is_draft: bool = False,
) -> None:
    """Raise Incomplete unless the reply fits the instruments and the text.

    sentences: the report's sentences as they were shown. A draft may lack anything,
    but what it holds must fit.
    """
    if reply.letter and reply.letter not in GRADES:
        raise Incomplete(_("Choose one of the grades A, B, C and D."))
    _check_texts(reply)
    asked = {each.name: each for each in chosen(instruments)}
    _check_answers(reply.answers, asked)
    _check_refusal(reply, asked, is_draft=is_draft)
    if reply.marks and "errors" not in asked:
        raise Incomplete(_("This study does not ask for errors to be marked."))
    if len(reply.marks) > MOST_MARKS:
        raise Incomplete(_("At most %d errors can be marked.") % MOST_MARKS)
    for mark in reply.marks:
        _check_mark(mark, sentences)
    if not is_draft and not reply.cannot_assess:
        _require_all(reply, asked.values())


def _check_texts(reply: Reply) -> None:
    texts = [reply.comment, *(mark.replacement for mark in reply.marks)]
    if max(map(len, texts)) > LONGEST_TEXT:
        raise Incomplete(_("A comment may have %d characters at most.") % LONGEST_TEXT)


def _check_answers(answers: Mapping[str, str], asked: Mapping[str, Instrument]) -> None:
    for name, value in answers.items():
        instrument = asked.get(name)
        if instrument is None or instrument.kind != "choice":
            raise Incomplete(_("This study does not ask for %s.") % name)
        if value not in instrument.values:
            raise Incomplete(
                _("“%(value)s” is no answer to: %(question)s")
                % {"value": value, "question": instrument.question}
            )


def _check_refusal(
    reply: Reply, asked: Mapping[str, Instrument], *, is_draft: bool
) -> None:
    if not reply.cannot_assess:
        return
    if "cannot_assess" not in asked:
        raise Incomplete(_("This study asks for a grade of every report."))
    if reply.cannot_assess not in INSTRUMENTS["cannot_assess"].values:
        raise Incomplete(_("Choose a reason from the list."))
    if is_draft:
        return
    if reply.letter:
        raise Incomplete(_("Either a grade or a reason against one, not both."))
    if reply.cannot_assess == "other" and not reply.comment.strip():
        raise Incomplete(_("Say in the comment why it cannot be assessed."))


def _check_mark(mark: Mark, sentences: Sequence[str]) -> None:
    if mark.category not in ERROR_CATEGORIES:
        raise Incomplete(_("Choose a category for each marked error."))
    if mark.sentence is None:
        if mark.category not in WITHOUT_PLACE or mark.start or mark.end:
            raise Incomplete(_("Mark the words that are wrong."))
        return
    if not 0 <= mark.sentence < len(sentences):
        raise Incomplete(_("A marked sentence is not in the report."))
    if not 0 <= mark.start < mark.end <= len(sentences[mark.sentence]):
        raise Incomplete(_("A mark reaches beyond its sentence."))


def _require_all(reply: Reply, asked: Collection[Instrument]) -> None:
    if not reply.letter:
        raise Incomplete(_("Choose one of the grades A, B, C and D."))
    for instrument in asked:
        if instrument.is_required and instrument.name not in reply.answers:
            raise Incomplete(_("Still to answer: %s") % instrument.question)
