"""Import the Open-i Indiana archive: reports, images and strata to cases."""

import os
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from tqdm import tqdm

from readerstudy.cases import imports
from readerstudy.cases.found import Found, files_of
from readerstudy.cases.openi import (
    OpeniStudy,
    chosen_image,
    image_name,
    read_projections,
    read_study,
)
from readerstudy.cases.radiograph import RadiographFile, Refused, View, file_bytes
from readerstudy.cases.summary import Summary
from readerstudy.reports.openi import (
    PreparedStudy,
    prepare_study,
    read_images,
    store_study,
)

KINDS = ("imported", "already there", "no image", "no report")
PICTURES = (".png", ".jpg", ".jpeg", ".dcm", ".dicom")


class Command(BaseCommand):
    help = "Import Open-i's Indiana archive: XML reports with their images."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "directory",
            type=Path,
            metavar="DIR",
            help="holds the XML files, or archives with them",
        )
        parser.add_argument(
            "--images", type=Path, help="PNG or DICOM, also in archives; default: DIR"
        )
        parser.add_argument(
            "--projections", type=Path, help="CSV with columns filename, projection"
        )
        parser.add_argument("--collection", default="openi")
        parser.add_argument("--json", action="store_true", help="a summary for scripts")
        parser.add_argument(
            "--strict", action="store_true", help="import all studies or none"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.collection = imports.checked_name(options["collection"])
        except ValidationError as problem:
            raise CommandError(f"--collection: {' '.join(problem.messages)}") from None
        self.projections = self._projections(options["projections"])
        self._find(options["directory"], options["images"])
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

    def _projections(self, path: Path | None) -> dict[str, View]:
        if path is None:
            return {}
        try:
            content = file_bytes(path)
        except Refused as refusal:
            raise CommandError(f"{path}: {refusal.reason}") from None
        try:
            return read_projections(content, path.name)
        except Refused as refusal:
            raise CommandError(refusal.reason) from None

    def _find(self, directory: Path, images: Path | None) -> None:
        """The XML files, and the pictures by canonical name, the first of a name."""
        for folder in (directory, images or directory):
            if not os.path.exists(folder):
                raise CommandError(f"There is no folder {folder}.")
        files = list(files_of(directory))
        others = list(files_of(images)) if images else files
        self.reports = [file for file in files if file.name.lower().endswith(".xml")]
        self.images: dict[str, Found] = {}
        for file in others:
            if file.name.lower().endswith(PICTURES):
                self.images.setdefault(image_name(file.path.name), file)
        closed = [file for file in (*files, *others) if file.is_closed]
        self.closed = {file.name: file for file in closed}
        if not self.reports and not self.closed:
            raise CommandError(f"There is no XML report in {directory}.")

    def _begin(self) -> None:
        """Start counting, with what could not be looked into."""
        self.summary = Summary(KINDS)
        self.seen: dict[str, OpeniStudy] = {}
        for name, file in self.closed.items():
            with self.summary.refusal_told(name):
                file.read()

    def _watched(self, doing: str) -> Iterator[Found]:
        hidden = None if self.stderr.isatty() else True
        reports = [file for file in self.reports if not file.is_closed]
        yield from tqdm(reports, desc=doing, unit="report", disable=hidden)

    def _import(self) -> None:
        for file in self._watched("Importing"):
            with self.summary.refusal_told(file.name):
                if new := self._read(file):
                    self._store(prepare_study(*new))

    def _import_all_or_none(self) -> None:
        """Look at every study; then keep the pixels of all; then store all at once."""
        for file in self._watched("Checking"):
            with self.summary.refusal_told(file.name):
                self._read(file)
        if self.summary.refused:
            self.summary.counts.clear()
            return
        self._begin()
        waiting: list[PreparedStudy] = []
        for file in self._watched("Reading"):
            with self.summary.refusal_told(file.name):
                if new := self._read(file):
                    waiting.append(prepare_study(*new))
        if self.summary.refused:
            self.summary.counts.clear()
            return
        with transaction.atomic():
            for prepared in waiting:
                self._store(prepared)

    def _read(self, file: Found) -> tuple[OpeniStudy, dict[str, RadiographFile]] | None:
        """A study with its images; None where it is counted as lacking something."""
        study = read_study(file.read())
        if self.seen.setdefault(study.code, study) is not study:
            if self.seen[study.code] != study:
                raise Refused(f"{study.code} came before with another content.")
            return None
        if not any(name in self.images for name in study.images):
            self.summary.counts["no image"] += 1
            return None
        if not study.has_report:
            self.summary.counts["no report"] += 1
            return None
        radiographs = read_images(
            study,
            images=self.images,
            projections=self.projections,
            collection=self.collection,
        )
        views = {name: radiograph.view for name, radiograph in radiographs.items()}
        if chosen_image(views) is None:
            self.summary.warn(
                file.name,
                f"Only lateral images of {study.code} are given. None of them is read "
                "unless somebody chooses it on the collection's page.",
            )
        return study, radiographs

    def _store(self, prepared: PreparedStudy) -> None:
        is_new = store_study(collection=self.collection, prepared=prepared)
        self.summary.counts["imported" if is_new else "already there"] += 1
