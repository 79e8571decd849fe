"""Write the whole bundle of a closed study into a folder."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from readerstudy.export.services import write_bundle
from readerstudy.studies.models import Study


class Command(BaseCommand):
    help = "Write the whole bundle of a closed study into a folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("study", help="code of the study")
        parser.add_argument("--out", type=Path, required=True, help="folder to write")

    def handle(self, *args: Any, **options: Any) -> None:
        study = Study.objects.filter(code=options["study"]).first()
        if study is None:
            known = ", ".join(
                Study.objects.order_by("code").values_list("code", flat=True)
            )
            raise CommandError(
                f"There is no study {options['study']}. Studies: {known or 'none yet'}."
            )
        if not study.is_closed:
            raise CommandError(
                f"{study.code} is {study.get_state_display().lower()}; only a closed "
                "study is exported."
            )
        try:
            names = write_bundle(study=study, actor=None, directory=options["out"])
        except OSError as problem:
            raise CommandError(
                f"{options['out']} can't be written: {problem.strerror}; give --out a "
                "folder that can be."
            ) from None
        self.stdout.write(f"{len(names)} files written to {options['out']}")
