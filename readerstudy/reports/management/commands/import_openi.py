"""Import the Open-i Indiana archive: reports, images and strata to cases."""

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from tqdm import tqdm

from readerstudy.cases.found import Found, files_of
from readerstudy.cases.imports import collection_named, record_import
from readerstudy.cases.models import Collection
from readerstudy.cases.openi import image_name, read_projections, read_study
from readerstudy.cases.radiograph import Refused, View
from readerstudy.cases.summary import Summary
from readerstudy.reports.openi import store_study

KINDS = ("imported", "already there", "no image", "no report")
PICTURES = (".png", ".jpg", ".jpeg", ".dcm", ".dicom")
ARCHIVES = (".tgz", ".tar.gz")


class Command(BaseCommand):
    help = "Import Open-i's Indiana archive: XML reports with their images."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "directory", type=Path, metavar="DIR", help="holds the XML files or a .tgz"
        )
        parser.add_argument("--images", type=Path, help="PNG or DICOM; default: DIR")
        parser.add_argument(
            "--projections", type=Path, help="CSV with columns filename, projection"
        )
        parser.add_argument("--collection", default="openi")
        parser.add_argument("--json", action="store_true", help="a summary for scripts")
        parser.add_argument(
            "--strict", action="store_true", help="import all studies or none"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        directory: Path = options["directory"]
        projections = self._projections(options["projections"])
        images = self._images(options["images"] or directory)
        try:
            collection = collection_named(options["collection"])
        except ValidationError as problem:
            raise CommandError(f"--collection: {' '.join(problem.messages)}") from None
        summary, strict = Summary(KINDS), options["strict"]
        with transaction.atomic() if strict else nullcontext():
            for file in self._watched(directory):
                self._import_one(collection, file, images, projections, summary)
            if strict and summary.refused:
                transaction.set_rollback(True)
                summary.counts.clear()
        if summary.counts["imported"]:
            record_import(collection=collection, actor=None, counts=summary.numbers())
        self.stdout.write(summary.as_json() if options["json"] else summary.as_text())
        if strict and summary.refused:
            raise CommandError("Nothing was imported: --strict takes all or none.")
        if not summary.took_anything:
            raise CommandError("Nothing was imported.")

    def _projections(self, path: Path | None) -> dict[str, View]:
        if path is None:
            return {}
        try:
            return read_projections(path.read_bytes(), path.name)
        except OSError as problem:
            raise CommandError(f"{path} can't be read: {problem.strerror}.") from None
        except Refused as refusal:
            raise CommandError(refusal.reason) from None

    def _images(self, folder: Path) -> dict[str, Found]:
        """Pictures by canonical name; the first of two of the same name."""
        if not folder.exists():
            raise CommandError(f"There is no folder {folder}.")
        images: dict[str, Found] = {}
        if folder.is_dir():
            for path in sorted(folder.rglob("*")):
                if path.name.lower().endswith(PICTURES) and path.is_file():
                    found = Found(str(path), path.read_bytes)
                    images.setdefault(image_name(path.name), found)
        return images

    def _reports(self, directory: Path) -> Iterator[Found]:
        """The XML files of a folder and of the archives that lie in it."""
        archives = (
            [
                path
                for path in sorted(directory.rglob("*"))
                if path.name.lower().endswith(ARCHIVES)
            ]
            if directory.is_dir()
            else [directory]
        )
        sources = [directory, *archives] if directory.is_dir() else archives
        for source in sources:
            for file in files_of(source):
                if file.name.lower().endswith(".xml"):
                    yield file

    def _watched(self, directory: Path) -> Any:
        try:
            reports = list(self._reports(directory))
        except Refused as refusal:
            raise CommandError(f"{directory}: {refusal.reason}") from None
        if not reports:
            raise CommandError(f"There is no XML report in {directory}.")
        hidden = None if self.stderr.isatty() else True
        return tqdm(reports, desc="Importing", unit="report", disable=hidden)

    def _import_one(
        self,
        collection: Collection,
        file: Found,
        images: dict[str, Found],
        projections: dict[str, View],
        summary: Summary,
    ) -> None:
        try:
            study = read_study(file.read())
            held = {name: images[name] for name in study.images if name in images}
            if not held:
                summary.counts["no image"] += 1
                return
            if not study.has_report:
                summary.counts["no report"] += 1
                return
            is_new = store_study(
                collection=collection,
                study=study,
                images={name: (each.name, each.read) for name, each in held.items()},
                projections=projections,
                actor=None,
            )
        except Refused as refusal:
            summary.refuse(file.name, refusal.reason)
            return
        summary.counts["imported" if is_new else "already there"] += 1
