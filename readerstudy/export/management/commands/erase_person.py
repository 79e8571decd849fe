"""Erase a person: their own data go, what they did stays under a number."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from readerstudy.accounts.models import User
from readerstudy.export.erasing import erase, is_erased, told


class Command(BaseCommand):
    help = (
        "Takes name, address and every way to sign in from an account, for good. "
        "Grades and events stay, under a number."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.filter(username=options["username"]).first()
        if person is None:
            raise CommandError(
                f"Nobody has the user name {options['username']}. Whoever was erased "
                "is called erased- and a number."
            )
        if is_erased(person):
            self.stdout.write("This person is erased already. Nothing was changed.")
        try:
            remains = erase(person=person, actor=None)
        except ValidationError as problem:
            raise CommandError(" ".join(problem.messages)) from None
        person.refresh_from_db()
        self.stdout.write(f"The account is called {person.username} from now on.")
        for sentence in told(remains):
            self.stdout.write(sentence)
