"""What a study still needs before it can be frozen, in sentences with a place to go."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from readerstudy.cases.case_sets.drawing import changed_since_draw
from readerstudy.cases.models import Case, CaseSet, Collection
from readerstudy.presentation.blinding_audit.standing import audit_checks
from readerstudy.presentation.estimates import estimate
from readerstudy.presentation.known_beforehand import known_beforehand
from readerstudy.presentation.randomise import Infeasible
from readerstudy.presentation.williams import williams
from readerstudy.reports.console.models import Turn
from readerstudy.reports.models import Report
from readerstudy.reports.outputs import qualities
from readerstudy.reports.proof import ArmProof, Making, proofs_of
from readerstudy.reports.review.listing import reviewed
from readerstudy.reports.review.services import standing_of
from readerstudy.reports.services import kind_of
from readerstudy.studies.models import Arm, Membership, Study


@dataclass(frozen=True)
class Check:
    """One line of the checklist; `tab` names the page on which to mend it.

    What warns stands in nobody's way, but whoever freezes has to accept it.
    """

    done: bool
    sentence: str
    tab: str
    warns: bool = False

    @property
    def place(self) -> str:
        """The page's name, as its tab has it."""
        return {
            "studies:setup": "Setup",
            "studies:reading": "Reading",
            "studies:plan": "Analysis",
            "people:invitations": "People",
            "presentation:practice": "Practice",
            "presentation:design": "Design",
            "cases:of_study": "Cases",
            "presentation:blinding:page": "Blinding audit",
        }.get(self.tab, "Reports")


def checklist(study: Study) -> list[Check]:
    """Return every check of a study; it may be frozen when all are done.

    Costs a handful of queries per arm and a handful besides.
    """
    cases = list(Case.objects.of_study(study).select_related("image"))
    readers = study.membership_set.readers().count()
    analysts = study.membership_set.filter(role=Membership.Role.ANALYST).count()
    arms = list(study.arm_set.all())
    checks = [
        Check(
            len(arms) >= 2,
            f"{len(arms)} arms to compare."
            if len(arms) >= 2
            else "A study compares two arms at least: add a report source.",
            "studies:setup",
        ),
        Check(
            any(arm.is_reference for arm in arms),
            "One arm is marked as the reference."
            if any(arm.is_reference for arm in arms)
            else "Mark one arm as the reference, so that differences have a sign.",
            "studies:setup",
        ),
        Check(
            readers >= 1,
            _readers_sentence(readers),
            "people:invitations",
        ),
        Check(
            analysts >= 1,
            "An analyst will see the results."
            if analysts
            else "Name an analyst: results and exports are theirs to see.",
            "people:invitations",
        ),
        _cases_check(cases),
        *_draw_check(study),
        _unseen_check(study),
        *(
            Check(True, sentence, "people:invitations", warns=True)
            for sentence in known_beforehand(study)
        ),
        *_collection_checks(study),
        *_presentation_checks(study, readers, cases, arms),
        *_practice_check(study, cases),
        *_sample_size_check(study, readers=readers, cases=len(cases), arms=len(arms)),
    ]
    checks += [_arm_check(study, arm.source, arm.label, len(cases)) for arm in arms]
    checks += [check for proof in proofs_of(study) for check in _proved(proof)]
    checks += _text_checks(study)
    return checks + [Check(*line) for line in audit_checks(study)]


def _readers_sentence(readers: int) -> str:
    if readers == 0:
        return "Add a reader."
    if readers == 1:
        return "1 reader. Results will hold for this reader alone."
    return f"{readers} readers."


def _cases_check(cases: list[Case]) -> Check:
    tab = "cases:of_study"
    if not cases:
        return Check(False, "Draw the cases of the study from a collection.", tab)
    without = [case.code for case in cases if case.image is None]
    if without:
        return Check(
            False,
            f"{len(without)} of the cases have no image chosen, such as {without[0]}. "
            "Choose it under Case collections.",
            tab,
        )
    strata = Counter(case.stratum for case in cases)
    parts = ", ".join(f"{count} {name}" for name, count in sorted(strata.items()))
    return Check(True, f"{len(cases)} cases drawn: {parts}.", tab)


def _collection_checks(study: Study) -> Iterator[Check]:
    """Whether somebody answers for what readers will see, and for its texts."""
    tab = "cases:of_study"
    for collection in _collections_of(study):
        standing = standing_of(collection)
        yield Check(standing.is_fresh, standing.sentence, tab)
    yield from _texts_check(study)


def _collections_of(study: Study) -> list[Collection]:
    """What the study draws from, and what its practice cases come from."""
    practised = Case.objects.filter(report__practicecase__study=study)
    drawn = Case.objects.of_study(study).order_by()
    used = Q(pk__in=drawn.values("collection")) | Q(
        pk__in=practised.values("collection")
    )
    return list(Collection.objects.filter(used).order_by("name"))


def _texts_check(study: Study) -> Iterator[Check]:
    """Whether somebody looked at what the patterns list in the study's texts."""
    case_set = CaseSet.objects.filter(study=study).select_related("collection").first()
    if case_set is None:
        return
    codes = set(Case.objects.of_study(study).values_list("code", flat=True))
    arms = set(study.arm_set.values_list("source", flat=True))
    found = sum(
        texts.count_open(codes)
        for texts in reviewed(case_set.collection)
        if texts.source is None or texts.source.name in arms
    )
    if found:
        yield Check(
            True,
            f"{found} findings in the study's texts look like names, dates, numbers or "
            "words of a model, and nobody has looked at them: see the report texts of "
            f"the collection {case_set.collection.name}.",
            "cases:of_study",
            warns=True,
        )


def _draw_check(study: Study) -> Iterator[Check]:
    """Whether the drawn cases are still those that the draw knew."""
    case_set = CaseSet.objects.filter(study=study).select_related("collection").first()
    changed = changed_since_draw(case_set) if case_set else []
    if changed:
        yield Check(
            True,
            f"{len(changed)} of the drawn cases, such as {changed[0]}, were changed or "
            "set aside since the draw and would not be drawn so today. Draw again, or "
            "keep them.",
            "cases:of_study",
            warns=True,
        )


def _unseen_check(study: Study) -> Check:
    """Whoever has read what the model says of a radiograph is not blind to it."""
    readers = study.membership_set.readers().values("user")
    asked = Turn.objects.filter(
        asked_by__in=readers, conversation__case__studycase__case_set__study=study
    )
    names = sorted({str(turn.asked_by) for turn in asked.select_related("asked_by")})
    if names:
        cases = asked.values("conversation__case").distinct().count()
        return Check(
            False,
            f"{' and '.join(names)} asked the model about {cases} of the cases and "
            "would know its reports: name other readers or draw other cases.",
            "people:invitations",
        )
    return Check(
        True, "No reader has asked the model about the cases.", "people:invitations"
    )


def _presentation_checks(
    study: Study, readers: int, cases: list[Case], arms: list[Arm]
) -> Iterator[Check]:
    """Whether the reports can be shown as they are to be, and dealt to all readers."""
    shown = _presentation_check(study, len(arms), len(cases))
    yield shown
    if not (shown.done and readers and cases and arms):
        return
    tab = "presentation:design"
    try:
        expected = estimate(study)
    except Infeasible as problem:
        yield Check(False, str(problem), tab)
        return
    yield Check(True, f"The design can be dealt: {expected.reads_in_words}.", tab)
    yield from _answer_check(study)
    yield from _orders_check(study, readers, len(arms))
    if study.allocation == Study.Allocation.ONE_REPORT and readers < len(arms):
        yield Check(
            True,
            f"With one report per radiograph and {readers} of {len(arms)} readers that "
            "it takes, not every report is read by anybody.",
            tab,
            warns=True,
        )


def _answer_check(study: Study) -> Iterator[Check]:
    """Whether the design can give the answer that the plan asks for."""
    if study.allocation == Study.Allocation.SPLIT_PLOT and (
        study.reader_inference == Study.Inference.RANDOM
    ):
        yield Check(
            False,
            "The plan asks for readers like these, whom a design in which groups share "
            "the cases out cannot speak of: not everybody reads everything. Plan to "
            "speak of these readers, or let every reader read every report.",
            "studies:setup",
        )
    if study.allocation == Study.Allocation.ONE_REPORT:
        yield Check(
            True,
            "With one report per radiograph and reader there is no primary answer of "
            "the planned kind, and the margin is not judged: results show the "
            "difference over all grades as a sensitivity analysis.",
            "presentation:design",
            warns=True,
        )


def _orders_check(study: Study, readers: int, arms: int) -> Iterator[Check]:
    """Whether every order of a Williams design is read equally often."""
    orders = len(williams(arms))
    if study.arm_order == Study.ArmOrder.WILLIAMS and readers % orders:
        yield Check(
            True,
            f"There are {orders} Williams orders, and {readers} readers can't use them "
            f"equally often: place and report stay mixed up in part. Readers in a "
            f"multiple of {orders} balance them.",
            "presentation:design",
            warns=True,
        )


def _presentation_check(study: Study, arms: int, cases: int) -> Check:
    """Whether the reports can be dealt in the way in which they are to be read."""
    if not study.reads_pairs:
        return _distance_check(study, cases)
    if arms == 2:
        sentence = "Two reports of a radiograph side by side."
        return Check(True, sentence, "studies:reading")
    return Check(
        False,
        f"Side by side two arms are compared; there are {arms}. Take one out, or show "
        "one report at a time.",
        "studies:reading",
    )


def _practice_check(study: Study, cases: list[Case]) -> Iterator[Check]:
    """Whether readers practise on cases that the study does not read."""
    tab, drawn = "presentation:practice", {case.pk for case in cases}
    practice = list(study.practicecase_set.select_related("report__case"))
    both = [row for row in practice if row.report.case_id in drawn]
    if both:
        code = both[0].report.case.code
        yield Check(
            False,
            f"Practice case {both[0].number}, {code}, is drawn for the study as well: "
            "practise on another one.",
            tab,
        )
    elif practice:
        count = len(practice)
        words = "1 practice case" if count == 1 else f"{count} practice cases"
        yield Check(True, f"{words}, none of them drawn for the study.", tab)


def _sample_size_check(study: Study, **numbers: int) -> Iterator[Check]:
    """Whether the kept reasoning is about the study as it is now."""
    if not study.sample_size:
        return
    planned = study.sample_size["inputs"]
    differing = [
        f"{planned[name]} {name}, not {number}"
        for name, number in numbers.items()
        if planned[name] != number
    ]
    if _another_layout(planned["layout"], study):
        differing.append("another design")
    if float(planned.get("alpha", 0.05)) != float(study.alpha):
        differing.append(f"alpha {planned.get('alpha', 0.05):g}")
    margins = [planned["margin_points"], study.margin_points]
    was, now = (None if each is None else float(each) for each in margins)
    if was != now:
        differing.append(f"{_margin(was)}, not {_margin(now)}")
    if differing:
        yield Check(
            True,
            f"The kept sample size is worked out for {'; '.join(differing)}. Work it "
            "out anew, or take it out of the protocol.",
            "studies:plan",
            warns=True,
        )


def _another_layout(planned: dict[str, Any], study: Study) -> bool:
    """Whether a plan is for another allocation, or for other groups or anchors."""
    if planned["name"] != study.allocation:
        return True
    if study.allocation != Study.Allocation.SPLIT_PLOT:
        return False
    kept = planned["groups"], planned["anchors"]
    return kept != (study.reader_groups, study.anchor_cases)


def _margin(points: float | None) -> str:
    return "no margin" if points is None else f"a margin of {points:g} points"


def _distance_check(study: Study, cases: int) -> Check:
    distance = study.minimum_pair_distance
    if cases and distance > cases:
        return Check(
            False,
            f"Reports of one radiograph are to be {distance} reads apart, which needs "
            f"{distance} cases; there are {cases}. Lower the distance or draw more.",
            "presentation:design",
        )
    return Check(
        True,
        f"Reports of one radiograph lie at least {distance} reads apart.",
        "presentation:design",
    )


def _arm_check(study: Study, source: str, label: str, cases: int) -> Check:
    tab = "reports:of_study"
    if not cases:
        return Check(False, f"{label}: reports are counted once cases are drawn.", tab)
    held = (
        Report.objects.current()
        .filter(source__name=source, case__studycase__case_set__study=study)
        .count()
    )
    if held == cases:
        return Check(True, f"{label}: a report for every case.", tab)
    is_written = kind_of(source).is_written
    remedy = "Let the model write" if is_written else "Import"
    return Check(
        False, f"{label}: {held} of {cases} reports. {remedy} the missing ones.", tab
    )


def _proved(proof: ArmProof) -> Iterator[Check]:
    """Whether an arm's reports come of looking at the image."""
    for making in proof.makings:
        yield _making_check(proof.arm.label, making)


def _text_checks(study: Study) -> Iterator[Check]:
    """What is conspicuous in an arm's texts: empty ones, one for all, broken off."""
    for arm, quality in qualities(study):
        for remark in quality.serious:
            sentence = f"{arm.label}: {remark.sentence}"
            yield Check(True, sentence, "reports:of_study", warns=True)


def _making_check(label: str, making: Making) -> Check:
    tab, result = "reports:of_study", making.result
    if result is None:
        return Check(True, f"{label}: {_untested(making)}", tab, warns=True)
    if making.looks:
        return Check(True, f"{label}: the source looks at the image.", tab)
    if not making.ignores:
        sentence = f"{label}: whether the source looks at the image cannot be told."
        return Check(True, f"{sentence} {result.sentence}", tab, warns=True)
    sentence = f"{label}: the source ignores the pixels. {result.sentence}"
    if making.overruling is None:
        remedy = "Take another source, or overrule this with a reason."
        return Check(False, f"{sentence} {remedy}", tab)
    overruled = f"Overruled by {making.overruling.author}: {making.overruling.reason}"
    return Check(True, f"{sentence} {overruled}", tab, warns=True)


def _untested(making: Making) -> str:
    if making.is_under_test:
        return "the source is being tested; wait for the verdict."
    if making.failure:
        return (
            "whether the source looks at the image could not be tested. "
            f"{making.failure}"
        )
    return "whether the source looks at the image was not tested."
