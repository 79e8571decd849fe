"""Label a table of reports: fourteen findings per report, and the words behind them."""

import csv
import os
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError

from inference.labeler import NAME, VERSION, Labelled, label
from readerstudy.cases.dialects import ENCODINGS
from readerstudy.cases.radiograph import Refused
from readerstudy.csv_text import guarded
from readerstudy.reports.labelling import (
    ReportRow,
    ReportTable,
    label_cells,
    label_columns,
    read_reports,
)

EVIDENCE = ("finding", "polarity", "quote", "start", "end", "rule", "labeler")
ROW = "row"


class Command(BaseCommand):
    help = (
        "Label reports by rules: fourteen findings per row, 1.0 positive, 0.0 "
        "negative, -1.0 uncertain, empty where a report does not mention one."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("reports", type=Path, metavar="IN.csv")
        parser.add_argument("labels", type=Path, metavar="OUT.csv")
        parser.add_argument(
            "--evidence",
            type=Path,
            metavar="EVIDENCE.csv",
            help="where to write every mention with its words and its rule",
        )
        parser.add_argument(
            "--strict-chexpert",
            action="store_true",
            help="find phrases inside of other words, too, as the original does",
        )
        parser.add_argument(
            "--encoding", choices=sorted(ENCODINGS), help="of the file, if not UTF-8"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        given = [each for each in (options["labels"], options["evidence"]) if each]
        # What a link names is written, and the link stays one.
        outputs = [path.resolve() for path in given]
        _check_places(options["reports"], outputs)
        try:
            _check_kinds(outputs, given)
            table = read_reports(options["reports"], options["encoding"])
            if options["evidence"]:
                _check_columns(table)
            with _written_whole(outputs) as files:
                count = _label(table, files, strict=options["strict_chexpert"])
        except Refused as refusal:
            raise CommandError(refusal.reason) from None
        except OSError as problem:
            asked = {
                str(_draft(path)): told
                for path, told in zip(outputs, given, strict=True)
            }
            place = asked.get(str(problem.filename), problem.filename or given[0])
            raise CommandError(
                f"{place} can't be written: {problem.strerror}."
            ) from None
        self.stdout.write(f"{count} reports labelled by {NAME} {VERSION}.")


def _label(table: ReportTable, files: list[TextIO], *, strict: bool) -> int:
    """Write the labels, and the evidence where there is a second file."""
    labels, *evidence = [_writer(file) for file in files]
    labels(label_columns(table.carried))
    for write in evidence:
        write([ROW, *table.carried, *EVIDENCE])
    count = 0
    for row in table.rows():
        labelled = label(row.text, strict_chexpert=strict)
        labels(label_cells(row, labelled))
        for write in evidence:
            for cells in _evidence(row, labelled):
                write(cells)
        count += 1
    if not count:
        raise Refused(f"{table.name} has a header but no report below it.")
    return count


def _check_places(source: Path, outputs: list[Path]) -> None:
    """Refuse to write one file over another."""
    places = [path.resolve() for path in (source, *outputs)]
    for number, place in enumerate(places):
        if place in places[:number]:
            raise CommandError(f"{place.name} is named twice; choose another file.")


def _check_kinds(outputs: list[Path], given: list[Path]) -> None:
    """Refuse to put a file in the place of a folder, a pipe or a device."""
    for path, told in zip(outputs, given, strict=True):
        if path.exists() and not path.is_file():
            raise CommandError(f"{told} is no ordinary file; name another.")


def _check_columns(table: ReportTable) -> None:
    for column in table.carried:
        if column in (ROW, *EVIDENCE):
            raise Refused(
                f"{table.name}, row 1, column {column}: the evidence gets a column of "
                "that name. Rename this one."
            )


def _evidence(row: ReportRow, labelled: Labelled) -> Iterator[list[str]]:
    for mention in labelled.mentions:
        yield [
            str(row.number),
            *row.carried,
            mention.finding,
            mention.polarity.value,
            guarded(mention.quote),
            str(mention.start),
            str(mention.end),
            mention.rule,
            f"{NAME} {VERSION}",
        ]


def _writer(file: TextIO) -> Callable[[list[str]], Any]:
    """Write rows so that every cell is read as it was."""
    plain = csv.writer(file, lineterminator="\n")
    quoted = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)

    def write(cells: list[str]) -> None:
        # A lone carriage return ends a row where it is not quoted.
        bare = any("\r" in cell for cell in cells)
        (quoted if bare else plain).writerow(cells)

    return write


def _draft(path: Path) -> Path:
    """Where a file is written until it is whole."""
    return path.with_name(f".{path.name}.{os.getpid()}")


@contextmanager
def _written_whole(paths: list[Path]) -> Iterator[list[TextIO]]:
    """Files that stand in their places once all is written, or not at all."""
    drafts = [_draft(path) for path in paths]
    with ExitStack() as stack:
        for draft in drafts:
            stack.callback(draft.unlink, missing_ok=True)
        with ExitStack() as opened:
            yield [
                opened.enter_context(draft.open("w", encoding="utf-8", newline=""))
                for draft in drafts
            ]
        for draft, path in zip(drafts, paths, strict=True):
            draft.replace(path)
