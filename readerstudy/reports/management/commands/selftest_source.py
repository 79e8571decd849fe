"""Ask a source to prove that it looks at the image, and watch it being tested."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from inference.selftest import IMAGES
from inference.texts import check_texts
from inference.verdict import Verdict
from readerstudy.cases.models import Case, Collection
from readerstudy.reports import selftests, services
from readerstudy.reports.models import Report, SelfTest, SelfTestResult
from readerstudy.work.waiting import Patience


class Command(BaseCommand):
    help = (
        "Test whether a source looks at the image; of imported texts, what their "
        "counts betray. Exit status 1 where the pixels are ignored."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--source", required=True, help="for example cxr_llava")
        parser.add_argument(
            "--collection", help="ask about its radiographs; else drawn phantoms"
        )
        parser.add_argument(
            "--images", type=int, default=IMAGES, help="how many radiographs"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            kind = services.kind_of(options["source"])
            if not kind.is_written:
                self._count(options["source"], options["collection"])
                return
            test = selftests.ask(
                source=services.source_named(options["source"]),
                actor=None,
                cases=_cases(options["collection"]),
                images=options["images"],
            )
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from None
        self._tell(self._awaited(test))

    def _awaited(self, test: SelfTest) -> SelfTestResult:
        patience = Patience()
        with tqdm(total=test.reports, unit="report", file=self.stderr) as bar:
            while test.status in SelfTest.UNFINISHED:
                patience.wait()
                test.refresh_from_db()
                bar.update(test.written - bar.n)
        if test.result is None:
            raise CommandError(f"The test could not be made: {test.failure}")
        return test.result

    def _tell(self, result: SelfTestResult) -> None:
        name = result.source.name
        if result.verdict == Verdict.LOOKS:
            self.stdout.write(f"{name} looks at the image: {result.sentence}")
        elif result.verdict == Verdict.IGNORES:
            raise CommandError(f"{name} ignores the pixels: {result.sentence}")
        else:
            self.stdout.write(
                f"Whether {name} looks at the image cannot be told: {result.sentence}"
            )

    def _count(self, source: str, collection: str | None) -> None:
        reports = Report.objects.current().filter(source__name=source)
        if collection:
            reports = reports.filter(case__collection__name=collection)
        check = check_texts([each.whole_text for each in reports])
        if not check.texts:
            raise CommandError(f"There are no reports of {source}.")
        self.stdout.write(
            f"{source} is imported, so only its texts can be looked at. {check.texts} "
            f"texts: {check.distinct} different, the commonest under "
            f"{check.commonest}, {check.empty} empty, {check.broken_off} without an "
            "end."
        )
        for flag in check.flags:
            self.stdout.write(flag)


def _cases(collection: str | None) -> list[Case]:
    if not collection:
        return []
    found = Collection.objects.filter(name=collection).first()
    if found is None:
        raise CommandError(f"There is no collection {collection}.")
    return list(Case.objects.filter(collection=found).order_by("code"))
