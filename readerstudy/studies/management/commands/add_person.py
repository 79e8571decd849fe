"""Make an account for a reader, a coordinator or an analyst."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from readerstudy.accounts.models import User
from readerstudy.studies.account.services import make_account


class Command(BaseCommand):
    help = "Make an account. What a person may do in a study is set in the study."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", default="", help="as it is shown to others")
        parser.add_argument(
            "--coordinator",
            action="store_true",
            help="may import cases and create studies",
        )
        parser.add_argument(
            "--password-stdin",
            action="store_true",
            help="read the password from standard input instead of making one up",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        given = ""
        if options["password_stdin"]:
            given = sys.stdin.readline().rstrip("\n")
            if not given:
                raise CommandError("Standard input holds no password.")
        username = options["username"].strip()
        if User.objects.filter(username=username).exists():
            raise CommandError(
                f"Somebody has the user name {username} already. Choose another one; "
                "for a lost password there is reset_sign_in."
            )
        try:
            user, password = make_account(
                username=username,
                name=options["name"],
                may_create_studies=options["coordinator"],
                password=given,
                actor=None,
            )
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from None
        self.stdout.write(f"{user.username} can sign in.")
        if not given:
            self.stdout.write(f"Password, shown only now: {password}")
