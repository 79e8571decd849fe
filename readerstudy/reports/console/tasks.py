"""What the worker does for the console: one answer at a time, before more reports."""

from typing import Any

from celery import shared_task

from inference.identity import DecodingSettings
from readerstudy.cases.services import rendered_image
from readerstudy.reports.console.models import Turn
from readerstudy.reports.console.services import store_answer
from readerstudy.reports.engines import engine_for
from readerstudy.work import leases
from readerstudy.work.worker import carry_out, patiently, storable


@shared_task(name=Turn.bell)
def answer(turn_id: int) -> None:
    """Let the model answer one question of a conversation, if it is free."""
    carry_out(Turn, turn_id, _answer)


def _answer(claimed: leases.Claim) -> None:
    text, provenance = _answered(claimed.id)
    patiently(lambda: store_answer(claimed, answer=text, provenance=provenance))


def _answered(turn_id: int) -> tuple[str, dict[str, Any]]:
    rows = Turn.objects.select_related("conversation__image__case")
    turn = patiently(lambda: rows.get(pk=turn_id))
    decoding = DecodingSettings()
    image, rendering = patiently(lambda: rendered_image(turn.conversation.image))
    engine = engine_for(
        turn.conversation.checkpoint,
        turn.fingerprint,
        conversation=turn.prompt,
        decoding=decoding,
    )
    said = engine.answer([image], [turn.prompt], settings=decoding)[0]
    made = engine.provenance(settings=decoding, conversation=turn.prompt)
    del made["prompt"]  # the turn has it
    provenance = made | {
        "rendering": rendering,
        "prompt_tokens": said.prompt_tokens,
        "new_tokens": said.new_tokens,
        "finish": said.finish,
        "seconds": round(said.seconds, 3),
    }
    return storable(said.text), provenance
