"""Writes on conversations: begin one, ask on, try again, store the worker's answer."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from inference.identity import DecodingSettings, checkpoint_revision, fingerprint
from inference.prompts import (
    DIFFERENTIAL_QUESTION,
    FURTHER_STUDY_QUESTION,
    IMAGE_MARK,
    LABEL_QUESTION,
    REPORT_QUESTION,
    ask_conversation,
    follow_up,
)
from readerstudy.accounts.models import User
from readerstudy.audit.services import record
from readerstudy.cases.models import Case
from readerstudy.reports.console.models import LONGEST_QUESTION, Conversation, Turn
from readerstudy.studies.models import Study
from readerstudy.studies.protocol import sha256_of
from readerstudy.work import leases

QUESTIONS = {
    Turn.Kind.REPORT: REPORT_QUESTION,
    Turn.Kind.DIFFERENTIAL: DIFFERENTIAL_QUESTION,
    Turn.Kind.FURTHER_STUDY: FURTHER_STUDY_QUESTION,
    Turn.Kind.LABELS: LABEL_QUESTION,
}


@transaction.atomic
def begin(
    *, study: Study, case: Case, actor: User, kind: str, question: str = ""
) -> Turn:
    """Begin a conversation about a case's radiograph with its first question."""
    if case.image is None:
        raise ValidationError(
            f"{case.code} has no image chosen. Choose it under Case collections."
        )
    checkpoint = str(settings.CXR_LLAVA_CHECKPOINT)
    conversation = Conversation.objects.create(
        study=study,
        case=case,
        image=case.image,
        checkpoint=checkpoint,
        revision=_revision(checkpoint),
        started_by=actor,
    )
    return ask(conversation=conversation, actor=actor, kind=kind, question=question)


@transaction.atomic
def ask(
    *, conversation: Conversation, actor: User, kind: str, question: str = ""
) -> Turn:
    """Ask the next question; `question` counts for a question of one's own only.

    The radiograph is in the first question alone. Questions that failed are no part of
    what the model gets to read. Labels are asked for by themselves, with the
    radiograph, as in Figure 2b of the paper; what follows does not build on them.
    """
    text = _question(Turn.Kind(kind), question)
    locked = Conversation.objects.select_for_update().get(pk=conversation.pk)
    _refuse_another_model(locked)
    if locked.turns.unfinished().exists():
        raise ValidationError(
            "The model is still at the question before. Ask again once it has answered."
        )
    prompt = ask_conversation(text)
    before = locked.turns.answered().exclude(kind=Turn.Kind.LABELS).last()
    if before is not None and kind != Turn.Kind.LABELS:
        prompt = follow_up(before.prompt, before.answer or "", text)
    decoding = DecodingSettings()
    turn = Turn.objects.create(
        conversation=locked,
        number=locked.turns.count() + 1,
        kind=kind,
        question=text,
        prompt=prompt,
        decoding=decoding.canonical(),
        fingerprint=fingerprint(locked.revision, prompt, decoding),
        asked_by=actor,
    )
    _note("console.asked", turn, actor, kind=kind)
    leases.ring_on_commit(Turn.objects.filter(pk=turn.pk))
    return turn


def _question(kind: Turn.Kind, question: str) -> str:
    """The words that go to the model, or a refusal of those that can't."""
    if kind != Turn.Kind.FREE:
        return QUESTIONS[kind]
    text = question.strip()
    if not text:
        raise ValidationError({"question": "Write a question first."})
    if len(text) > LONGEST_QUESTION:
        raise ValidationError(
            {
                "question": f"The question has {len(text)} characters; at most "
                f"{LONGEST_QUESTION} are taken. Shorten it."
            }
        )
    if IMAGE_MARK in text:
        raise ValidationError(
            {
                "question": f"Leave {IMAGE_MARK} out: the model sees the radiograph "
                "already."
            }
        )
    return text


def _revision(checkpoint: str) -> str:
    try:
        return checkpoint_revision(checkpoint)
    except ValueError as problem:
        raise ValidationError(f"CXR_LLAVA_CHECKPOINT: {problem}") from problem


def _refuse_another_model(conversation: Conversation) -> None:
    """One conversation is with one model."""
    checkpoint = str(settings.CXR_LLAVA_CHECKPOINT)
    is_same = conversation.checkpoint == checkpoint
    # What a hub id stands for is known to the worker alone.
    if is_same and Path(checkpoint).is_dir():
        is_same = conversation.revision == _revision(checkpoint)
    if not is_same:
        raise ValidationError(
            "This site has another model than when the conversation began. Begin a new "
            "conversation."
        )


@transaction.atomic
def retry(*, turn: Turn, actor: User) -> Turn:
    """Put a conversation's last question, which failed, before the worker again."""
    locked = Turn.objects.select_for_update().get(pk=turn.pk)
    later = Turn.objects.filter(conversation=locked.conversation_id)
    if locked.status != Turn.Status.FAILED:
        raise ValidationError("This question has not failed.")
    if later.filter(number__gt=locked.number).exists():
        raise ValidationError("The conversation went on without it. Ask it anew.")
    leases.start_anew(locked)
    locked.save()
    _note("console.retried", locked, actor)
    leases.ring_on_commit(Turn.objects.filter(pk=locked.pk))
    return locked


@transaction.atomic
def store_answer(
    claimed: leases.Claim, *, answer: str, provenance: dict[str, Any]
) -> Turn | None:
    """Store an answer, if the claim still holds; else store nothing."""
    turn: Turn | None = leases.held(claimed).select_for_update().first()
    if turn is None:
        return None
    turn.answer = answer
    turn.provenance = provenance
    leases.finish(turn)
    turn.save()
    _note("console.answered", turn, None, sha256=sha256_of(answer))
    return turn


def _note(verb: str, turn: Turn, actor: User | None, **more: str) -> None:
    """Leave an event; what was said stays out of it, as analysts read the events."""
    conversation = turn.conversation
    record(
        actor=actor,
        verb=verb,
        stream=conversation.study.code,
        subject=conversation.case.code,
        detail={"conversation": conversation.pk, "question": turn.number, **more},
    )
