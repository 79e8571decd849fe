"""Analyse tidy grades made anywhere: the whole result set from one CSV."""

from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from readerstudy.analysis.services import results_of_csv
from readerstudy.analysis.statistics.design import BadProtocol, Design, design_beside
from readerstudy.analysis.statistics.files import write_result_set
from readerstudy.analysis.statistics.reads_csv import BadTable


class Command(BaseCommand):
    help = "Compute the result set of tidy grades (columns reader, case, arm, grade)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("csv", type=Path, metavar="READS.csv")
        parser.add_argument("--out", type=Path, required=True, metavar="DIR")
        parser.add_argument("--arms", help="first,second,... ; the order of the arms")
        parser.add_argument("--reference", help="the arm that others are compared with")
        parser.add_argument(
            "--margin", type=float, help="non-inferiority margin in percentage points"
        )
        parser.add_argument("--seed", type=int, default=0)

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["csv"]
        try:
            content = path.read_bytes()
        except OSError as problem:
            raise CommandError(f"{path} can't be read: {problem.strerror}.") from None
        try:
            design = self._design(path, options)
            result = results_of_csv(
                content, design, name=path.name, seed=options["seed"]
            )
        except (BadTable, BadProtocol) as refusal:
            raise CommandError(str(refusal)) from None
        try:
            names = write_result_set(result, options["out"])
        except OSError as problem:
            raise CommandError(
                f"{options['out']} can't be written: {problem}"
            ) from None
        self.stdout.write(f"{', '.join(names)} written to {options['out']}")

    def _design(self, path: Path, options: dict[str, Any]) -> Design:
        """The protocol's plan, overridden by what the command line says."""
        design = design_beside(path)
        if options["arms"]:
            arms = tuple(name.strip() for name in options["arms"].split(","))
            design = replace(design, arms=arms)
        if options["reference"]:
            design = replace(design, reference=options["reference"])
        if options["margin"] is not None:
            if not 0 <= options["margin"] <= 100:
                raise BadProtocol(
                    "--margin is a number of percentage points, 0 to 100."
                )
            design = replace(design, margin=options["margin"] / 100)
        return design
