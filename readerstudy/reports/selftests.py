"""Writes on self-tests: ask for one, store what it said, overrule it with a reason."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from inference.selftest import IMAGES
from inference.selftest import SelfTest as Outcome
from inference.verdict import Verdict
from readerstudy.accounts.models import User
from readerstudy.audit.rows import as_stored
from readerstudy.audit.services import SITE, record
from readerstudy.cases.models import Case
from readerstudy.reports.models import Overruling, SelfTest, SelfTestResult, Source
from readerstudy.reports.proof import makings_of, proofs_of
from readerstudy.reports.services import configured_making, source_named
from readerstudy.reports.sources import sending
from readerstudy.studies.models import Arm, Study
from readerstudy.work import leases


@transaction.atomic
def ask(
    *,
    source: Source,
    actor: User | None,
    cases: Sequence[Case] = (),
    images: int = IMAGES,
    making: tuple[str, str] | None = None,
    stream: str = SITE,
) -> SelfTest:
    """Queue a self-test; where one is waiting or under way, return that one.

    cases   whose radiographs are asked about; without any, drawn phantoms
    images  how many of them at the most
    making  checkpoint and fingerprint; the configured ones where none are named
    """
    if not source.is_written:
        raise ValidationError(
            f"Reports of {source.name} are imported: there is no model to test here."
        )
    if images < 2:
        raise ValidationError(
            "A self-test exchanges images: let it have two at the least."
        )
    checkpoint, fingerprint = making or configured_making(source)
    chosen = _mixed(cases)[:images]
    if cases and len(chosen) < 2:
        raise ValidationError(
            "A self-test exchanges images: it needs two cases with one at the least."
        )
    if chosen:
        ids = [each.pk for each in chosen]
        sending.require(source=source, cases=Case.objects.filter(pk__in=ids))
    # Locked, so that two who ask at the same time ask for one test.
    Source.objects.select_for_update().get(pk=source.pk)
    made = SelfTest.objects.filter(source=source, fingerprint=fingerprint)
    there = made.unfinished().first()
    if there is not None:
        return there
    test = SelfTest.objects.create(
        source=source,
        fingerprint=fingerprint,
        checkpoint=checkpoint,
        cases=[case.pk for case in chosen],
        images=len(chosen) or images,
        stream=stream,
        asked_by=actor,
    )
    record(
        actor=actor,
        verb="selftest.asked",
        stream=stream,
        subject=source.name,
        detail={"fingerprint": fingerprint, "images": test.images},
    )
    leases.ring_on_commit(SelfTest.objects.filter(pk=test.pk))
    return test


def _mixed(cases: Sequence[Case]) -> list[Case]:
    """Cases of every stratum in turn: reports on them should differ."""
    strata: dict[str, list[Case]] = {}
    for case in cases:
        if case.image_id is not None:
            strata.setdefault(case.stratum, []).append(case)
    rows = zip_longest(*(strata[name] for name in sorted(strata)))
    return [case for row in rows for case in row if case is not None]


def ask_for_arm(*, arm: Arm, actor: User, images: int = IMAGES) -> list[SelfTest]:
    """Queue a self-test, on the study's own cases, of every making of an arm."""
    makings = makings_of(arm.study, arm)
    if not makings:
        raise ValidationError(
            f"{arm.label}: its reports are imported, so there is no model to test here."
        )
    cases = list(Case.objects.of_study(arm.study))
    return [
        ask(
            source=source_named(arm.source),
            actor=actor,
            cases=cases,
            images=images,
            making=making,
            stream=arm.study.code,
        )
        for making in makings
    ]


@transaction.atomic
def finish(
    claimed: leases.Claim, *, outcome: Outcome, provenance: dict[str, Any]
) -> SelfTestResult | None:
    """Store the result and end the test, if the claim still holds; else nothing."""
    test = leases.held(claimed).select_for_update().first()
    if test is None:
        return None
    result = SelfTestResult.objects.create(
        source_id=test.source_id,
        fingerprint=test.fingerprint,
        verdict=str(outcome.verdict),
        sentence=outcome.sentence,
        outcome=outcome.as_dict(),
        provenance=provenance,
    )
    test.result = result
    leases.finish(test)
    test.save()
    record(
        actor=test.asked_by,
        verb="selftest.finished",
        stream=test.stream,
        subject=test.source.name,
        detail={
            "fingerprint": test.fingerprint,
            "verdict": result.verdict,
            "images": result.images,
        },
        rows=[as_stored(result)],
    )
    return result


@transaction.atomic
def overrule(*, arm: Arm, actor: User, result: int, reason: str) -> Overruling:
    """Let a study use a source that ignores the pixels, for a reason that stays.

    result  the id of the result that was on the page; it must still be the newest
    """
    study = Study.objects.select_for_update().get(pk=arm.study_id)
    if not study.is_draft:
        raise ValidationError("The study is frozen: its reports are fixed.")
    if not reason.strip():
        raise ValidationError("Say why the study uses a source that does not look.")
    for proof in proofs_of(study):
        for making in proof.makings:
            found = making.result
            if proof.arm.pk == arm.pk and found is not None and found.pk == result:
                return _overruled(study, actor, arm, found, reason.strip())
    raise ValidationError(
        "There is a newer result by now: look at it before you overrule it."
    )


def _overruled(
    study: Study, actor: User, arm: Arm, result: SelfTestResult, reason: str
) -> Overruling:
    if result.verdict != Verdict.IGNORES:
        raise ValidationError("This result stands in nobody's way.")
    if Overruling.objects.filter(study=study, result=result).exists():
        raise ValidationError("This result was overruled before.")
    overruling = Overruling.objects.create(
        study=study, result=result, reason=reason, author=actor
    )
    record(
        actor=actor,
        verb="selftest.overruled",
        stream=study.code,
        subject=arm.source,
        detail={
            "fingerprint": result.fingerprint,
            "sentence": result.sentence,
            "reason": reason,
        },
        rows=[overruling],
    )
    return overruling
