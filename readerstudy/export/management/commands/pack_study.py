"""Write a study into one file, for another server."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from readerstudy.export.moving.packing import pack_into
from readerstudy.studies.models import Study


class Command(BaseCommand):
    help = "Write a study, with its reading and its record, into one ZIP."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("study", help="code of the study")
        parser.add_argument("--out", type=Path, required=True, help="ZIP to write")

    def handle(self, *args: Any, **options: Any) -> None:
        study = Study.objects.filter(code=options["study"]).first()
        if study is None:
            raise CommandError(f"There is no study {options['study']}.")
        out: Path = options["out"]
        try:
            digest = pack_into(study=study, actor=None, path=out)
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from None
        except OSError as problem:
            raise CommandError(f"{out} can't be written: {problem.strerror}.") from None
        self.stdout.write(f"{study.code} packed into {out}, manifest {digest}")
