"""Examine this installation and say in sentences what is wrong and what to do."""

import json
import logging
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from readerstudy.logs import masked
from readerstudy.operations.doctor.examination import examined
from readerstudy.operations.findings import Finding, Level

_MARKS = {Level.WELL: "  ", Level.NOTE: "? ", Level.WRONG: "! "}


class Command(BaseCommand):
    help = (
        "Says in sentences whether settings, database, broker, worker, storage, clock, "
        "e-mail, static files, proxy and model are as they have to be. Ends with 1 "
        "where something is wrong."
    )
    # What is wrong is to be told, not to stop the one who tells it.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="for scripts")

    def handle(self, *args: Any, **options: Any) -> None:
        # The sentences say it all; the log would say it twice.
        logging.disable(logging.WARNING)
        try:
            found = examined()
        finally:
            logging.disable(logging.NOTSET)
        wrong = sum(each.is_wrong for each in found)
        if options["json"]:
            told = [each.as_json() | {"detail": masked(each.detail)} for each in found]
            self.stdout.write(json.dumps({"wrong": wrong, "findings": told}, indent=2))
        else:
            for each in found:
                self._say(each)
            self.stdout.write("")
            self.stdout.write(
                f"{wrong} of {len(found)} are wrong." if wrong else "Nothing is wrong."
            )
        if wrong:
            sys.exit(1)

    def _say(self, found: Finding) -> None:
        self.stdout.write(f"{_MARKS[found.level]}{found.about}: {found.sentence}")
        if found.level == Level.WELL:
            return
        for line in (found.remedy, masked(found.detail)):
            if line:
                self.stdout.write(f"      {line}")
