"""What commands share that import examinations with their reports."""

from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from tqdm import tqdm

from readerstudy.cases import imports
from readerstudy.cases.found import Found
from readerstudy.cases.openi import chosen_image
from readerstudy.cases.radiograph import RadiographFile, Refused, file_bytes
from readerstudy.cases.summary import Summary
from readerstudy.reports.examinations import (
    Examination,
    Pictures,
    PreparedExamination,
    prepare_examination,
    store_examination,
)

KINDS = ("imported", "already there", "no image", "no report")
Read = tuple[Examination, dict[str, RadiographFile], Pictures]


class ExaminationCommand(BaseCommand):
    """Each examination whole or not at all; with --strict all of them or none."""

    default_collection = "imported"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--collection", default=self.default_collection)
        parser.add_argument("--json", action="store_true", help="a summary for scripts")
        parser.add_argument(
            "--strict", action="store_true", help="import all studies or none"
        )

    def find(self, options: dict[str, Any]) -> None:
        """Look for the files before anything is read. Raises CommandError."""
        raise NotImplementedError

    def units(self) -> Sequence[Found]:
        """The files that stand for an examination each."""
        raise NotImplementedError

    def closed(self) -> Iterable[Found]:
        """What could not be looked into."""
        raise NotImplementedError

    def read(self, file: Found) -> Read | None:
        """An examination with its images and their files; None where it is counted as
        lacking something. Raises Refused."""
        raise NotImplementedError

    def begin(self) -> None:
        """Forget what was read; a second look begins."""

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.collection = imports.checked_name(options["collection"])
        except ValidationError as problem:
            raise CommandError(f"--collection: {' '.join(problem.messages)}") from None
        self.find(options)
        self._begin()
        try:
            if options["strict"]:
                self._import_all_or_none()
            else:
                self._import()
        finally:
            imports.record_import(self.collection, self.summary.numbers())
        output = self.summary.as_json() if options["json"] else self.summary.as_text()
        self.stdout.write(output)
        if trouble := self.summary.trouble(strict=options["strict"]):
            raise CommandError(trouble)

    def _begin(self) -> None:
        """Start counting, with what could not be looked into."""
        self.summary = Summary(KINDS)
        self.begin()
        for file in {file.name: file for file in self.closed()}.values():
            with self.summary.refusal_told(file.name):
                file.read()

    def _watched(self, doing: str) -> Iterator[Found]:
        hidden = None if self.stderr.isatty() else True
        yield from tqdm(self.units(), desc=doing, unit="report", disable=hidden)

    def _import(self) -> None:
        for file in self._watched("Importing"):
            with self.summary.refusal_told(file.name):
                if new := self.read(file):
                    self._store(prepare_examination(*new))

    def _import_all_or_none(self) -> None:
        """Look at every study; then keep the pixels of all; then store all at once."""
        for file in self._watched("Checking"):
            with self.summary.refusal_told(file.name):
                self.read(file)
        if self.summary.refused:
            self.summary.counts.clear()
            return
        self._begin()
        waiting: list[PreparedExamination] = []
        for file in self._watched("Reading"):
            with self.summary.refusal_told(file.name):
                if new := self.read(file):
                    waiting.append(prepare_examination(*new))
        if self.summary.refused:
            self.summary.counts.clear()
            return
        with transaction.atomic():
            for prepared in waiting:
                self._store(prepared)

    def warn_of_laterals(
        self, file: Found, code: str, radiographs: dict[str, RadiographFile]
    ) -> None:
        """Say it where no image of a case will be read by itself."""
        if warning := only_laterals(code, radiographs):
            self.summary.warn(file.name, warning)

    def _store(self, prepared: PreparedExamination) -> None:
        _, is_new = store_examination(collection=self.collection, prepared=prepared)
        self.summary.counts["imported" if is_new else "already there"] += 1


def only_laterals(code: str, radiographs: dict[str, RadiographFile]) -> str:
    """The warning that a case has no image that is read; "" where it has one."""
    views = {name: radiograph.view for name, radiograph in radiographs.items()}
    if chosen_image(views) is not None:
        return ""
    return (
        f"Only lateral images of {code} are given. None of them is read unless "
        "somebody chooses it on the collection's page."
    )


def table_bytes(path: Path) -> bytes:
    """The content of a table that was named. Raises CommandError."""
    try:
        return file_bytes(path)
    except Refused as refusal:
        raise CommandError(f"{path}: {refusal.reason}") from None
