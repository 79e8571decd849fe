"""How far readers are. A report counts once, whatever versions its grade has."""

from dataclasses import dataclass

from django.db.models import Count, Q

from readerstudy.grading.models import Grade
from readerstudy.presentation.models import Slot
from readerstudy.studies.models import Membership, Study


@dataclass(frozen=True)
class Progress:
    """How far a reader is: `graded` of `total` slots."""

    graded: int
    total: int

    @property
    def missing(self) -> int:
        return self.total - self.graded


@dataclass(frozen=True)
class ReaderProgress:
    """A reader and how far they are."""

    reader: Membership
    progress: Progress


def progress_of_readers(study: Study) -> list[ReaderProgress]:
    """How far every reader of a study is, in order of their codes; two queries."""
    counts = {
        reader: Progress(graded, dealt)
        for reader, dealt, graded in Slot.objects.of_study(study)
        .values("reader")
        .annotate(
            dealt=Count("id", distinct=True),
            graded=Count("grade", filter=Q(grade__version=1), distinct=True),
        )
        .values_list("reader", "dealt", "graded")
    }
    return [
        ReaderProgress(reader, counts.get(reader.pk, Progress(0, 0)))
        for reader in study.membership_set.readers().select_related(
            "user", "withdrawal"
        )
    ]


def progress_of(reader: Membership) -> Progress:
    """Count a reader's slots and grades; two queries."""
    total = Slot.objects.of_reader(reader).count()
    graded = Grade.objects.of_reader(reader).filter(version=1).count()
    return Progress(graded, total)
