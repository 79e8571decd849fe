"""A conversation as a file: the case panel as SVG, PNG or PDF, or its words as JSON."""

import json
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify

from inference.panel import (
    KINDS,
    Panel,
    Passage,
    exchanges_of,
    missing_sentence,
    render,
)
from readerstudy.accounts.models import User
from readerstudy.audit.services import record
from readerstudy.cases.models import Case
from readerstudy.cases.services import RadiographLost, rendered_image
from readerstudy.reports.console.models import Conversation, Turn
from readerstudy.reports.models import Report, Source


@dataclass(frozen=True)
class Exported:
    """A file to be downloaded; `caution` says what it could not show."""

    content: bytes
    content_type: str
    name: str
    caution: str = ""


def ground_truth(case: Case) -> list[Passage]:
    """The reference report of a case, section by section; empty where it has none."""
    report = (
        Report.objects.current()
        .filter(case=case, source__kind=Source.Kind.GROUND_TRUTH)
        .order_by("-id")
        .first()
    )
    if report is None:
        return []
    sections = [
        Passage("Findings", report.findings),
        Passage("Impression", report.impression),
        Passage("", report.text),
    ]
    return [section for section in sections if section.text]


@transaction.atomic
def export(
    *, conversation: Conversation, actor: User, kind: str, with_truth: bool
) -> Exported:
    """Export what has been answered so far, and leave an event of it."""
    answered = list(conversation.turns.answered())
    if not answered:
        raise ValidationError("There is no answer yet that could be exported.")
    messages = _messages(answered)
    truth = ground_truth(conversation.case) if with_truth else []
    name = f"{conversation.study.code}-{slugify(conversation.case.code) or 'case'}"
    name += f"-conversation-{conversation.pk}.{kind}"
    if kind == "json":
        saved = {
            "case": conversation.case.code,
            "messages": messages,
            "ground_truth": [[part.heading, part.text] for part in truth],
            "provenance": answered[-1].provenance,
        }
        content = json.dumps(saved, ensure_ascii=False, indent=1).encode()
        exported = Exported(content, "application/json", name)
    else:
        exported = _drawn(conversation, messages, truth, answered[-1], kind, name)
    record(
        actor=actor,
        verb="console.exported",
        stream=conversation.study.code,
        subject=conversation.case.code,
        detail={
            "conversation": conversation.pk,
            "questions": len(answered),
            "kind": kind,
            "ground_truth": bool(truth),
        },
    )
    return exported


def _messages(answered: list[Turn]) -> list[dict[str, Any]]:
    """Every question with its answer; one that was put anew carries the image mark."""
    messages = [one for one in answered[0].prompt if one["role"] == "system"]
    for turn in answered:
        answer = {"role": "assistant", "content": turn.answer}
        messages += [turn.prompt[-1], answer]
    return messages


def _drawn(
    conversation: Conversation,
    messages: list[dict[str, Any]],
    truth: list[Passage],
    last: Turn,
    kind: str,
    name: str,
) -> Exported:
    try:
        image, _ = rendered_image(conversation.image)
    except RadiographLost as problem:
        raise ValidationError(str(problem)) from problem
    panel = Panel(
        image,
        exchanges_of(messages),
        truth,
        conversation.case.code,
        last.provenance,
    )
    for known, content_type in KINDS.items():
        if known == kind:
            content, missing = render(panel, known)
            caution = missing_sentence(missing, known) if missing else ""
            return Exported(content, content_type, name, caution)
    raise ValidationError(f"A panel is exported as SVG, PNG or PDF, not as {kind}.")
