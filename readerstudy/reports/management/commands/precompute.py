"""Queue a model's reports over a collection, and watch them being written."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet
from tqdm import tqdm

from readerstudy.cases.models import Case, Collection
from readerstudy.reports import services
from readerstudy.reports.models import CXR_LLAVA, Job, Source
from readerstudy.reports.progress import JobProgress, progress_of
from readerstudy.reports.sources.services import add_model
from readerstudy.work.waiting import Patience


class Command(BaseCommand):
    help = "Queue a model's reports over a collection (or every case)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--source", required=True, help="for example cxr_llava")
        parser.add_argument("--collection", help="name; without it, every case")
        parser.add_argument(
            "--checkpoint",
            help="folder or hub id; makes a new source of another checkpoint",
        )
        parser.add_argument(
            "--wait", action="store_true", help="show progress until all are written"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        cases = Case.objects.all()
        if options["collection"]:
            collection = Collection.objects.filter(name=options["collection"]).first()
            if collection is None:
                raise CommandError(f"There is no collection {options['collection']}.")
            cases = cases.filter(collection=collection)
        if not cases.exists():
            raise CommandError("There are no cases. Import some first.")
        try:
            source = _source(options["source"], options["checkpoint"])
            queued = services.precompute(source=source, cases=cases, actor=None)
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from None
        self.stdout.write(f"{queued} reports queued.")
        if options["wait"]:
            self._wait(Job.objects.filter(source=source, case__in=cases).order_by())

    def _wait(self, jobs: QuerySet[Job]) -> None:
        """Show a bar until every job ended; exit 1 where one failed."""
        progress = progress_of(jobs)
        patience = Patience()
        with tqdm(total=progress.total, unit="report", file=self.stderr) as bar:
            while True:
                bar.update(progress.done + progress.failed - bar.n)
                if progress.finished:
                    break
                if progress.is_paused:
                    raise CommandError(
                        f"{progress.held} reports are held back: somebody has paused "
                        "them on the page of a study, where they can be resumed."
                    )
                patience.wait()
                progress = progress_of(jobs)
        self._report_failures(progress)
        self.stdout.write(f"{progress.done} reports are there.")

    def _report_failures(self, progress: JobProgress) -> None:
        if progress.failed:
            lines = [f"{each.count} x {each.reason}" for each in progress.failures]
            raise CommandError(
                f"{progress.failed} of {progress.total} reports failed: "
                + "; ".join(lines)
            )


def _source(name: str, checkpoint: str | None) -> Source:
    """The source of a name; made with a checkpoint of its own where one is given."""
    found = Source.objects.filter(name=name).first()
    if not checkpoint:
        return found or _made_on_first_use(name)
    if found is None:
        return add_model(name=name, checkpoint=checkpoint, actor=None)
    if found.checkpoint != checkpoint:
        raise ValidationError(
            f"{name} has another checkpoint. Choose another name for this one."
        )
    return found


def _made_on_first_use(name: str) -> Source:
    """The model's own source, which needs no adding; a slip of the pen makes none."""
    if services.kind_of(name).is_written:
        return services.source_named(name)
    known = {CXR_LLAVA, *Source.objects.values_list("name", flat=True)}
    raise ValidationError(
        f"There is no source {name}. There are: {', '.join(sorted(known))}."
    )
