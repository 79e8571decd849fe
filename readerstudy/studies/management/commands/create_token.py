"""Make an API token for somebody's scripts, on the server."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from readerstudy.accounts.models import ApiToken, User
from readerstudy.studies.tokens.services import DEFAULT_DAYS, MAXIMUM_DAYS, create


class Command(BaseCommand):
    help = "Make an API token. It opens what its person may see and do, no more."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", required=True, help="what the token is for")
        parser.add_argument(
            "--scope",
            choices=ApiToken.Scope.values,
            default=ApiToken.Scope.RESULTS.value,
            help="what the script may do; %(default)s",
        )
        parser.add_argument(
            "--days",
            type=int,
            default=DEFAULT_DAYS,
            help=f"how long it is good for, at most {MAXIMUM_DAYS}; %(default)s",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(
                f"Nobody here is called {options['username']}. "
                "manage.py add_person makes accounts."
            )
        try:
            token = create(
                user=user,
                actor=None,
                name=options["name"],
                scope=options["scope"],
                days=options["days"],
            )
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from None
        self.stdout.write(
            f"{user.username} can use the API by token until {token.expires_at:%F}."
        )
        self.stdout.write(f"Key, shown only now: {token.key}")
