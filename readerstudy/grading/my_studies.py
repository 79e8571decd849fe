"""The home page: my studies, what I do next in each, and how long it still takes."""

import datetime
from dataclasses import dataclass

from django.utils.translation import gettext as _

from readerstudy.accounts.models import User
from readerstudy.cases.models import Case
from readerstudy.grading.path import Step, Stop, next_step
from readerstudy.grading.progress import Progress, progress_of
from readerstudy.grading.whereabouts import TimeLeft, time_left
from readerstudy.reports.models import Report
from readerstudy.studies import next_step as desk
from readerstudy.studies.models import Membership


@dataclass(frozen=True)
class MyStudy:
    """A study on the home page.

    page      address by name of the next step, and
    words     what its button says; empty where nothing can be done now
    opens_at  when the next session opens, where that has to be waited for
    """

    membership: Membership
    page: str
    words: str
    progress: Progress | None = None
    time_left: TimeLeft | None = None
    opens_at: datetime.datetime | None = None

    @property
    def can_go_on(self) -> bool:
        return bool(self.words)


def my_studies(person: User) -> list[MyStudy]:
    """The studies of a person: first where something can be done, newest first."""
    roles = person.membership_set.select_related("study", "user")
    found = [_my_study(each) for each in roles.order_by("-study__created_at")]
    return sorted(found, key=_rank)


def what_there_is() -> dict[str, bool]:
    """What a site without studies has already: cases, reports."""
    return {
        "has_cases": Case.objects.exists(),
        "has_reports": Report.objects.exists(),
    }


def _rank(mine: MyStudy) -> int:
    study = mine.membership.study
    if study.is_open and mine.can_go_on:
        return 0
    if study.is_archived:
        return 3
    return 2 if study.is_closed else 1


def _my_study(membership: Membership) -> MyStudy:
    role = desk.next_step(membership)
    study = membership.study
    is_read = study.is_open or study.is_paused
    if membership.role != Membership.Role.READER or not is_read:
        return MyStudy(membership, role.page, role.words)
    progress = progress_of(membership)
    step = next_step(membership)
    return MyStudy(
        membership,
        "grading:begin" if progress.graded else role.page,
        _words(step, progress),
        progress,
        time_left(membership, progress),
        step.opens_at,
    )


def _words(step: Step, progress: Progress) -> str:
    """What the button of a reader says."""
    if step.stop in {Stop.WAIT, Stop.DONE, Stop.PAUSED, Stop.WITHDRAWN, Stop.CLOSED}:
        return ""
    if step.stop == Stop.GUESS:
        return _("Finish the session")
    return _("Go on reading") if progress.graded else _("Read")
