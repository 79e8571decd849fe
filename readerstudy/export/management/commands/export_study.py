"""Write the whole bundle of a closed study into a folder."""

from argparse import ArgumentParser
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from readerstudy.export.checklists.files import OPTIONAL
from readerstudy.export.services import write_bundle
from readerstudy.studies.models import Study


class Command(BaseCommand):
    help = "Write the whole bundle of a closed study into a folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("study", help="code of the study")
        parser.add_argument("--out", type=Path, required=True, help="folder to write")
        parser.add_argument(
            "--checklists",
            nargs="+",
            default=[],
            choices=[each.name for each in OPTIONAL],
            help="reporting checklists besides those that are always there",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        study = Study.objects.filter(code=options["study"]).first()
        if study is None:
            known = ", ".join(
                Study.objects.order_by("code").values_list("code", flat=True)
            )
            raise CommandError(
                f"There is no study {options['study']}. Studies: {known or 'none yet'}."
            )
        if not study.has_open_results:
            raise CommandError(
                f"{study.code} is {study.get_state_display().lower()}; only a closed "
                "study is exported."
            )
        try:
            with tqdm(disable=not self.stderr.isatty(), unit="step") as bar:
                names = write_bundle(
                    study=study,
                    actor=None,
                    directory=options["out"],
                    checklists=options["checklists"],
                    tell=partial(_tell, bar),
                )
        except OSError as problem:
            raise CommandError(
                f"{options['out']} can't be written: {problem.strerror}; give --out a "
                "folder that can be."
            ) from None
        self.stdout.write(f"{len(names)} files written to {options['out']}")


def _tell(bar: "tqdm[Any]", number: int, steps: int, title: str) -> None:
    """Show a step on the bar; what came before it is done."""
    bar.total = steps
    bar.set_description(title)
    bar.update(number - 1 - bar.n)
