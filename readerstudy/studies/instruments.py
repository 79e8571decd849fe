"""The instruments from which a protocol composes the questions of a read.

The grade A-D is always asked and is no part of this list. A choice has a value, which
is stored and exported, and words, which the reader sees. Sources: RADPEER, the peer
review of the American College of Radiology; the six error categories of ReXVal
(PhysioNet 1.0.0); hallucination and clarity as in Lim et al., Eur Radiol 2026.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext_lazy as _

Kind = Literal["choice", "text", "marks", "refusal"]


@dataclass(frozen=True)
class Choice:
    """One answer: the value that is stored, what the button says, what it means."""

    value: str
    label: object
    meaning: object = ""


@dataclass(frozen=True)
class Instrument:
    """One question of a read.

    kind  "choice" (one value of `choices`), "text" (a comment), "marks" (errors on the
          report's text), "refusal" (a reason instead of a grade)
    title what a coordinator ticks; question: what a reader is asked
    """

    name: str
    kind: Kind
    title: object
    question: object
    choices: tuple[Choice, ...] = ()
    key_hint: str = ""

    @property
    def is_required(self) -> bool:
        """Only choices must be answered; comments and marks may stay empty."""
        return self.kind == "choice"

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(choice.value for choice in self.choices)


_YES_NO = (Choice("yes", _("Yes")), Choice("no", _("No")))


def _scale(lowest: object, highest: object) -> tuple[Choice, ...]:
    """A scale from 1 to 5 whose ends have words."""
    ends = {1: lowest, 5: highest}
    return tuple(Choice(str(n), str(n), ends.get(n, "")) for n in range(1, 6))


INSTRUMENTS: dict[str, Instrument] = {
    instrument.name: instrument
    for instrument in (
        Instrument(
            "referable",
            "choice",
            _("Referable abnormality present"),
            _("Does the radiograph show a referable abnormality?"),
            _YES_NO,
        ),
        Instrument(
            "radpeer",
            "choice",
            _("RADPEER score"),
            _("RADPEER: do you agree with the report?"),
            (
                Choice("1", "1", _("I agree.")),
                Choice(
                    "2a",
                    "2a",
                    _("An understandable miss, unlikely to matter clinically."),
                ),
                Choice(
                    "2b",
                    "2b",
                    _("An understandable miss, likely to matter clinically."),
                ),
                Choice(
                    "3a",
                    "3a",
                    _("Should be found most of the time; unlikely to matter."),
                ),
                Choice(
                    "3b", "3b", _("Should be found most of the time; likely to matter.")
                ),
            ),
        ),
        Instrument(
            "hallucination",
            "choice",
            _("Hallucination"),
            _("Does the report state something that is not on the radiograph at all?"),
            _YES_NO,
        ),
        Instrument(
            "clarity",
            "choice",
            _("Language clarity, 1 to 5"),
            _("How clear is the language?"),
            _scale(_("unclear"), _("very clear")),
        ),
        Instrument(
            "confidence",
            "choice",
            _("Confidence, 1 to 5"),
            _("How sure are you of your grade?"),
            _scale(_("not sure"), _("certain")),
            key_hint="Shift",
        ),
        Instrument(
            "errors",
            "marks",
            _("Errors marked on the text"),
            _("Mark what is wrong in the text."),
        ),
        Instrument("comment", "text", _("Free comment"), _("Comment, if you like")),
        Instrument(
            "cannot_assess",
            "refusal",
            _("“Cannot assess”, with a reason"),
            _("Why can this report not be assessed?"),
            (
                Choice("image_quality", _("The image is not good enough")),
                Choice(
                    "image_incomplete", _("The image is incomplete or the wrong one")
                ),
                Choice("report_unreadable", _("The report cannot be understood")),
                Choice("context_missing", _("Clinical context or priors are missing")),
                Choice("other", _("Another reason, given in the comment")),
            ),
        ),
    )
}
OPTIONAL_NAMES = tuple(INSTRUMENTS)
DEFAULT_NAMES = ("comment",)

ERROR_CATEGORIES: dict[str, object] = {
    "false_finding": _("False finding"),
    "omission": _("Omitted finding"),
    "location": _("Wrong location"),
    "severity": _("Wrong severity"),
    "spurious_comparison": _("Comparison that is not there"),
    "omitted_comparison": _("Omitted comparison"),
}


def chosen(names: Iterable[str]) -> list[Instrument]:
    """The instruments of a protocol, in the order in which they are asked."""
    wanted = set(names)
    return [each for name, each in INSTRUMENTS.items() if name in wanted]
