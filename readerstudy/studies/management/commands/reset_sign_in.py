"""Give somebody a new password, for whom the old one or the second factor is lost."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from readerstudy.accounts.models import User
from readerstudy.studies.account.services import reset_sign_in


class Command(BaseCommand):
    help = (
        "Make a new password for an account, end its sessions and, where it is asked "
        "for, remove its second factors. It stands in the record of the site."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument(
            "--factors", action="store_true", help="remove its second factors too"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"Nobody here is called {options['username']}.")
        password = reset_sign_in(user=user, drops_factors=options["factors"])
        self.stdout.write(f"{user.username} signs in anew.")
        self.stdout.write(f"Password, shown only now: {password}")
