"""The guide through the set-up of a draft: its steps, and what it will take."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from readerstudy.cases.models import CaseSet, Collection
from readerstudy.presentation.estimates import Estimate, estimate
from readerstudy.presentation.randomise import Infeasible
from readerstudy.presentation.readiness import checklist
from readerstudy.presentation.set_up.steps import (
    STEPS,
    Standing,
    Step,
    next_of,
    standings,
)
from readerstudy.studies.models import Study

CASES, REPORTS, _, READING, ANALYSIS, PEOPLE, *_ = STEPS


@dataclass(frozen=True)
class Link:
    """A further page, with its address; outside the study where it is the site's."""

    words: str
    address: str
    is_of_the_site: bool = False


@dataclass(frozen=True)
class Row:
    """A step on the page: where it stands, and where else to go for it."""

    standing: Standing
    links: tuple[Link, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Guide:
    """Every step of a draft, and the one that comes next."""

    rows: tuple[Row, ...]
    next: Standing

    @property
    def is_first(self) -> bool:
        """Whether there are no cases yet."""
        return self.next.number == 1


def guide_of(study: Study) -> Guide:
    """Work the guide out anew; costs what the checklist costs and three queries."""
    found = standings(checklist(study))
    return Guide(tuple(_row(study, each) for each in found), next_of(found))


def expected_of(study: Study) -> Estimate | str:
    """What the study takes as it is designed, or why that cannot be said."""
    try:
        return estimate(study)
    except Infeasible as problem:
        return str(problem)


def _row(study: Study, standing: Standing) -> Row:
    step = standing.step
    if step is PEOPLE:
        return Row(standing, note=_waiting_invitations(study))
    return Row(standing, tuple(_links(study, standing, step)))


def _links(study: Study, standing: Standing, step: Step) -> list[Link]:
    def of_study(words: str, page: str) -> Link:
        return Link(words, reverse(page, args=[study.code]))

    if step is CASES and standing.is_open:
        return _towards_cases()
    if step is REPORTS and standing.is_open:
        return _towards_reports(study)
    if step is READING:
        return [of_study("Practice set", "presentation:practice")]
    if step is ANALYSIS:
        return [of_study("Sample size", "analysis:planning")]
    return []


def _towards_cases() -> list[Link]:
    links = [Link("Bring in cases", reverse("cases:intake:bring_in"), True)]
    if Collection.objects.exists():
        links.append(
            Link("Look at the collections", reverse("cases:collections"), True)
        )
    return links


def _towards_reports(study: Study) -> list[Link]:
    case_set = CaseSet.objects.filter(study=study).select_related("collection").first()
    query = (
        f"?{urlencode({'collection': case_set.collection.name})}" if case_set else ""
    )
    table = reverse("reports:tables:tables") + query
    return [Link("Upload a table of reports", table, True)]


def _waiting_invitations(study: Study) -> str:
    waiting = sum(each.is_in_force for each in study.invitation_set.all())
    if not waiting:
        return ""
    words = "1 invitation waits" if waiting == 1 else f"{waiting} invitations wait"
    return f"{words} to be accepted."
