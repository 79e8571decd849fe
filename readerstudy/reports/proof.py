"""What is known of whether the arms of a study look at the image."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError

from inference.texts import TextCheck, check_texts
from inference.verdict import Round, Verdict
from readerstudy.reports.models import (
    Job,
    Overruling,
    Report,
    ReportQuerySet,
    SelfTest,
    SelfTestResult,
    Source,
)
from readerstudy.reports.services import configured_making, kind_of
from readerstudy.studies.models import Arm, Study


@dataclass(frozen=True)
class Making:
    """One way in which the model's reports of an arm were made, and its proof.

    result      of the newest test; None before the first
    asked       the test asked for last, whatever became of it
    overruling  why the study uses the source though it ignores the pixels
    """

    checkpoint: str
    fingerprint: str
    result: SelfTestResult | None
    asked: SelfTest | None
    overruling: Overruling | None

    @property
    def is_under_test(self) -> bool:
        return self.asked is not None and self.asked.status in SelfTest.UNFINISHED

    @property
    def failure(self) -> str:
        """Why the last test came to no result; empty where it did or is under way."""
        failed = self.asked is not None and self.asked.status == SelfTest.Status.FAILED
        return self.asked.failure if self.asked and failed else ""

    @property
    def looks(self) -> bool:
        return self.result is not None and self.result.verdict == Verdict.LOOKS

    @property
    def ignores(self) -> bool:
        return self.result is not None and self.result.verdict == Verdict.IGNORES

    def rounds(self) -> Iterator[dict[str, Any]]:
        """The rounds of the result in words, with figures and the first case's text."""
        if self.result is None:
            return
        outcome = self.result.outcome
        for round_ in Round:
            yield {
                "words": round_.words,
                "identical": outcome["figures"]["identical"].get(round_),
                "likeness": outcome["figures"]["likeness"].get(round_),
                "text": outcome["texts"][round_][0],
            }


@dataclass(frozen=True)
class ArmProof:
    """An arm's makings by a model, and the check of texts that no model here wrote."""

    arm: Arm
    makings: tuple[Making, ...]
    texts: TextCheck | None


def proofs_of(study: Study) -> list[ArmProof]:
    """What is known of each arm; a handful of queries an arm."""
    return [_proof_of(study, arm) for arm in study.arm_set.all()]


def is_under_test(study: Study) -> bool:
    """Whether a self-test of an arm's source waits or is under way; one query."""
    sources = study.arm_set.values("source")
    return SelfTest.objects.unfinished().filter(source__name__in=sources).exists()


def makings_of(study: Study, arm: Arm) -> list[tuple[str, str]]:
    """Checkpoint and fingerprint of what the model wrote, or would write, for an arm.

    Empty where its reports are imported.
    """
    reports = _reports(study, arm)
    jobs = Job.objects.filter(report__in=reports).order_by("id")
    pairs = jobs.values_list("fingerprint", "checkpoint")
    found = dict(pairs)
    if not found and kind_of(arm.source).is_written:
        found = {} if reports.exists() else _configured(arm.source)
    return [(checkpoint, fingerprint) for fingerprint, checkpoint in found.items()]


def _configured(source: str) -> dict[str, str]:
    own = Source.objects.filter(name=source).first()
    try:
        checkpoint, fingerprint = configured_making(own)
    except ValidationError:
        return {}
    return {fingerprint: checkpoint}


def _reports(study: Study, arm: Arm) -> ReportQuerySet:
    return Report.objects.current().filter(
        source__name=arm.source, case__studycase__case_set__study=study
    )


def _proof_of(study: Study, arm: Arm) -> ArmProof:
    source = Source.objects.filter(name=arm.source).first()
    makings = [_making(study, source, *pair) for pair in makings_of(study, arm)]
    imported = _reports(study, arm).filter(job=None)
    texts = [each.whole_text for each in imported]
    return ArmProof(arm, tuple(makings), check_texts(texts) if texts else None)


def _making(
    study: Study, source: Source | None, checkpoint: str, fingerprint: str
) -> Making:
    if source is None:
        return Making(checkpoint, fingerprint, None, None, None)
    result = SelfTestResult.objects.newest(source, fingerprint)
    return Making(
        checkpoint,
        fingerprint,
        result,
        SelfTest.objects.latest_of(source, fingerprint),
        Overruling.objects.filter(study=study, result=result)
        .select_related("author")
        .first()
        if result
        else None,
    )
