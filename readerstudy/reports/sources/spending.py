"""What endpoints have answered, refused and cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from inference.writers.writing import Answer
from readerstudy.cases.models import Case
from readerstudy.reports.models import EndpointAnswer, Source
from readerstudy.reports.sources.models import EndpointAnswerQuerySet
from readerstudy.work.worker import storable

SAID = 300


def cost_of(source: Source, tokens_in: int, tokens_out: int) -> Decimal | None:
    """What so many tokens cost at the source's price; None where it has none."""
    if source.price_in is None or source.price_out is None:
        return None
    return (tokens_in * source.price_in + tokens_out * source.price_out) / 1000


def note(
    *,
    source: Source,
    fingerprint: str,
    answers: Sequence[Answer],
    case: Case | None,
    is_a_test: bool = False,
) -> None:
    """Keep what came back, also where the claim is lost by now: it was paid for."""
    EndpointAnswer.objects.bulk_create(
        EndpointAnswer(
            source=source,
            case=case,
            fingerprint=fingerprint,
            is_a_test=is_a_test,
            is_refusal=answer.is_refusal,
            said=storable(answer.said)[:SAID],
            tokens_in=answer.tokens_in,
            tokens_out=answer.tokens_out,
            cost=cost_of(source, answer.tokens_in, answer.tokens_out),
            currency=source.currency,
        )
        for answer in answers
    )


def making_of_cost(source: Source, answers: Sequence[Answer]) -> dict[str, Any]:
    """What a report says of its own cost, refusals on the way to it included."""
    if not answers:
        return {}
    tokens_in = sum(answer.tokens_in for answer in answers)
    tokens_out = sum(answer.tokens_out for answer in answers)
    cost = cost_of(source, tokens_in, tokens_out)
    charged: dict[str, Any] = {"tokens_in": tokens_in, "tokens_out": tokens_out}
    if cost is not None:
        charged |= {"cost": f"{cost.normalize():f}", "currency": source.currency}
    return {"charged": charged}


@dataclass(frozen=True)
class Spent:
    """What one source has brought and cost, perhaps over one collection alone.

    collection  empty for drawn phantoms
    cost        None where no price was known
    """

    source: str
    collection: str
    answers: int
    refusals: int
    tokens_in: int
    tokens_out: int
    cost: Decimal | None
    currency: str


def spent(answers: EndpointAnswerQuerySet) -> list[Spent]:
    """Add answers up by source, collection and currency; one query."""
    rows = answers.spent("source__name", "case__collection__name")
    return [
        Spent(
            source=row["source__name"],
            collection=row["case__collection__name"] or "",
            answers=row["answers"],
            refusals=row["refusals"],
            tokens_in=row["tokens_in"],
            tokens_out=row["tokens_out"],
            cost=row["cost"],
            currency=row["currency"],
        )
        for row in rows
    ]


def spent_on(source: Source) -> list[Spent]:
    """By collection what a source has cost."""
    return spent(EndpointAnswer.objects.filter(source=source))
