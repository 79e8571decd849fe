"""Let a person see how the site is doing, or no longer."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from readerstudy.accounts.models import User
from readerstudy.studies.account.services import set_administrator


class Command(BaseCommand):
    help = "Open the pages Work and Storage to a person. It is no role in any study."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument(
            "--no-more", action="store_true", help="take it away from the person again"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(
                f"Nobody goes by {options['username']}. add_person makes an account."
            )
        is_administrator = not options["no_more"]
        set_administrator(user=user, is_administrator=is_administrator, actor=None)
        ends = "an administrator" if is_administrator else "an administrator no more"
        self.stdout.write(f"{user.username} is {ends}.")
