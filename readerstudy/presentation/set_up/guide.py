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
    next_of,
    standings,
)
from readerstudy.reports.review.services import standing_of
from readerstudy.studies.models import Study

CASES, REPORTS, _design, READING, ANALYSIS, PEOPLE = STEPS[:6]


@dataclass(frozen=True)
class Link:
    """A further page, with its address; outside the study where it is the site's."""

    words: str
    address: str
    is_of_the_site: bool = False


@dataclass(frozen=True)
class Row:
    """A step on the page: where it stands, and where else to go for it.

    first  what has to be done before the step itself, where that lies elsewhere
    """

    standing: Standing
    links: tuple[Link, ...] = ()
    first: Link | None = None
    note: str = ""


@dataclass(frozen=True)
class Guide:
    """Every step of a draft, and the one that comes next."""

    rows: tuple[Row, ...]
    next: Standing


def guide_of(study: Study) -> Guide:
    """Work the guide out anew; costs what the checklist costs and a few queries."""
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
    if step is CASES and standing.is_open:
        return Row(standing, *_towards_cases(study))
    if step is REPORTS and standing.is_open:
        return Row(standing, links=(_table_of_reports(study),))
    if step is READING:
        return Row(standing, links=(_of(study, "Practice set", "practice"),))
    if step is ANALYSIS:
        words, page = "Sample size", reverse("analysis:planning", args=[study.code])
        return Row(standing, links=(Link(words, page),))
    return Row(standing)


def _of(study: Study, words: str, page: str) -> Link:
    return Link(words, reverse(f"presentation:{page}", args=[study.code]))


def _towards_cases(study: Study) -> tuple[tuple[Link, ...], Link | None]:
    """What lies before the draw on an empty site, and after it the sign-off."""
    bring_in = Link("Bring in cases", reverse("cases:intake:bring_in"), True)
    if not Collection.objects.exists():
        return (), bring_in
    drawn = CaseSet.objects.filter(study=study).select_related("collection").first()
    if drawn is None:
        return (bring_in,), None
    if standing_of(drawn.collection).is_fresh:
        return (), None
    page = reverse("reports:review:sign_off", args=[drawn.collection.name])
    return (), Link("Sign the collection off", page, True)


def _table_of_reports(study: Study) -> Link:
    drawn = CaseSet.objects.filter(study=study).select_related("collection").first()
    query = f"?{urlencode({'collection': drawn.collection.name})}" if drawn else ""
    page = reverse("reports:tables:tables") + query
    return Link("Upload a table of reports", page, True)


def _waiting_invitations(study: Study) -> str:
    waiting = sum(each.is_in_force for each in study.invitation_set.all())
    if not waiting:
        return ""
    words = "1 invitation waits" if waiting == 1 else f"{waiting} invitations wait"
    return f"{words} to be accepted."
