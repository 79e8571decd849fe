"""Records to a manifest: which images are taken, in which split, and what is counted.

The manifest is written beside itself and moved into place at the end, so that there is
a whole one or none.
"""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from inference.chexpert import FINDINGS, NO_FINDING
from inference.datasets.counts import Tally
from inference.datasets.record import (
    ABSENT,
    PRESENT,
    UNCERTAIN,
    DataSet,
    Notes,
    Record,
)
from inference.train.manifest import Facts, image_name

SHOWN = 5
SHARED_SPLITS = ("train", "valid", "test")
# What an uncertain label becomes; None leaves the finding unknown.
UNCERTAIN_AS: dict[str, int | None] = {
    "unknown": None,
    "positive": PRESENT,
    "negative": ABSENT,
}


@dataclass(frozen=True)
class Choice:
    """What is taken, and how.

    splits     only these; all where empty
    shares     parts of train, valid and test by which patients are dealt anew; images
               of a published test split stay there. Empty: the splits as published
    lateral    take every view, not only frontal ones
    uncertain  a key of UNCERTAIN_AS
    opens      open every image and leave out what cannot be read
    strict     a missing or unreadable image is an error
    """

    splits: tuple[str, ...] = ()
    shares: tuple[float, ...] = ()
    seed: int = 0
    lateral: bool = False
    uncertain: Literal["unknown", "positive", "negative"] = "unknown"
    opens: bool = False
    strict: bool = False


@dataclass
class Outcome:
    """What was written, and what was not."""

    tally: Tally = field(default_factory=Tally)
    notes: Notes = field(default_factory=Notes)
    missing: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)


def write_manifest(
    records: Iterable[Record],
    outcome: Outcome,
    *,
    data_set: DataSet,
    out: Path,
    choice: Choice,
) -> None:
    """Write the chosen records; the outcome is filled on the way.

    Raises ValueError, and leaves no manifest, where nothing is left to write, an image
    comes twice, or (strict) an image is missing or unreadable.
    """
    draft = out.with_name(f"{out.name}.part")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("w", encoding="utf-8") as stream:
            for record in _chosen(records, outcome, choice):
                line = _line(record, data_set.name, out.parent, choice)
                stream.write(json.dumps(line, ensure_ascii=False) + "\n")
                _count(outcome.tally, record, line)
            _refuse(outcome, choice)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(draft, out)
    except OSError as problem:
        raise ValueError(f"{out} cannot be written: {problem.strerror}.") from problem
    finally:
        draft.unlink(missing_ok=True)


def split_of(record: Record, choice: Choice) -> str:
    """The split as published, or the one that the patient is dealt."""
    if not choice.shares or record.split == "test":
        return record.split
    digest = sha256(f"{choice.seed}/{record.patient}".encode()).digest()
    place = int.from_bytes(digest[:8], "big") / 2**64 * sum(choice.shares)
    for name, share in zip(SHARED_SPLITS, choice.shares, strict=True):
        if place < share:
            return name
        place -= share
    return SHARED_SPLITS[-1]


def _chosen(
    records: Iterable[Record], outcome: Outcome, choice: Choice
) -> Iterator[Record]:
    """The records of the wanted splits and views whose image is there, once each."""
    seen: dict[Path, str] = {}
    left_out = outcome.notes.left_out
    for record in records:
        if record.image in seen:
            raise ValueError(
                f"{record.place}: the image {record.image.name} came before, in "
                f"{seen[record.image]}."
            )
        seen[record.image] = record.place
        split = split_of(record, choice)
        if choice.splits and split not in choice.splits:
            left_out[f"of split {split}"] += 1
        elif record.view == "lateral" and not choice.lateral:
            left_out["lateral view (--lateral takes it)"] += 1
        elif record.view == "unknown" and not choice.lateral:
            left_out["view not known (--lateral takes it)"] += 1
        elif not record.image.is_file():
            outcome.missing.append(str(record.image))
        elif choice.opens and (problem := _problem(record.image)):
            outcome.unreadable.append(f"{record.image}: {problem}")
        else:
            yield record


def _problem(image: Path) -> str:
    """Why an image cannot be trained on, or nothing."""
    from inference.radiographs import open_for_training

    try:
        open_for_training(image)
    except ValueError as problem:
        return str(problem)
    return ""


def _line(record: Record, name: str, folder: Path, choice: Choice) -> dict[str, Any]:
    """One line of the manifest, findings in their usual order."""
    labels: dict[str, int] = {}
    uncertain: list[str] = []
    for finding in (name for name in FINDINGS if name in record.labels):
        mark = record.labels[finding]
        # That a study was not called normal is no finding that could be decided.
        decided = None if finding == NO_FINDING else UNCERTAIN_AS[choice.uncertain]
        written = decided if mark == UNCERTAIN else mark
        if written is None:
            uncertain.append(finding)
        else:
            labels[finding] = written
    return {
        "image": image_name(record.image, folder),
        "labels": labels,
        **({"report": record.report} if record.report else {}),
        **({"uncertain": uncertain} if uncertain else {}),
        "view": record.view,
        "split": split_of(record, choice),
        "patient": record.patient,
        "study": record.study,
        "data_set": name,
    }


def _count(tally: Tally, record: Record, line: dict[str, Any]) -> None:
    tally.add(
        line["split"],
        study=record.study,
        patient=record.patient,
        is_frontal=record.view == "frontal",
        facts=Facts(line["labels"], uncertain=line.get("uncertain", ())),
        marks=record.labels,
        has_report=bool(record.report),
    )


def _refuse(outcome: Outcome, choice: Choice) -> None:
    """Raise ValueError where the manifest must not stand."""
    if choice.strict and (outcome.missing or outcome.unreadable):
        raise ValueError(
            "\n".join([*fault_lines(outcome), "Nothing was written (--strict)."])
        )
    if not outcome.tally.counts:
        reasons = [*fault_lines(outcome), *left_out_lines(outcome)]
        raise ValueError("\n".join([*reasons, "No image is left to write."]))


def fault_lines(outcome: Outcome) -> list[str]:
    """A sentence each on missing and on unreadable images, with the first few."""
    lines = []
    for faults, what in (
        (outcome.missing, "missing"),
        (outcome.unreadable, "unreadable"),
    ):
        if faults:
            lines.append(f"{len(faults):,} images are {what}, such as:")
            lines += [f"  {fault}" for fault in faults[:SHOWN]]
    return lines


def left_out_lines(outcome: Outcome) -> list[str]:
    """A line each on what was left out, remarked, and not understood."""
    notes = outcome.notes
    lines = [
        f"{count:,} images left out: {reason}."
        for reason, count in notes.left_out.most_common()
    ]
    lines += [f"{what}: {count:,}." for what, count in notes.remarks.most_common()]
    lines += notes.said
    if notes.unknown:
        lines.append("Labels that are not in the table, and were not guessed:")
        lines += [
            f"  {name!r}, {count:,} times"
            for name, count in notes.unknown.most_common()
        ]
    return lines
