"""Import the Open-i Indiana archive: reports, images and strata to cases."""

import os
from argparse import ArgumentParser
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from readerstudy.cases.found import Found, files_of
from readerstudy.cases.openi import (
    OpeniStudy,
    image_name,
    read_projections,
    read_study,
)
from readerstudy.cases.radiograph import Refused, View
from readerstudy.reports.examination_command import (
    ExaminationCommand,
    Read,
    table_bytes,
)
from readerstudy.reports.examinations import Pictures
from readerstudy.reports.openi import examination_of

PICTURES = (".png", ".jpg", ".jpeg", ".dcm", ".dicom")


class Command(ExaminationCommand):
    help = "Import Open-i's Indiana archive: XML reports with their images."
    default_collection = "openi"

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
        super().add_arguments(parser)

    def find(self, options: dict[str, Any]) -> None:
        """The XML files, and the pictures by canonical name, the first of a name."""
        views = self._projections(options["projections"])
        directory, images = options["directory"], options["images"]
        for folder in (directory, images or directory):
            if not os.path.exists(folder):
                raise CommandError(f"There is no folder {folder}.")
        files = list(files_of(directory))
        others = list(files_of(images)) if images else files
        self.reports = [file for file in files if file.name.lower().endswith(".xml")]
        pictures: dict[str, Found] = {}
        for file in others:
            if file.name.lower().endswith(PICTURES):
                pictures.setdefault(image_name(file.path.name), file)
        self.pictures = Pictures(self.collection, pictures, views)
        self.shut = [file for file in (*files, *others) if file.is_closed]
        if not self.reports and not self.shut:
            raise CommandError(f"There is no XML report in {directory}.")

    def _projections(self, path: Path | None) -> dict[str, View]:
        if path is None:
            return {}
        try:
            return read_projections(table_bytes(path), path.name)
        except Refused as refusal:
            raise CommandError(refusal.reason) from None

    def units(self) -> Sequence[Found]:
        return [file for file in self.reports if not file.is_closed]

    def closed(self) -> Iterable[Found]:
        return self.shut

    def begin(self) -> None:
        self.seen: dict[str, OpeniStudy] = {}

    def read(self, file: Found) -> Read | None:
        study = read_study(file.read())
        if self.seen.setdefault(study.code, study) is not study:
            if self.seen[study.code] != study:
                raise Refused(f"{study.code} came before with another content.")
            return None
        if not any(name in self.pictures.files for name in study.images):
            self.summary.counts["no image"] += 1
            return None
        if not study.has_report:
            self.summary.counts["no report"] += 1
            return None
        radiographs = self.pictures.read(study.images)
        self.warn_of_laterals(file, study.code, radiographs)
        return examination_of(study), radiographs, self.pictures
