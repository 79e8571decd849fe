"""Import a part of MIMIC-CXR: studies in folders with their text reports."""

import os
from argparse import ArgumentParser
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from readerstudy.cases.found import Found, files_of
from readerstudy.cases.mimic import PICTURES, TABLES, dicom_id, read_views, study_of
from readerstudy.cases.radiograph import Refused, View
from readerstudy.reports.examination_command import (
    ExaminationCommand,
    Read,
    table_bytes,
)
from readerstudy.reports.examinations import METADATA, Pictures
from readerstudy.reports.mimic import examination_of


class Command(ExaminationCommand):
    help = "Import studies of MIMIC-CXR: DICOM or JPEG with their text reports."
    default_collection = "mimic"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "directory",
            type=Path,
            metavar="DIR",
            help="holds pXX/pXXXXXXXX/sXXXXXXXX/ and sXXXXXXXX.txt, or archives of it",
        )
        parser.add_argument(
            "--metadata",
            type=Path,
            help="CSV with columns dicom_id, ViewPosition; default: the one in DIR",
        )
        super().add_arguments(parser)

    def find(self, options: dict[str, Any]) -> None:
        """The reports, and the pictures of each study."""
        directory = options["directory"]
        if not os.path.exists(directory):
            raise CommandError(f"There is no folder {directory}.")
        files = list(files_of(directory))
        self.shut = [file for file in files if file.is_closed]
        self.reports: list[Found] = []
        self.files: dict[str, dict[str, Found]] = defaultdict(dict)
        for file in files:
            study, name = study_of(file.name), file.name.lower()
            if study and name.endswith(".txt"):
                self.reports.append(file)
            elif study and name.endswith(PICTURES):
                self.files[study].setdefault(dicom_id(file.name), file)
        if not self.reports and not self.shut:
            raise CommandError(
                f"There is no report such as p10000032/s50414267.txt in {directory}."
            )
        self.views = self._views(options["metadata"], files)

    def _views(self, path: Path | None, files: list[Found]) -> dict[str, View]:
        """Views of the table that is named, else of the one that is there."""
        there = [file for file in files if file.name.lower().endswith(TABLES)]
        try:
            if path is not None:
                return read_views(table_bytes(path), path.name)
            return read_views(there[0].read(), there[0].name) if there else {}
        except Refused as refusal:
            raise CommandError(refusal.reason) from None

    def units(self) -> Sequence[Found]:
        return self.reports

    def closed(self) -> Iterable[Found]:
        return self.shut

    def begin(self) -> None:
        self.seen: dict[str, bytes] = {}

    def read(self, file: Found) -> Read | None:
        study, content = study_of(file.name), file.read()
        if self.seen.setdefault(study, content) is not content:
            if self.seen[study] != content:
                raise Refused(f"{study} came before with another content.")
            return None
        files = self.files.get(study)
        if not files:
            self.summary.counts["no image"] += 1
            return None
        examination = examination_of(study, content)
        pictures = Pictures(self.collection, files, self.views, METADATA)
        radiographs = pictures.read(tuple(files))
        self.warn_of_laterals(file, examination.code, radiographs)
        return examination, radiographs, pictures
