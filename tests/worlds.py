"""Small whole studies for tests, made through the services that the site uses."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from django.utils import timezone

from inference.phantom.phantom import draw
from readerstudy.accounts.models import ApiToken
from readerstudy.analysis.exclusions import exclude
from readerstudy.analysis.models import Exclusion
from readerstudy.cases.case_sets.drawing import exclude_cases
from readerstudy.cases.frame_store import keep_frame
from readerstudy.cases.frames import Frame
from readerstudy.cases.intake import services as intake
from readerstudy.cases.models import (
    BulkChange,
    Case,
    CaseExclusion,
    CaseSet,
    Collection,
    Delivery,
    Image,
)
from readerstudy.cases.services import draw_cases, store_image
from readerstudy.grading import services as grading
from readerstudy.grading.before.consent import agree, consent_version, lacks_consent
from readerstudy.grading.before.display import store_check
from readerstudy.grading.before.pattern import new_pattern
from readerstudy.grading.before.practice import next_practice, practise
from readerstudy.grading.models import Grade
from readerstudy.grading.path import Stop, next_slot, next_step
from readerstudy.grading.reply import Reply
from readerstudy.grading.visits import VisitLog
from readerstudy.presentation.blinding_audit import services as blinding
from readerstudy.presentation.blinding_audit.models import BlindingAudit
from readerstudy.presentation.blinding_audit.standing import missing
from readerstudy.presentation.blinding_audit.texts import digest_of
from readerstudy.presentation.models import PracticeCase, Slot
from readerstudy.presentation.services import freeze
from readerstudy.reports.console import services as console
from readerstudy.reports.console.models import Conversation, Turn
from readerstudy.reports.models import Report
from readerstudy.reports.review.services import sign_off, standing_of
from readerstudy.reports.services import (
    UploadedReport,
    source_named,
    store_reports,
)
from readerstudy.reports.tables import services as tables
from readerstudy.reports.tables.mapping import ColumnMapping
from readerstudy.reports.tables.models import TableImport
from readerstudy.studies import services as studies
from readerstudy.studies.lifecycle import services as lifecycle
from readerstudy.studies.models import Invitation, Membership, Study
from readerstudy.studies.people.inviting import invite
from readerstudy.studies.tokens.services import create as create_token
from readerstudy.work import leases
from tests.audits import audited
from tests.people import Person, anya, cora, rosa
from tests.remembered import remembered


def radiograph(seed: int, size: int = 48) -> Frame:
    """A small 12-bit frame that is different for every seed."""
    pixels = np.random.default_rng(seed).integers(0, 4096, (size, size))
    return Frame(pixels.astype(np.uint16))


@remembered
def collection(
    name: str = "phantoms", cases: int = 6, *, is_signed: bool = True
) -> Collection:
    """A collection of half normal, half abnormal cases with images and both reports."""
    made = Collection.objects.create(name=name)
    for number in range(1, cases + 1):
        case = Case.objects.create(
            collection=made,
            code=f"CXR{number}",
            stratum="normal" if number % 2 else "abnormal",
            indication="Cough.",
        )
        image = store_image(
            case=case,
            name=f"CXR{number}.png",
            frame=keep_frame(radiograph(number)),
            view=Image.View.FRONTAL,
            source_sha256=f"{number:064d}",
        )
        case.image = image
        case.save()
    for source in ("ground_truth", "cxr_llava"):
        add_reports(made, source)
    return signed_off(made) if is_signed else made


def bulk_change(name: str = "phantoms") -> BulkChange:
    """Cora has said that the first case's radiograph is a lateral one."""
    made = Collection.objects.get(name=name)
    last = BulkChange.objects.filter(collection=made).last()
    return last or BulkChange.objects.create(
        collection=made,
        what="view",
        value="lateral",
        before=[],
        changed=0,
        actor=cora().user,
    )


def left_out(study: Study, code: str = "CXR2") -> CaseExclusion:
    """Cora has excluded a case from a draft."""
    there = CaseExclusion.objects.filter(study=study, case__code=code).first()
    return (
        there
        or exclude_cases(
            study=study, actor=cora().user, codes=[code], reason="quality"
        )[0]
    )


def delivery() -> Delivery:
    """An upload that waits for its one file."""
    begun = intake.open_delivery(
        collection="clinic",
        origin="upload",
        layout="radiographs",
        options={},
        actor=cora().user,
    )
    intake.announce(delivery=begun, files=[intake.Announced("CXR1.dcm", 1000)])
    return begun


@remembered
def phantoms(
    name: str = "drawn",
    cases: int = 3,
    size: int = 96,
    twins: Mapping[int, int] = {},
) -> Collection:
    """A collection of drawn chests, on which the demonstration model has a say.

    twins  by the number of a case the case whose radiograph it has too
    """
    made = Collection.objects.create(name=name)
    for number in range(1, cases + 1):
        phantom = draw(twins.get(number, number), size=size)
        case = Case.objects.create(
            collection=made, code=f"CXR{number}", stratum=phantom.stratum
        )
        case.image = store_image(
            case=case,
            name=f"CXR{number}.png",
            frame=keep_frame(Frame(phantom.pixels)),
            view=Image.View.FRONTAL,
            source_sha256=f"{number:064d}",
        )
        case.save()
    return signed_off(made)


def add_reports(made: Collection, source: str) -> None:
    """Store a report of a source for every case of a collection."""
    cases = {case.code: case for case in Case.objects.filter(collection=made)}
    store_reports(
        source=source_named(source),
        cases=cases,
        uploads=[
            UploadedReport(code, text=f"The heart is normal. Text {source} on {code}.")
            for code in cases
        ],
        actor=None,
        origin="reports.csv",
    )


def signed_off(made: Collection) -> Collection:
    """A collection for which Cora answers as it is now, without a search for text."""
    sign_off(
        collection=made,
        actor=cora().user,
        statement="Noise, and nobody in it.",
        without_scan="The pixels are noise.",
    )
    return made


def table(content: bytes = b"case,report\nCXR1,Clear lungs.\n") -> TableImport:
    """A table that Cora has uploaded, and whose columns she has named; made once."""
    found = TableImport.objects.first()
    if found is not None:
        return found
    made = tables.upload(
        collection=Collection.objects.get(name="phantoms"),
        name="reports.csv",
        chunks=[content],
        actor=cora().user,
    )
    return tables.set_mapping(
        table=made,
        mapping=ColumnMapping(0, report=1, titles={"case": "case", "report": "report"}),
        source="another",
        making={},
    )


@remembered
def draft_study(
    code: str = "acceptability",
    *,
    readers: Sequence[Person] | None = None,
    cases: int = 6,
    distance: int = 2,
    seed: int | None = None,
    **rules: Any,
) -> Study:
    """A draft with everything it needs to be frozen; its seed is drawn unless given.

    It is read in the shortest way, straight to the reports; `rules` change that.
    """
    coordinator = cora()
    study = studies.create(coordinator=coordinator.user, code=code, title="A study")
    study.minimum_pair_distance = distance
    for rule, value in ({"display_check": False, "guess_sample": 0} | rules).items():
        setattr(study, rule, value)
    if seed is not None:
        study.seed = seed
    study.save()
    made = Collection.objects.filter(name="phantoms").first()
    made = made or collection(cases=cases)
    if not standing_of(made).is_fresh:
        signed_off(made)
    draw_cases(
        study=study,
        actor=coordinator.user,
        collection=made,
        sizes={"normal": None, "abnormal": None, "unknown": None},
        seed=3,
    )
    for reader in readers if readers is not None else [rosa()]:
        studies.add_member(
            study=study,
            actor=coordinator.user,
            user=reader.user,
            role=Membership.Role.READER,
        )
    studies.add_member(
        study=study,
        actor=coordinator.user,
        user=anya().user,
        role=Membership.Role.ANALYST,
    )
    # Where an arm has no reports yet there is nothing to audit.
    if not missing(study):
        accept_blinding(study)
    return study


def blinding_audit(study: Study, **found: Any) -> BlindingAudit:
    """An audit of a draft as it is now, with a result that took no reading."""
    layout = {"layout_profile": study.layout_profile, "redaction": study.redaction}
    asked = blinding.ask(study=study, actor=cora().user, **layout)
    claimed = leases.claim(BlindingAudit, id=asked.pk, worker="a worker")
    assert claimed is not None
    done = blinding.finish(
        claimed,
        digest=digest_of(study, **layout),
        result=audited(study) | found,
    )
    assert done is not None
    return done


def accept_blinding(study: Study) -> None:
    """Cora has had the blinding of a draft audited, and accepts the number."""
    blinding.accept(
        study=study,
        actor=cora().user,
        audit_id=blinding_audit(study).pk,
        text="The texts are of a test; nobody is deceived.",
    )


@remembered
def frozen_study(code: str = "acceptability", **options: object) -> Study:
    """A study whose lists are dealt, and which nobody may read yet."""
    study = draft_study(code, **options)  # type: ignore[arg-type]
    return freeze(study=study, actor=cora().user, accepts_warnings=True)


def opened(study: Study) -> Study:
    """Cora answers for the cases of a draft, freezes it and opens it for reading."""
    made = CaseSet.objects.get(study=study).collection
    if not standing_of(made).is_fresh:
        signed_off(made)
    frozen = freeze(study=study, actor=cora().user, accepts_warnings=True)
    return lifecycle.open_for_reading(study=frozen, actor=cora().user)


@remembered
def open_study(code: str = "acceptability", **options: object) -> Study:
    """A frozen study that is open for reading."""
    return opened(draft_study(code, **options))  # type: ignore[arg-type]


@remembered
def paused_study(code: str = "acceptability", **options: object) -> Study:
    """A study whose reading is paused."""
    study = open_study(code, **options)
    return lifecycle.pause(
        study=study, actor=cora().user, reason="A server moves.", message="Until noon."
    )


def close(study: Study) -> Study:
    """Cora closes a study, whatever is missing."""
    return lifecycle.close(study=study, actor=cora().user)


@remembered
def archived_study(code: str = "acceptability", **options: object) -> Study:
    """A study that was closed before anybody read, and put away."""
    study = study_without_grades(code, **options)
    return lifecycle.archive(study=study, actor=cora().user)


def a_visit(slot: Slot) -> VisitLog:
    """Twenty seconds of reading and five of looking elsewhere."""
    events = ((0, "shown", ""), (20_000, "blur", ""), (25_000, "submit", ""))
    return VisitLog(f"visit-{slot.public_id}", timezone.now(), events)


def grade(slot: Slot, letter: str, key: str = "", **answers: Any) -> Grade:
    """Grade a slot, with the visit that led to it."""
    stored, _ = grading.submit(
        slot=slot,
        actor=slot.reader.user,
        idempotency_key=key or f"key-{slot.public_id}",
        replies=[Reply(letter, **answers)],
        visits=[a_visit(slot)],
    )
    return stored


def grade_pair(slot: Slot, letters: str = "BD", preference: str = "1") -> Grade:
    """Grade the two reports of a page that shows a pair."""
    stored, _ = grading.submit(
        slot=slot,
        actor=slot.reader.user,
        idempotency_key=f"key-{slot.public_id}",
        replies=[Reply(letter) for letter in letters],
        preference=preference,
        visits=[a_visit(slot)],
    )
    return stored


def grade_next(reader: Membership, letter: str) -> bool:
    """Grade a reader's next report; False where none is left."""
    slot = next_slot(reader)
    if slot is None:
        return False
    grade(slot, letter)
    return True


def practice_case(
    study: Study,
    *,
    source: str = "ground_truth",
    expected: str = "C",
    explanation: str = "The nodule is missing.",
) -> PracticeCase:
    """A practice case in a study of any state, on a radiograph of its own."""
    made, _ = Collection.objects.get_or_create(name="to-practise-on")
    number = study.practicecase_set.count() + 1
    case = Case.objects.create(
        collection=made, code=f"P{study.pk}-{number}", indication="Fever."
    )
    case.image = store_image(
        case=case,
        name=f"{case.code}.png",
        frame=keep_frame(radiograph(500 + number)),
        view=Image.View.FRONTAL,
        source_sha256=f"{500 + number:064d}",
    )
    case.save()
    store_reports(
        source=source_named(source),
        cases={case.code: case},
        uploads=[UploadedReport(case.code, text="The heart is large.")],
        actor=None,
        origin="practice.csv",
    )
    signed_off(made)
    return PracticeCase.objects.create(
        study=study,
        number=number,
        report=Report.objects.get(case=case),
        expected=expected,
        explanation=explanation,
    )


def prepare(reader: Membership, **device: int) -> None:
    """Do what a reader does before a report is opened: agree, look, practise."""
    if lacks_consent(reader):
        agree(reader=reader, version=consent_version(reader.study))
    pattern = new_pattern()
    store_check(
        reader=reader,
        session=1,
        pattern=pattern,
        answers=pattern.as_json() | {"room": True},
        device={"screen_width": 1280, "screen_height": 720, "colour_depth": 24}
        | device,
    )
    while practice := next_practice(reader):
        practise(reader=reader, practice=practice, letter="A")


def read_session(reader: Membership, letter: str = "B") -> None:
    """Grade everything that a reader can read without a break."""
    while next_step(reader).stop == Stop.READ:
        grade_next(reader, letter)


@remembered
def closed_study(code: str = "acceptability", **options: object) -> Study:
    """A study whose readers have graded everything, A B C D in turn."""
    study = open_study(code, **options)
    for reader in study.membership_set.readers():
        number = 0
        while grade_next(reader, "ABCD"[number % 4]):
            number += 1
    return close(study)


@remembered
def study_without_grades(code: str = "acceptability", **options: object) -> Study:
    """A study that was closed before anybody read."""
    return close(open_study(code, **options))


def exclusion(study: Study, **target: Any) -> Exclusion:
    """Anya has left the first reader of a closed study out, or what is named."""
    target = target or {"reader": study.membership_set.readers().first()}
    return exclude(study=study, actor=anya().user, reason="Ill that day.", **target)


def invitation(study: Study, role: str = "analyst", **who: Any) -> Invitation:
    """Cora has invited somebody to a study, whatever its state; the key is known."""
    who = {"name": "Ruth Radiologist"} | who
    return invite(study=study, actor=cora().user, role=role, **who)


def token(someone: Person, name: str = "notebook") -> ApiToken:
    """A token of somebody, made on first use: the key is known only that time."""
    found = ApiToken.objects.filter(user=someone.user, name=name).first()
    return found or create_token(
        user=someone.user, actor=someone.user, name=name, scope="all"
    )


def answered(turn: Turn, text: str) -> Turn:
    """Store an answer to a question, as a worker does."""
    claimed = leases.claim(Turn, id=turn.pk, worker="a worker")
    assert claimed is not None
    made = {
        "checkpoint": "demonstration",
        "revision": "sha256:" + "0" * 64,
        "weights_sha256": "a" * 64,
        "decoding": turn.decoding,
        "finish": "stop",
    }
    done = console.store_answer(claimed, answer=text, provenance=made)
    assert done is not None
    return done


def conversation(
    study: Study, text: str = "A nodule on the left.", *, asker: Person | None = None
) -> Conversation:
    """Cora has asked for the report on the first case, and the model has answered."""
    case = Case.objects.of_study(study).select_related("image").first()
    assert case is not None
    actor = (asker or cora()).user
    turn = console.begin(study=study, case=case, actor=actor, kind="report")
    return answered(turn, text).conversation
