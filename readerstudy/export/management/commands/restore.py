"""Restore a backup of the whole site."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from readerstudy.export.safekeeping.place import Refused, here
from readerstudy.export.safekeeping.restoring import note, restore


class Command(BaseCommand):
    help = (
        "Restores database, media and key from a backup into an empty site. Stop the "
        "site and its workers first."
    )
    # The database may be empty, or of another version.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="a folder that backup wrote")
        parser.add_argument(
            "--yes-replace",
            action="store_true",
            help="lose what this site holds now",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            digest, key = restore(
                options["folder"], here(), replaces=options["yes_replace"]
            )
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        # A backup of before is brought to this version.
        call_command("migrate", verbosity=0)
        note(digest)
        self.stdout.write("The backup is restored, and the site may start.")
        self.stdout.write(f"The signing key is {key}.")
