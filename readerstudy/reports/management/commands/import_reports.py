"""Import a CSV of reports as one source, all or nothing."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from readerstudy.cases.dialects import ENCODINGS
from readerstudy.cases.models import Collection
from readerstudy.cases.names import composed, shown
from readerstudy.cases.radiograph import Refused
from readerstudy.reports import services
from readerstudy.reports.uploaded import read_uploads


class Command(BaseCommand):
    help = "Import a CSV of reports (columns case and report) as one source."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("csv", type=Path)
        parser.add_argument("--source", required=True)
        parser.add_argument(
            "--collection", help="needed where there is more than one collection"
        )

        parser.add_argument(
            "--encoding",
            choices=sorted(ENCODINGS),
            default="utf-8",
            help="of the file; a wrong one is refused where it shows",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        collection = self._collection(options["collection"])
        cases = services.cases_of(collection)
        try:
            uploads = read_uploads(
                options["csv"], set(cases), encoding=options["encoding"]
            )
            source = services.source_named(options["source"])
            stored = services.store_reports(
                source=source,
                cases=cases,
                uploads=uploads,
                actor=None,
                origin=str(options["csv"]),
            )
        except Refused as refusal:
            raise CommandError(refusal.reason) from None
        except ValidationError as refusal:
            raise CommandError(
                f"--source {options['source']}: {' '.join(refusal.messages)}"
            ) from None
        self.stdout.write(
            f"{stored.stored} reports imported, {stored.already_there} already there, "
            f"{stored.empty} empty."
        )

    def _collection(self, name: str | None) -> Collection:
        if name:
            found = Collection.objects.filter(name=composed(name)).first()
            if found is None:
                raise CommandError(f"There is no collection {shown(name)}.")
            return found
        collections = list(Collection.objects.order_by("name")[:2])
        if len(collections) != 1:
            raise CommandError(
                "Name the collection with --collection."
                if collections
                else "There are no cases yet. Import a collection first."
            )
        return collections[0]
