"""What a rehearsal shows: the study as it stands now, read and never written."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from readerstudy.cases.models import Case
from readerstudy.grading.after.guessing import STREAM, sampled_places
from readerstudy.grading.rehearsal.pretend import (
    READER,
    Page,
    PretendList,
    most_readable,
    pretend_list,
    seed_of,
)
from readerstudy.grading.reply import Reply
from readerstudy.grading.services import check_page, sentences_in
from readerstudy.grading.shown import Body
from readerstudy.presentation.design import dealt_from
from readerstudy.presentation.laid_out import body_in_study
from readerstudy.presentation.models import PresentedReport
from readerstudy.presentation.radiographs import LabelledImage, radiographs_shown
from readerstudy.presentation.randomise import Deal, Infeasible, SeededStream
from readerstudy.reports.models import Report
from readerstudy.studies.models import Study

ArmsOf = dict[str, frozenset[str]]


class NotReady(Exception):
    """There is nothing to read yet; the message says what to do, `place` where.

    place: the name of an address of the study
    """

    def __init__(self, sentence: str, place: str) -> None:
        super().__init__(sentence)
        self.place = place


class NoSuchPage(LookupError):
    """The list has no page of that number, or no longer."""


@dataclass(frozen=True)
class Rehearsal:
    """A study and the list of its pretend reader.

    cases     the cases that are read, by code
    left_out  how many of the study's cases can't be read yet
    arms      how many arms are read, of how many
    """

    study: Study
    dealt: PretendList
    cases: dict[str, Case]
    left_out: int
    arms: tuple[int, int]

    def page(self, place: int) -> Page:
        """The page at a place, from 1; raises NoSuchPage."""
        if not 1 <= place <= self.total:
            raise NoSuchPage
        return self.dealt.pages[place - 1]

    @property
    def total(self) -> int:
        return len(self.dealt.pages)

    @cached_property
    def reports(self) -> int:
        """How many reports are read in all."""
        return sum(map(len, self.dealt.pages))

    @cached_property
    def sessions(self) -> dict[int, list[int]]:
        """The places of each session."""
        found: dict[int, list[int]] = {}
        for place, page in enumerate(self.dealt.pages, 1):
            found.setdefault(page[0].session, []).append(place)
        return found

    def places_of(self, session: int) -> list[int]:
        """The places of a session; raises NoSuchPage."""
        if session not in self.sessions:
            raise NoSuchPage
        return self.sessions[session]


def rehearsal_of(study: Study) -> Rehearsal:
    """Deal the list of a pretend reader from a study as it stands; a few queries.

    Raises NotReady while there is no radiograph with reports of two arms, and where
    nothing at all can be dealt.
    """
    drawn = list(Case.objects.of_study(study).select_related("image"))
    names = [arm.name for arm in study.arm_set.all()]
    _require_something(drawn, names)
    with_image = {case.code: case for case in drawn if case.image is not None}
    held = _arms_of(study, with_image)
    codes, arms = most_readable(held)
    if not codes:
        raise NotReady(
            "No radiograph has reports of two arms yet. Bring reports in, or have the "
            "model write them.",
            "reports:of_study",
        )
    cases = {code: with_image[code] for code in codes}
    try:
        dealt = pretend_list(
            **dealt_from(study),
            strata={code: case.stratum for code, case in cases.items()},
            arms=sorted(arms),
        )
    except Infeasible as problem:
        raise NotReady(str(problem), "studies:reading") from problem
    return Rehearsal(
        study, dealt, cases, len(drawn) - len(cases), (len(arms), len(names))
    )


def _require_something(drawn: Sequence[Case], arms: Sequence[str]) -> None:
    if len(arms) < 2:
        raise NotReady("The study compares two arms at the least.", "studies:setup")
    if not drawn:
        raise NotReady("No cases are drawn yet.", "cases:of_study")
    if all(case.image is None for case in drawn):
        raise NotReady(
            "None of the drawn cases has an image chosen yet.", "cases:of_study"
        )


def _arms_of(study: Study, cases: dict[str, Case]) -> ArmsOf:
    """Of which arms each case has a text; one query."""
    if study.is_draft:
        arm_of = dict(study.arm_set.values_list("source", "name"))
        reports = Report.objects.filter(
            case__in=cases.values(), source__name__in=arm_of
        )
        pairs = {
            (code, arm_of[source])
            for code, source in reports.values_list("case__code", "source__name")
        }
    else:
        frozen = PresentedReport.objects.filter(study=study, case__in=cases.values())
        pairs = set(frozen.values_list("case__code", "arm__name"))
    held: dict[str, set[str]] = {code: set() for code in cases}
    for code, arm in pairs:
        held[code].add(arm)
    return {code: frozenset(arms) for code, arms in held.items()}


def bodies_of(rehearsal: Rehearsal, page: Page) -> list[Body]:
    """The texts of a page, laid out as the freeze does it; one query for each."""
    return [_body(rehearsal, deal) for deal in page]


def _body(rehearsal: Rehearsal, deal: Deal) -> Body:
    study, case = rehearsal.study, rehearsal.cases[deal.case]
    if not study.is_draft:
        presented = PresentedReport.objects.get(
            study=study, case=case, arm__name=deal.arm
        )
        body: Body = presented.body
        return body
    arm = study.arm_set.get(name=deal.arm)
    report = Report.objects.current().get(case=case, source__name=arm.source)
    return body_in_study(report, study).as_json()


def radiographs_on(rehearsal: Rehearsal, page: Page) -> list[LabelledImage]:
    """The radiographs of a page, the one that is read first."""
    return radiographs_shown(rehearsal.cases[page[0].case], rehearsal.study)


def check_answers(
    rehearsal: Rehearsal,
    page: Page,
    replies: Sequence[Reply],
    preference: str,
    *,
    is_draft: bool = False,
) -> None:
    """Raise ValidationError where a real reader's answers would be refused."""
    texts = [sentences_in(body) for body in bodies_of(rehearsal, page)]
    check_page(rehearsal.study, texts, replies, preference, is_draft=is_draft)


def guessed_in(rehearsal: Rehearsal, session: int) -> list[Body]:
    """The texts whose source is guessed after a session, in reading order."""
    places = rehearsal.places_of(session)
    deals = [deal for place in places for deal in rehearsal.page(place)]
    study = rehearsal.study
    stream = SeededStream(STREAM, seed_of(study.seed), READER, session)
    cases = {number: deal.case for number, deal in enumerate(deals)}
    chosen = sampled_places(cases, study.guess_sample, stream)
    return [_body(rehearsal, deals[number]) for number in chosen]
