"""Import CR and DX DICOM: files, folders and ZIPs to cases of a collection."""

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from tqdm import tqdm

from readerstudy.cases import imports
from readerstudy.cases.codes import CODES
from readerstudy.cases.found import Found, files_of
from readerstudy.cases.imports import Outcome, Prepared
from readerstudy.cases.models import Collection
from readerstudy.cases.radiograph import RadiographFile, Refused
from readerstudy.cases.summary import Summary
from readerstudy.cases.taking import Manner

KINDS = (Outcome.IMPORTED.value, Outcome.ALREADY_THERE.value)


class Command(BaseCommand):
    help = "Import CR and DX DICOM files, folders and ZIPs as cases."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument("--collection", default="imported")
        parser.add_argument(
            "--code-from",
            choices=CODES,
            default="stem",
            help="where a case's code comes from; the last two are pseudonymised, and "
            "then no file's name is kept",
        )
        parser.add_argument(
            "--take-burned-in",
            action="store_true",
            help="take files that say that text is burned into their pixels; look at "
            "them first",
        )
        parser.add_argument(
            "--dates",
            choices=Collection.Dates.values,
            help="what becomes of dates in a collection that has no files yet; "
            "default: dropped",
        )
        parser.add_argument("--json", action="store_true", help="a summary for scripts")
        parser.add_argument(
            "--strict", action="store_true", help="import all files or none"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.summary = Summary(KINDS)
        try:
            self.collection = imports.checked_name(options["collection"])
        except ValidationError as problem:
            raise CommandError(f"--collection: {' '.join(problem.messages)}") from None
        if options["dates"]:
            self._choose_dates(options["dates"])
        self.manner = Manner(
            collection=self.collection,
            code_from=options["code_from"],
            takes_burned_in=options["take_burned_in"],
        )
        found = self._found(options["paths"])
        try:
            if options["strict"]:
                self._import_all_or_none(found)
            else:
                self._import(found)
        finally:
            imports.record_import(self.collection, self.summary.numbers())
        output = self.summary.as_json() if options["json"] else self.summary.as_text()
        self.stdout.write(output)
        if trouble := self.summary.trouble(strict=options["strict"]):
            raise CommandError(trouble)

    def _choose_dates(self, dates: str) -> None:
        try:
            imports.choose_dates(collection=self.collection, dates=dates, actor=None)
        except ValidationError as problem:
            raise CommandError(f"--dates: {' '.join(problem.messages)}") from None

    def _found(self, paths: list[Path]) -> list[Found]:
        """Every file behind the paths; lists and notes in folders are left out."""
        found: list[Found] = []
        for path in paths:
            files = list(files_of(path))
            named = len(files) == 1 and files[0].path == path
            found += [file for file in files if named or not file.is_companion]
        return found

    def _watched(self, found: list[Found], doing: str) -> Iterator[Found]:
        hidden = None if self.stderr.isatty() else True
        yield from tqdm(found, desc=doing, unit="file", disable=hidden)

    def _import(self, found: list[Found]) -> None:
        for file in self._watched(found, "Importing"):
            with self.summary.refusal_told(file.name):
                if new := self._read(file):
                    self._store(*self._prepared(file, *new))

    def _import_all_or_none(self, found: list[Found]) -> None:
        """Look at every file; then keep the pixels of all; then store all rows at once.

        So nothing is written where one file is refused, and readers who save their
        grades meanwhile wait for the rows alone.
        """
        taken: dict[str, str] = {}
        for file in self._watched(found, "Checking"):
            with self.summary.refusal_told(file.name):
                if new := self._read(file):
                    self._refuse_second(taken, *new)
        if self.summary.refused:
            self.summary.counts.clear()
            return
        self.summary = Summary(KINDS)
        waiting: list[tuple[Found, str, Prepared]] = []
        for file in self._watched(found, "Reading"):
            with self.summary.refusal_told(file.name):
                if new := self._read(file):
                    waiting.append((file, *self._prepared(file, *new)))
        with transaction.atomic():
            for file, code, radiograph in waiting:
                with self.summary.refusal_told(file.name):
                    self._store(code, radiograph)
            if self.summary.refused:
                transaction.set_rollback(True)
                self.summary.counts.clear()

    def _refuse_second(
        self, taken: dict[str, str], code: str, radiograph: RadiographFile
    ) -> None:
        """Refuse what would be the second picture of a case in this very run."""
        content = radiograph.source_sha256
        if content in taken.values() or not self.manner.one_per_case:
            return
        if taken.setdefault(code, content) != content:
            raise Refused(imports.second_radiograph(code))

    def _read(self, file: Found) -> tuple[str, RadiographFile] | None:
        """Code and radiograph of a file, or None: it is there already. May refuse."""
        path = file.path.parent.resolve() / file.path.name
        new = self.manner.read(path, file.read())
        if new is None:
            self.summary.counts[Outcome.ALREADY_THERE.value] += 1
            return None
        for warning in new[1].warnings:
            self.summary.warn(file.name, warning)
        return new

    def _prepared(
        self, file: Found, code: str, radiograph: RadiographFile
    ) -> tuple[str, Prepared]:
        content = file.read() if settings.KEEP_ORIGINALS else None
        return code, self.manner.prepare(file.path, radiograph, content)

    def _store(self, code: str, radiograph: Prepared) -> None:
        outcome = self.manner.store(code, radiograph)
        self.summary.counts[outcome.value] += 1
