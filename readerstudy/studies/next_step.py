"""What a person does next in a study: one answer for the home page and the overview."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from readerstudy.studies.models import Membership


@dataclass(frozen=True)
class NextStep:
    """Words for a button, empty where nothing can be done, and the page behind it."""

    words: str
    page: str


def next_step(membership: Membership) -> NextStep:
    """Return the next step of a person's role in the study's state."""
    study = membership.study
    if membership.role == Membership.Role.READER:
        return NextStep(_("Read") if study.is_open else "", "grading:start")
    if study.is_closed:
        return NextStep(_("See the results"), "analysis:results")
    if study.is_frozen and membership.role == Membership.Role.COORDINATOR:
        return NextStep(_("Open for reading"), "presentation:freeze")
    if not study.is_draft or membership.role == Membership.Role.ANALYST:
        return NextStep(_("Watch the progress"), "grading:progress")
    return NextStep(_("Go on setting up"), "studies:setup")
