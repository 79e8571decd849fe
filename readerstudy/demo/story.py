"""What the demonstration shows: one study read by simulated readers and closed, one
open for the demonstration's reader. Every step may be interrupted and taken up again.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from readerstudy.accounts.models import User
from readerstudy.analysis.services import run_of
from readerstudy.cases.models import Collection
from readerstudy.cases.services import draw_cases
from readerstudy.demo.people import SIMULATED_READERS, ensure_people
from readerstudy.demo.phantoms import ensure_collection
from readerstudy.demo.simulate import read_all
from readerstudy.grading.closing import close
from readerstudy.presentation.blinding_audit import services as blinding
from readerstudy.presentation.blinding_audit.standing import PAGE as AUDIT_PAGE
from readerstudy.presentation.blinding_audit.standing import standing_of
from readerstudy.presentation.practice import add_practice_case
from readerstudy.presentation.readiness import checklist
from readerstudy.presentation.services import freeze
from readerstudy.reports.models import CXR_LLAVA, GROUND_TRUTH, Job, SelfTest
from readerstudy.reports.progress import progress_of
from readerstudy.reports.review.services import sign_off
from readerstudy.reports.selftests import ask_for_arm
from readerstudy.reports.services import precompute_for_study
from readerstudy.studies import services as studies
from readerstudy.studies.analysis_plan import DEFAULT_ANALYSES
from readerstudy.studies.lifecycle.services import open_for_reading
from readerstudy.studies.models import Membership, Study

logger = logging.getLogger(__name__)

INSTRUCTIONS = (
    "The radiographs are drawings with drawn findings. Some reports were written with "
    "the drawing, some by the demonstration model, which knows only such drawings."
)

CONSENT = (
    "This is a demonstration. What you enter stays on this machine, and nobody draws "
    "conclusions from it.\n\nYou may stop at any time."
)
# What is practised on: the drawings of two seeds that no study draws.
PRACTICE_COLLECTION = "phantoms-practice"
PRACTICE_FIRST_SEED = 920_000
PRACTICE = {
    "normal": ("A", "The drawing has no finding, and the report names none."),
    "abnormal": ("A", "The report names what is drawn, and nothing else."),
}

# The collections are drawn by this program, so nothing is searched before the start.
STATEMENT = (
    "The radiographs of this collection are drawings of a program and show no person. "
    "The reference reports were written with the drawings."
)
WITHOUT_SCAN = "The pixels are drawn by this program, which writes nothing into them."
ACCEPTANCE = (
    "This is a demonstration: drawn phantoms, read by simulated readers who look at no "
    "style. Nobody draws conclusions from it."
)

# Few, so that the start takes seconds.
TESTED_IMAGES = 4


@dataclass(frozen=True)
class Chapter:
    """One study of the demonstration."""

    code: str
    title: str
    collection: str
    first_seed: int
    normal: int
    abnormal: int
    readers: tuple[str, ...]
    rules: Mapping[str, Any]
    planned: tuple[str, ...] = DEFAULT_ANALYSES
    margin_points: Decimal | None = None


FINISHED = Chapter(
    code="demo-closed",
    title="Demonstration, closed: simulated readers",
    collection="phantoms-closed",
    first_seed=900_000,
    normal=12,
    abnormal=12,
    readers=SIMULATED_READERS,
    # Nobody sits before these displays.
    rules={
        "display_check": False,
        "guess_sample": 6,
        "session_reads": 16,
        "instruments": ["comment", "confidence", "errors"],
    },
    planned=(*DEFAULT_ANALYSES, "strata", "time", "errors", "blinding"),
    margin_points=Decimal(10),
)
OPEN = Chapter(
    code="demo-open",
    title="Demonstration, open: your turn to read",
    collection="phantoms-open",
    first_seed=910_000,
    normal=10,
    abnormal=10,
    readers=("rosa",),
    rules={"consent": CONSENT, "guess_sample": 4},
)
CHAPTERS = (FINISHED, OPEN)


def prepare() -> None:
    """Make people, phantoms and drafts, and queue the model's reports."""
    people = ensure_people()
    for chapter in CHAPTERS:
        collection = ensure_collection(
            name=chapter.collection,
            first_seed=chapter.first_seed,
            normal=chapter.normal,
            abnormal=chapter.abnormal,
        )
        study = Study.objects.filter(code=chapter.code).first()
        if study is None:
            study = _draft(chapter, collection, people)
        _answer_for(collection, people["cora"])
        if study.is_draft:
            _add_practice(study, people["cora"])
            precompute_for_study(study=study, actor=people["cora"])
            _test_the_model(study, people["cora"])


def _answer_for(collection: Collection, cora: User) -> None:
    """Sign a collection of drawings off, once; what comes in later is a visitor's."""
    if not collection.sign_offs.exists():
        sign_off(
            collection=collection,
            actor=cora,
            statement=STATEMENT,
            without_scan=WITHOUT_SCAN,
        )


def _add_practice(study: Study, cora: User) -> None:
    """Give those who read by themselves two drawings to practise on, once."""
    if study.code != OPEN.code or study.practicecase_set.exists():
        return
    collection = ensure_collection(
        name=PRACTICE_COLLECTION, first_seed=PRACTICE_FIRST_SEED, normal=1, abnormal=1
    )
    _answer_for(collection, cora)
    with transaction.atomic():
        for case in collection.case_set.order_by("-stratum"):
            expected, explanation = PRACTICE[case.stratum]
            add_practice_case(
                study=study,
                actor=cora,
                collection=collection,
                case=case.code,
                source=GROUND_TRUTH,
                expected=expected,
                explanation=explanation,
            )


def _test_the_model(study: Study, cora: User) -> None:
    """Let the model prove once that it looks; the studies share the proof."""
    for arm in study.arm_set.filter(source=CXR_LLAVA):
        if not SelfTest.objects.exists():
            ask_for_arm(arm=arm, actor=cora, images=TESTED_IMAGES)


def _draft(chapter: Chapter, collection: Collection, people: dict[str, User]) -> Study:
    cora = people["cora"]
    study = studies.create(coordinator=cora, code=chapter.code, title=chapter.title)
    study = studies.change_settings(
        study=study,
        actor=cora,
        title=chapter.title,
        instructions=INSTRUCTIONS,
        seed=2024,
        minimum_pair_distance=8,
        redaction=Study.Redaction.AS_WRITTEN,
        show_indication=True,
        margin_points=chapter.margin_points,
    )
    study = studies.change_reading_rules(study=study, actor=cora, **chapter.rules)
    study = studies.change_analysis_plan(
        study=study,
        actor=cora,
        primary_outcome=Study.Outcome.SUCCESS,
        reader_inference=Study.Inference.HEADLINE,
        planned_analyses=list(chapter.planned),
    )
    draw_cases(
        study=study,
        actor=cora,
        collection=collection,
        sizes={"normal": None, "abnormal": None, "unknown": None},
        seed=1,
    )
    for username in chapter.readers:
        studies.add_member(
            study=study,
            actor=cora,
            user=people[username],
            role=Membership.Role.READER,
        )
    studies.add_member(
        study=study, actor=cora, user=people["anya"], role=Membership.Role.ANALYST
    )
    return study


def advance() -> bool:
    """Take each study one step further if it can go; True once all steps are taken."""
    cora = User.objects.get(username="cora")
    for study in Study.objects.filter(code__in=[each.code for each in CHAPTERS]):
        if study.is_draft and _awaits_audit(study):
            _audit_the_blinding(study, cora)
        if study.is_draft and _is_ready(study):
            # A checkpoint of one's own may leave the self-test in doubt.
            study = freeze(study=study, actor=cora, accepts_warnings=True)
        if study.is_frozen:
            open_for_reading(study=study, actor=cora)
            logger.info("%s is open for reading", study.code)
    finished = Study.objects.get(code=FINISHED.code)
    if finished.is_open:
        for reader in finished.membership_set.readers():
            read_all(reader)
        finished = close(study=finished, actor=cora)
        run_of(finished)  # so that the first visitor need not wait for it
        logger.info("%s was read by simulated readers and closed", finished.code)
    return is_told()


def _awaits_audit(study: Study) -> bool:
    """Whether nothing but the blinding audit stands between a draft and its freeze."""
    if SelfTest.objects.unfinished().exists():
        return False
    still_open = {check.tab for check in checklist(study) if not check.done}
    return still_open == {AUDIT_PAGE}


def _audit_the_blinding(study: Study, cora: User) -> None:
    """Ask the worker for the audit; once it is there, accept its number."""
    standing = standing_of(study)
    if standing.audit is not None:
        text = ACCEPTANCE
        audit_id = standing.audit.pk
        blinding.accept(study=study, actor=cora, audit_id=audit_id, text=text)
    elif not standing.is_under_way and not standing.has_failed:
        blinding.ask(
            study=study,
            actor=cora,
            layout_profile=study.layout_profile,
            redaction=study.redaction,
        )


def _is_ready(study: Study) -> bool:
    """Whether a draft can be frozen and the model's self-test is over."""
    if SelfTest.objects.unfinished().exists():
        return False
    return all(check.done for check in checklist(study))


def progress_sentence() -> str:
    """How far the worker is with the demonstration's reports."""
    jobs = progress_of(Job.objects.all())
    failed = f", {jobs.failed} failed" if jobs.failed else ""
    return f"Reports written by the worker: {jobs.done} of {jobs.total}{failed}"


def is_told() -> bool:
    """Whether the closed study has results and the open one can be read."""
    states = dict(
        Study.objects.filter(code__in=[each.code for each in CHAPTERS]).values_list(
            "code", "state"
        )
    )
    before = {None, Study.State.DRAFT, Study.State.FROZEN}
    return (
        states.get(FINISHED.code) in Study.ENDED and states.get(OPEN.code) not in before
    )
