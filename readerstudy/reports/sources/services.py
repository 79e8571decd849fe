"""Writes on sources: one more of them, of each kind that this site has written."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from readerstudy.accounts.models import User
from readerstudy.audit.services import record
from readerstudy.reports.models import Source
from readerstudy.reports.services import configured_making, source_to_be


@transaction.atomic
def add_model(*, name: str, checkpoint: str, actor: User | None) -> Source:
    """Make a source whose reports a checkpoint of CXR-LLaVA writes on this site.

    checkpoint  a folder on the server, or a hub id: owner/name or owner/name@revision

    A folder is read and must hold a checkpoint; a hub id is only looked at, as the web
    process fetches nothing. A source keeps its checkpoint: other weights are another
    source.
    """
    source = _new(name, Source.Kind.CXR_LLAVA)
    source.checkpoint = checkpoint.strip()
    if not source.checkpoint:
        raise ValidationError({"checkpoint": "Name a checkpoint."})
    return _stored(source, actor, blame="checkpoint")


@transaction.atomic
def add_endpoint(
    *,
    name: str,
    endpoint: str,
    model: str,
    actor: User | None,
    price_in: Decimal | None = None,
    price_out: Decimal | None = None,
    currency: str = "",
    **making: Any,
) -> Source:
    """Make a source whose reports an endpoint writes that the settings name.

    making  the fields of EndpointMaking besides address and model; those left out keep
            their defaults

    Nothing is sent before somebody confirms that a collection's radiographs may be.
    """
    source = _new(name, Source.Kind.ENDPOINT)
    allowed = settings.REPORT_ENDPOINTS.get(endpoint)
    if allowed is None:
        raise ValidationError(
            {"endpoint": f"The site's settings name no endpoint {endpoint}."}
        )
    if not str(making.get("prompt", "x")).strip():
        raise ValidationError({"prompt": "Say what is asked."})
    source.address, source.checkpoint = allowed.url, model.strip()
    _price(source, price_in, price_out, currency)
    source.making = {"endpoint": endpoint, **making}
    return _stored(source, actor, blame="endpoint")


@transaction.atomic
def set_prices(
    *,
    source: Source,
    price_in: Decimal | None,
    price_out: Decimal | None,
    currency: str,
    actor: User,
) -> Source:
    """Let answers from now on count at these prices; None and "" where none is known.

    What was counted before keeps what it cost then. Prices change no text, so they are
    all of a source that can be altered.
    """
    source = Source.objects.select_for_update().get(pk=source.pk)
    if not source.sends_images_away:
        raise ValidationError(f"Nobody charges for what {source.name} writes.")
    before = _priced(source)
    _price(source, price_in, price_out, currency)
    if _priced(source) == before:
        raise ValidationError("These are its prices already.")
    source.full_clean()
    source.save(update_fields=["price_in", "price_out", "currency"])
    record(
        actor=actor,
        verb="reports.prices_set",
        subject=source.name,
        detail={"before": before, "after": _priced(source)},
    )
    return source


def _price(
    source: Source,
    price_in: Decimal | None,
    price_out: Decimal | None,
    currency: str,
) -> None:
    """Put prices of 1,000 tokens into a source: two with their currency, or none."""
    prices = (price_in, price_out)
    if (None in prices) != (prices == (None, None)) or (
        (price_in is None) != (not currency.strip())
    ):
        raise ValidationError(
            {"currency": "Give both prices and their currency, or none of the three."}
        )
    source.price_in, source.price_out = prices
    source.currency = currency.strip().upper()


def _priced(source: Source) -> dict[str, str]:
    """The prices of a source as the record of the site keeps them."""
    return {
        "in": plain_price(source.price_in),
        "out": plain_price(source.price_out),
        "currency": source.currency,
    }


def plain_price(price: Decimal | None) -> str:
    """A price without the zeros that a column adds; empty where there is none."""
    return f"{price.normalize():f}" if price is not None else ""


@transaction.atomic
def add_image_text(
    *, name: str, checkpoint: str, actor: User | None, **making: Any
) -> Source:
    """Make a source whose reports a model of transformers writes on this site.

    making  the fields of ImageTextMaking besides the checkpoint
    """
    source = _new(name, Source.Kind.TRANSFORMERS)
    source.checkpoint, source.making = checkpoint, making
    return _stored(source, actor, blame="checkpoint")


@transaction.atomic
def add_command(
    *, name: str, command: str, actor: User | None, **making: Any
) -> Source:
    """Make a source whose reports a command writes that the settings name.

    making  version, seconds and largest_side of CommandMaking, and the batch: how many
            radiographs one run gets
    """
    source = _new(name, Source.Kind.COMMAND)
    source.checkpoint, source.making = command, making
    return _stored(source, actor, blame="command")


def _new(name: str, kind: Source.Kind) -> Source:
    """A source of that name and kind, not stored; ValidationError where it can't be."""
    try:
        source = source_to_be(name.strip())
    except ValidationError as problem:
        raise ValidationError({"name": problem.messages}) from problem
    if source.kind != Source.Kind.UPLOADED:
        raise ValidationError({"name": f"{name} is a reserved name. Choose another."})
    if Source.objects.filter(name=source.name).exists():
        raise ValidationError({"name": f"There is a source {name} already."})
    source.kind = kind
    return source


def _stored(source: Source, actor: User | None, *, blame: str) -> Source:
    """Store a source that can write; `blame` names the field of what it lacks."""
    try:
        source.full_clean()
        _, fingerprint = configured_making(source)
    except ValidationError as problem:
        raise ValidationError({blame: problem.messages}) from problem
    source.save()
    record(
        actor=actor,
        verb="reports.source_added",
        subject=source.name,
        detail={
            "kind": source.kind,
            "checkpoint": source.checkpoint,
            "fingerprint": fingerprint,
        }
        | ({"address": source.address} if source.address else {}),
    )
    return source
