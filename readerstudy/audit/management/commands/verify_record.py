"""Verify the record: every chain of events, and every row that they tell of."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from readerstudy.audit.anchors import compare, read_anchor, write_anchor
from readerstudy.audit.models import Stream
from readerstudy.audit.services import SITE
from readerstudy.audit.verifying import Verdict, verify


class Command(BaseCommand):
    help = (
        "Verifies the chains of events and the rows that they tell of. Names what is "
        "broken and ends with status 1 then."
    )
    requires_migrations_checks = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--stream", default="", help="A study's code, or site; all without it."
        )
        parser.add_argument("--json", action="store_true", help="Print JSON.")
        parser.add_argument(
            "--write-anchor",
            type=Path,
            metavar="FILE",
            help="Write where each chain ends now; keep the file elsewhere.",
        )
        parser.add_argument(
            "--anchor",
            type=Path,
            metavar="FILE",
            help="Hold the chains against an anchor that was written before.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        stream = options["stream"]
        if stream not in {"", SITE} and not Stream.objects.filter(name=stream).exists():
            raise CommandError(f"There is no stream {stream}: name a study's code.")
        verdict = verify(stream)
        if options["anchor"]:
            verdict.breaks += compare(read_anchor(options["anchor"]), stream)
        if options["json"]:
            self.stdout.write(json.dumps(verdict.as_json(), indent=2))
        else:
            self._tell(verdict)
        if not verdict.is_whole:
            raise SystemExit(1)
        if options["write_anchor"]:
            write_anchor(options["write_anchor"], verdict.heads)

    def _tell(self, verdict: Verdict) -> None:
        for stream, (length, sha256) in sorted(verdict.heads.items()):
            self.stdout.write(f"{stream}: {length} events, head {sha256}")
        self.stdout.write(f"{verdict.events} events and {verdict.rows} rows verified.")
        for label, count in sorted(verdict.not_covered.items()):
            self.stdout.write(
                f"Not covered: {count} rows of {label} from before rows had digests."
            )
        for remark in verdict.remarks:
            self.stdout.write(f"Remark: {remark}")
        for found in verdict.breaks:
            self.stdout.write(f"BROKEN {found.stream or '-'}: {found.says}")
        if verdict.is_whole:
            self.stdout.write("The record is whole.")
