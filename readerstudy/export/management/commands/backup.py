"""Write a backup of the whole site into a folder, also while it runs."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from readerstudy.export.safekeeping.backing_up import back_up, note
from readerstudy.export.safekeeping.place import Refused, here


class Command(BaseCommand):
    help = "Writes database, media and key into a new folder, also while the site runs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="a folder that is new or empty")

    def handle(self, *args: Any, **options: Any) -> None:
        place = here()
        try:
            digest = back_up(options["folder"], place)
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        note(digest)
        self.stdout.write(f"The backup is in {options['folder']}.")
        self.stdout.write(f"SHA-256 of its manifest: {digest}")
        for name, is_apart in (
            ("SECRET_KEY", place.key is None),
            ("PSEUDONYM_KEY", place.pseudonyms_apart),
        ):
            if is_apart:
                self.stdout.write(
                    f"{name} comes from the environment and is not in the backup: keep "
                    "it where you keep your passwords."
                )
