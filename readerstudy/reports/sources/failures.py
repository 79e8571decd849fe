"""What a source could not write, and where that can be tried again."""

from dataclasses import dataclass

from readerstudy.accounts.models import User
from readerstudy.cases.models import StudyCase
from readerstudy.reports.models import Job, Source
from readerstudy.studies.models import Membership, Study

# So many reasons are shown.
REASONS_SHOWN = 5


@dataclass(frozen=True)
class Failed:
    """Reports that were asked of a source and could not be written.

    reasons  the commonest, each with how many it stopped
    others   how many were stopped by further ones
    studies  on whose pages a person can have them tried again
    """

    count: int
    reasons: list[tuple[str, int]]
    others: int
    studies: list[Study]


def failed_of(source: Source, person: User) -> Failed | None:
    """What failed, on whatever cases; None where nothing did."""
    jobs = Job.objects.failed_of(source)
    reasons = jobs.reasons()
    if not reasons:
        return None
    shown, rest = reasons[:REASONS_SHOWN], reasons[REASONS_SHOWN:]
    others = sum(count for _, count in rest)
    having = StudyCase.objects.filter(case__in=jobs.values("case"))
    own = Membership.objects.filter(user=person, role=Membership.Role.COORDINATOR)
    studies = Study.objects.filter(
        pk__in=having.values("case_set__study"), membership__in=own
    )
    return Failed(
        count=others + sum(count for _, count in shown),
        reasons=shown,
        others=others,
        studies=list(studies.order_by("title", "code")),
    )
