"""Import CR and DX DICOM: files, folders and ZIPs to cases of a collection."""

from argparse import ArgumentParser
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from tqdm import tqdm

from readerstudy.cases.dicom import read_dicom
from readerstudy.cases.found import Found, files_of
from readerstudy.cases.imports import (
    Outcome,
    collection_named,
    import_radiograph,
    pseudonym,
    record_import,
)
from readerstudy.cases.models import Collection
from readerstudy.cases.radiograph import RadiographFile, Refused
from readerstudy.cases.summary import Summary

CODES = ("stem", "parent", "PatientID", "AccessionNumber")


class Command(BaseCommand):
    help = "Import CR and DX DICOM files, folders and ZIPs as cases."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument("--collection", default="imported")
        parser.add_argument(
            "--code-from",
            choices=CODES,
            default="stem",
            help="where a case's code comes from; the last two are pseudonymised",
        )
        parser.add_argument("--json", action="store_true", help="a summary for scripts")
        parser.add_argument(
            "--strict", action="store_true", help="import all files or none"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.code_from: str = options["code_from"]
        summary = Summary((Outcome.IMPORTED.value, Outcome.ALREADY_THERE.value))
        found = self._found(options["paths"], summary)
        if options["strict"]:
            for file in self._watched(found):
                self._try_to_read(file, summary)
        if not (options["strict"] and summary.refused):
            self._import(found, options, summary)
        output = summary.as_json() if options["json"] else summary.as_text()
        self.stdout.write(output)
        if options["strict"] and summary.refused:
            raise CommandError(
                "Nothing was imported: --strict takes all files or none."
            )
        if not summary.took_anything:
            raise CommandError("Nothing was imported.")

    def _found(self, paths: list[Path], summary: Summary) -> list[Found]:
        """Every file behind the paths; lists and notes in folders are left out."""
        found: list[Found] = []
        for path in paths:
            try:
                files = list(files_of(path))
            except Refused as refusal:
                summary.refuse(str(path), refusal.reason)
                continue
            named = len(files) == 1 and files[0].path == path
            found += [file for file in files if named or not file.is_companion]
        return found

    def _watched(self, found: list[Found]) -> Any:
        hidden = None if self.stderr.isatty() else True
        return tqdm(found, desc="Importing", unit="file", disable=hidden)

    def _import(
        self, found: list[Found], options: dict[str, Any], summary: Summary
    ) -> None:
        try:
            collection = collection_named(options["collection"])
        except ValidationError as problem:
            raise CommandError(f"--collection: {' '.join(problem.messages)}") from None
        with transaction.atomic() if options["strict"] else nullcontext():
            for file in self._watched(found):
                self._import_one(collection, file, summary)
            if options["strict"] and summary.refused:
                transaction.set_rollback(True)
                summary.counts.clear()
        if summary.counts[Outcome.IMPORTED.value]:
            record_import(collection=collection, actor=None, counts=summary.numbers())

    def _import_one(
        self, collection: Collection, file: Found, summary: Summary
    ) -> None:
        radiograph = self._try_to_read(file, summary)
        if radiograph is None:
            return
        try:
            outcome = import_radiograph(
                collection=collection,
                code=self._code(file, radiograph),
                name=file.path.name,
                radiograph=radiograph,
                one_per_case=self.code_from == "stem",
            )
        except Refused as refusal:
            summary.refuse(file.name, refusal.reason)
            return
        summary.counts[outcome.value] += 1
        summary.warnings += [(file.name, warning) for warning in radiograph.warnings]

    def _try_to_read(self, file: Found, summary: Summary) -> RadiographFile | None:
        element = self.code_from if self.code_from in CODES[2:] else ""
        try:
            return read_dicom(file.read(), code_element=element, pseudonym=pseudonym)
        except Refused as refusal:
            reason = (file.name, refusal.reason)
            if reason not in summary.refused:
                summary.refused.append(reason)
            return None

    def _code(self, file: Found, radiograph: RadiographFile) -> str:
        if radiograph.code is not None:
            return radiograph.code
        return file.path.parent.name if self.code_from == "parent" else file.path.stem
