"""Write the reads of a closed study as FHIR or DICOM into a folder."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from readerstudy.export.standards.services import known_forms, written
from readerstudy.studies.models import Study


class Command(BaseCommand):
    help = "Write the reads of a closed study as FHIR or DICOM into a folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("study", help="code of the study")
        parser.add_argument("--out", type=Path, required=True, help="folder to write")
        parser.add_argument(
            "--form",
            choices=list(known_forms()),
            required=True,
            help="fhir: Questionnaire and QuestionnaireResponse; sr: DICOM SR",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        study = Study.objects.filter(code=options["study"]).first()
        if study is None:
            raise CommandError(f"There is no study {options['study']}.")
        try:
            count = written(study=study, form=options["form"], directory=options["out"])
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from None
        except OSError as problem:
            raise CommandError(
                f"{options['out']} can't be written: {problem.strerror}; give --out a "
                "folder that can be."
            ) from None
        self.stdout.write(f"{count} files written to {options['out']}")
