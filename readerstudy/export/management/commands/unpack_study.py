"""Take in a study that another server has packed."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from readerstudy.accounts.models import User
from readerstudy.export.moving.archive import Packed, read
from readerstudy.export.moving.matching import Found, look
from readerstudy.export.moving.unpacking import unpack


class Command(BaseCommand):
    help = "Take in a study that another server has packed: all of it or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="ZIP that pack_study wrote")
        parser.add_argument("--code", default="", help="another code, for a draft")
        parser.add_argument(
            "--coordinator", default="", help="username of who answers for it here"
        )
        parser.add_argument(
            "--look", action="store_true", help="say what would happen, and stop"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        actor = self._person(options["coordinator"])
        try:
            packed = read(options["file"])
            found = look(packed, code=options["code"])
            self._tell(packed, found)
            if found.problems:
                raise ValidationError(found.problems)
            if options["look"]:
                return
            study = unpack(packed=packed, actor=actor, code=options["code"])
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from None
        self.stdout.write(f"{study.code} is on this server, {study.state}.")

    def _person(self, username: str) -> User | None:
        if not username:
            return None
        person = User.objects.filter(username=username, is_active=True).first()
        if person is None:
            raise CommandError(f"There is nobody called {username} on this server.")
        return person

    def _tell(self, packed: Packed, found: Found) -> None:
        self.stdout.write(f"{packed.study['code']}: {packed.study['title']}")
        for username, name, there in found.people:
            fate = f"is {there.get_full_name() or there}" if there else "is new"
            self.stdout.write(f"  {username} ({name}) {fate} on this server")
        for collection, cases in found.added.items():
            self.stdout.write(f"  {collection}: {cases} new cases")
