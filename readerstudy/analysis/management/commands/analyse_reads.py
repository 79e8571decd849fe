"""Analyse tidy grades made anywhere: the whole result set from one CSV."""

import csv
import hashlib
import io
from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from readerstudy.analysis.services import result_files, results_of_csv
from readerstudy.analysis.statistics.design import (
    BadProtocol,
    Design,
    design_beside,
    margin_of,
    protocol_beside,
)
from readerstudy.analysis.statistics.reads_csv import BadTable
from readerstudy.csv_text import unguarded

DEVIATIONS = ("number", "at", "author", "field", "before", "after", "reason")
_LARGEST_SEED = 2**32 - 1


class Command(BaseCommand):
    help = "Compute the result set of tidy grades (columns reader, case, arm, grade)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("csv", type=Path, metavar="READS.csv")
        parser.add_argument("--out", type=Path, required=True, metavar="DIR")
        parser.add_argument("--arms", help="first,second,... ; the order of the arms")
        parser.add_argument("--reference", help="the arm that others are compared with")
        # Numbers come as text: what is none gets a sentence like everything else.
        parser.add_argument(
            "--margin", help="non-inferiority margin in percentage points"
        )
        parser.add_argument("--seed", default="0", help="of the resampling, from 0")

    def handle(self, *args: Any, **options: Any) -> None:
        path, out = options["csv"], options["out"]
        try:
            content = path.read_bytes()
        except OSError as problem:
            raise CommandError(f"{path} can't be read: {problem.strerror}.") from None
        try:
            design = _design(path, options)
            seed = _seed(options["seed"])
            result = results_of_csv(content, design, name=path.name, seed=seed)
        except (BadTable, BadProtocol) as refusal:
            raise CommandError(str(refusal)) from None
        try:
            files = result_files(
                result,
                protocol_beside(path),
                reads_sha256=hashlib.sha256(content).hexdigest(),
                deviations=_deviations_beside(path),
            )
            for name, found in files.items():
                (out / name).parent.mkdir(parents=True, exist_ok=True)
                (out / name).write_bytes(found)
        except OSError as problem:
            raise CommandError(
                f"{out} can't be written: {problem.strerror}; give --out a folder that "
                "can be."
            ) from None
        for sentence in (result.message, *result.warnings):
            if sentence:
                self.stderr.write(self.style.WARNING(sentence))
        self.stdout.write(f"{', '.join(files)} written to {out}")


def _deviations_beside(path: Path) -> list[dict[str, str]]:
    """The rows of a deviations.csv beside the reads; none without one."""
    beside = path.with_name("deviations.csv")
    if not beside.is_file():
        return []
    try:
        text = beside.read_bytes().decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
        return [
            {name: unguarded(row[name] or "") for name in DEVIATIONS} for row in rows
        ]
    except (UnicodeDecodeError, csv.Error, KeyError):
        raise CommandError(
            f"{beside} can't be used: its columns have to be {', '.join(DEVIATIONS)}; "
            "mend it, or move it away to do without."
        ) from None


def _design(path: Path, options: dict[str, Any]) -> Design:
    """The protocol's plan, overridden by what the command line says."""
    design = design_beside(path)
    if options["arms"] is not None:
        # An arm's name may hold a comma; it is quoted then, as in the CSV.
        design = replace(design, arms=tuple(map(_name, _cells(options["arms"]))))
    if options["reference"] is not None:
        design = replace(design, reference=_name(options["reference"]))
    if options["margin"] is not None:
        design = replace(design, margin=_margin(options["margin"]))
    return design


def _cells(arms: str) -> list[str]:
    """The names of --arms, one line of a CSV."""
    try:
        return next(csv.reader([arms], skipinitialspace=True)) or [""]
    except csv.Error:
        raise CommandError(
            "--arms has to be names on one line with commas between them."
        ) from None


def _margin(text: str) -> float:
    """The margin as a share; what is no number is refused as one out of range is."""
    try:
        points: object = float(text)
    except ValueError:
        points = text
    return margin_of(points, "--margin")


def _seed(text: str) -> int:
    try:
        seed = int(text)
    except ValueError:
        seed = -1
    if not 0 <= seed <= _LARGEST_SEED:
        raise CommandError(f"--seed has to be a whole number, 0 to {_LARGEST_SEED}.")
    return seed


def _name(text: str) -> str:
    """A name as the reader of the CSV takes it."""
    return unguarded(text.strip())
