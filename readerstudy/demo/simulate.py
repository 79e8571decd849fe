"""Simulated readers for the demonstration: plainly no radiologists.

They know what was drawn, compare it with what a report states, and grade by that with
a little chance. Their grades make results and exports alive; they show nothing else.
"""

import re

import numpy as np
from django.utils import timezone

from inference.phantom.phantom import draw
from inference.phantom.phrases import stated_findings
from readerstudy.grading import services as grading
from readerstudy.grading.after.guessing import (
    Guess,
    open_sheet,
    sampled_slots,
    session_to_guess,
    store_guesses,
)
from readerstudy.grading.path import next_slot
from readerstudy.grading.reply import Mark, Reply
from readerstudy.grading.visits import VisitLog
from readerstudy.presentation.models import Slot
from readerstudy.studies.models import Membership

# Shares of A, B, C, D by how far a report is off.
_FAULTLESS = (0.72, 0.22, 0.05, 0.01)
_EXTRA_ONLY = (0.10, 0.42, 0.38, 0.10)
_ONE_MISSED = (0.03, 0.17, 0.45, 0.35)
_MORE_MISSED = (0.01, 0.05, 0.24, 0.70)
COMMENT = "Simulated grade."
# How likely a false finding matters clinically, by the grade.
_MATTERS = {"B": 0.1, "C": 0.4, "D": 0.8}
_SMALLEST = 64


def read_all(reader: Membership) -> None:
    """Grade everything a simulated reader has left, in order, like any reader."""
    while True:
        session = session_to_guess(reader)
        if session is not None:
            _guess_sources(reader, session)
            continue
        slot = next_slot(reader)
        if slot is None:
            return
        _read(reader, slot)


def _read(reader: Membership, slot: Slot) -> None:
    grading.open_slot(slot=slot, actor=reader.user)
    rng = _chance(reader, slot)
    letter = simulated_grade(_seed(slot), _text(slot), rng)
    asked = reader.study.instruments
    grading.submit(
        slot=slot,
        actor=reader.user,
        idempotency_key=f"simulated-{slot.public_id}",
        replies=[
            Reply(
                letter,
                COMMENT if "comment" in asked else "",
                answers=_answers(letter, rng) if "confidence" in asked else {},
                marks=_marks(slot, letter, rng) if "errors" in asked else (),
            )
        ],
        visits=[_visit(slot, letter, rng)],
    )


def _answers(letter: str, rng: np.random.Generator) -> dict[str, str]:
    """Readers are surer of a clear yes or no than of what lies between."""
    surest = 5 if letter in "AD" else 4
    return {"confidence": str(int(rng.integers(surest - 1, surest + 1)))}


def _marks(slot: Slot, letter: str, rng: np.random.Generator) -> list[Mark]:
    """What was drawn and is not stated, and each sentence that states too much."""
    if letter == "A":
        return []
    drawn = _drawn(_seed(slot))
    marks = [
        Mark("omission", significant=letter == "D", replacement=f"{kind}, as drawn")
        for kind in sorted(drawn - stated_findings(_text(slot)))
    ]
    for number, sentence in enumerate(_sentences(slot)):
        if stated_findings(sentence) - drawn:
            matters = bool(rng.random() < _MATTERS[letter])
            marks.append(Mark("false_finding", matters, number, 0, len(sentence)))
    return marks


def _guess_sources(reader: Membership, session: int) -> None:
    open_sheet(reader=reader, session=session)
    sample = sampled_slots(reader, session)
    guesses = [_guess(_chance(reader, slot)) for slot in sample]
    store_guesses(reader=reader, session=session, guesses=guesses)


def _guess(rng: np.random.Generator) -> Guess:
    """Who wrote it, by chance alone: simulated readers cannot tell."""
    return Guess(str(rng.choice(["person", "model"])), int(rng.integers(1, 6)))


def _visit(slot: Slot, letter: str, rng: np.random.Generator) -> VisitLog:
    """The log of a reading that took a while, then of a look elsewhere.

    What needs revision takes longer, and readers get quicker with practice.
    """
    mean = 3.2 + 0.1 * "ABCD".index(letter) - 0.004 * slot.position
    active_ms = int(1000 * rng.lognormal(mean=mean, sigma=0.4))
    wall_ms = active_ms + int(rng.integers(500, 4000))
    events = ((0, "shown", ""), (active_ms, "blur", ""), (wall_ms, "submit", ""))
    return VisitLog(f"simulated-{slot.public_id}"[:32], timezone.now(), events)


def simulated_grade(seed: int, text: str, rng: np.random.Generator) -> str:
    """Grade a text for the phantom of a seed: A to D."""
    drawn = _drawn(seed)
    stated = stated_findings(text)
    missed = len(drawn - stated)
    if missed > 1:
        shares = _MORE_MISSED
    elif missed:
        shares = _ONE_MISSED
    else:
        shares = _EXTRA_ONLY if stated - drawn else _FAULTLESS
    return "ABCD"[rng.choice(4, p=shares)]


def _seed(slot: Slot) -> int:
    """The seed of a phantom, from the code of its case."""
    found = re.search(r"(\d+)$", slot.presented.case.code)
    if found is None:
        raise ValueError(f"{slot.presented.case.code} is no phantom.")
    return int(found[1])


def _drawn(seed: int) -> frozenset[str]:
    """The kinds of finding of a phantom; a small drawing is quick and has the same."""
    return frozenset(each.kind for each in draw(seed, size=_SMALLEST).findings)


def _sentences(slot: Slot) -> list[str]:
    return [
        sentence
        for section in slot.presented.body["sections"]
        for sentence in section["sentences"]
    ]


def _text(slot: Slot) -> str:
    return " ".join(_sentences(slot))


def _chance(reader: Membership, slot: Slot) -> np.random.Generator:
    """Chance that is the same whenever the demonstration is set up anew."""
    number = int(reader.reader_code.removeprefix("R"))
    is_second = int(slot.presented.arm.position > 1)
    return np.random.default_rng([number, _seed(slot), is_second])
