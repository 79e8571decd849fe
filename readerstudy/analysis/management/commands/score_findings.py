"""Score labels of findings against a reference: every file from a few CSVs."""

from argparse import ArgumentParser
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from readerstudy.analysis.documents.findings import FILES, write_files
from readerstudy.analysis.statistics.findings import (
    POLICIES,
    PRESETS,
    PUBLISHED,
    BadLabels,
    BadSettings,
    LabelTable,
    Origin,
    ScoreSettings,
    check_id_column,
    read_label_table,
    score,
    wide_csv,
)
from readerstudy.analysis.statistics.findings.settings import COUNTED_ON
from readerstudy.analysis.statistics.findings.wide_table import REFERENCE

_WHOLE, _SHARE = "a whole number", "a number"
_LABELS = "labels.csv"
# Python reads no longer whole number, and no option needs so long a one.
_LONGEST_NUMBER = 40


class Command(BaseCommand):
    help = "Score label CSVs (1, 0, -1, empty) of findings against a reference."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("--reference", type=Path, required=True, metavar="CSV")
        named: dict[str, Any] = {
            "action": "append",
            "default": [],
            "metavar": "NAME=CSV",
        }
        add("--predicted", nargs="+", help="labels of a model, by its name", **named)
        add("--reader", nargs="+", help="labels of a human reader", **named)
        add("--out", type=Path, required=True, metavar="DIR")
        add("--policy", help=f"of labels: {', '.join(POLICIES)}")
        # Numbers come as text: what is none gets a sentence like everything else.
        add("--bootstrap", help="draws of studies; 1000 where not given")
        add("--permutations", help="of the paired test; 0 leaves it out")
        add("--seed", default="0", help="of both, from 0")
        add("--preset", help=f"of the paper: {', '.join(PRESETS)}")
        add("--min-share", help="least share of a label's smaller class, 0 to 0.5")
        add("--min-count", help="least count of a label's smaller class")
        add("--counted-on", help=f"what limits count: {', '.join(COUNTED_ON)}")
        add("--leave-out", action="append", default=[], metavar="LABEL")
        add("--id-column", default="", metavar="NAME", help="column of study ids")
        add("--by-row", action="store_true", help="join row by row, without ids")
        add("--inner", action="store_true", help="keep the studies that all have")
        add(
            "--published",
            action="append",
            default=[],
            metavar="TABLE",
            help=f"quote a table of the paper: {', '.join(PUBLISHED)}, or all",
        )
        for option in ("section", "labeler", "labeler-version", "labels-source"):
            add(f"--{option}", default="", help="as the long table is to say")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            settings = _settings(options)
            models, readers = _named(options["predicted"]), _named(options["reader"])
            _distinct([*models, *readers])
            inputs = [options["reference"], *(path for _, path in (*models, *readers))]
            _check_places(inputs, options["out"])
            reference = _read(options["reference"], options)
            predicted = {
                name: _read(path, options) for name, path in (*models, *readers)
            }
            check_id_column(options["id_column"], [reference, *predicted.values()])
            results = score(
                reference,
                predicted,
                settings,
                inner=options["inner"],
                readers=[name for name, _ in readers],
                published=_published(options["published"]),
            )
        except BadLabels as refusal:
            raise CommandError(f"{refusal} {refusal.hint}".rstrip()) from None
        except BadSettings as refusal:
            raise CommandError(str(refusal)) from None
        out = options["out"]
        try:
            written = write_files(results, out)
            labels = out / _LABELS
            wide = wide_csv(reference, predicted, inner=options["inner"])
            labels.write_text(wide, encoding="utf-8", newline="")
            written.append(labels)
        except OSError as problem:
            raise CommandError(
                f"{out} can't be written: {problem.strerror}; give --out a folder that "
                "can be."
            ) from None
        for sentence in (results["message"], *results["warnings"]):
            if sentence:
                self.stderr.write(self.style.WARNING(sentence))
        for each in results["labels"]:
            if each["exclusion_reason"]:
                line = f"{each['label']} is not averaged: {each['exclusion_reason']}"
                self.stdout.write(line)
        names = ", ".join(str(path.relative_to(out)) for path in written)
        self.stdout.write(f"{names} written to {out}")


def _settings(options: dict[str, Any]) -> ScoreSettings:
    """The preset's settings, overridden by what the command line says."""
    settings = ScoreSettings()
    if options["preset"] is not None:
        if options["preset"] not in PRESETS:
            raise BadSettings(
                f"There is no preset {options['preset']}; take {', '.join(PRESETS)}."
            )
        settings = PRESETS[options["preset"]].settings
    changes: dict[str, Any] = {
        "seed": _number(options["seed"], "--seed", int),
        "origin": Origin(
            section=options["section"],
            labeler=options["labeler"],
            labeler_version=options["labeler_version"],
            source=options["labels_source"] or "labels CSV",
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        ),
    }
    for option, name, kind in (
        ("bootstrap", "draws", int),
        ("permutations", "permutations", int),
        ("min_count", "minimum_count", int),
        ("min_share", "minimum_share", float),
        ("policy", "policy", str),
        ("counted_on", "counted_on", str),
    ):
        if options[option] is not None:
            flag = f"--{option.replace('_', '-')}"
            changes[name] = _number(options[option], flag, kind)
    if options["leave_out"]:
        asked = dict.fromkeys(options["leave_out"], "Left out by --leave-out.")
        changes["left_out"] = {**settings.left_out, **asked}
    return replace(settings, **changes)


def _number(text: str, option: str, kind: type) -> Any:
    if len(text) > _LONGEST_NUMBER:
        raise CommandError(
            f"{option} has {len(text)} characters, more than any number it takes."
        )
    try:
        return kind(text)
    except ValueError:
        what = _WHOLE if kind is int else _SHARE
        raise CommandError(f"{option} has to be {what}, not {text}.") from None


def _named(given: list[list[str]]) -> list[tuple[str, Path]]:
    """Names and paths of NAME=CSV."""
    found = []
    for text in (each for group in given for each in group):
        name, sign, path = text.partition("=")
        if not (sign and name.strip() and path.strip()):
            raise CommandError(
                f"{text} is not NAME=CSV, such as our_model=labels/our_model.csv."
            )
        found.append((name.strip(), Path(path.strip())))
    return found


def _distinct(named: list[tuple[str, Path]]) -> None:
    names = [name for name, _ in named]
    if not names:
        raise CommandError("Give labels to score with --predicted or --reader.")
    for name in names:
        if names.count(name) > 1:
            raise CommandError(f"{name} is given twice; every name may stand once.")
    if REFERENCE in names:
        raise CommandError(
            f"{REFERENCE} is what the reference is called in {_LABELS}; give the model "
            "or the reader another name."
        )


def _check_places(inputs: list[Path], out: Path) -> None:
    """Refuse to write a table of scores over a table of labels."""
    places = [out / name for name in (*FILES, _LABELS)]
    there = [place for place in places if place.exists()]
    for path in inputs:
        if path.exists() and any(place.samefile(path) for place in there):
            raise CommandError(
                f"{path} would be written over; give --out another folder."
            )


def _read(path: Path, options: dict[str, Any]) -> LabelTable:
    return read_label_table(
        path,
        name=str(path),
        by_row=options["by_row"],
        id_column=options["id_column"],
    )


def _published(asked: list[str]) -> list[str]:
    """The tables by name; a name that is none stays, so that it is refused."""
    every = list(PUBLISHED) if "all" in asked else []
    return list(dict.fromkeys([*every, *(name for name in asked if name != "all")]))
