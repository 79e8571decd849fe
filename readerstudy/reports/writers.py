"""The writer of a source: what it would make, and itself in a worker.

torch and transformers are imported on first use, so that the web process, which only
asks for fingerprints, never loads them.
"""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings

from inference.endpoint import Endpoint
from inference.identity import DecodingSettings
from inference.prompts import report_conversation
from inference.writers.command import CommandMaking, CommandWriter
from inference.writers.cxr_llava import CxrLlavaWriter
from inference.writers.endpoint import EndpointMaking, EndpointWriter
from inference.writers.image_text import ImageTextMaking
from inference.writers.writing import ReportWriter
from readerstudy.reports.engines import engine_for
from readerstudy.reports.models import Source
from readerstudy.reports.sources.allowed import AllowedEndpoint

if TYPE_CHECKING:
    from inference.writers.image_text import ImageTextWriter

Making = EndpointMaking | ImageTextMaking | CommandMaking
# A command loads its model anew for each batch: let that be worth it.
COMMAND_BATCH = 32


def making_of(source: Source) -> Making:
    """What a source other than CXR-LLaVA makes its reports of.

    Raises ValueError, in a sentence, where the site's settings no longer allow it.
    """
    made: dict[str, Any] = dict(source.making)
    if source.kind == Source.Kind.ENDPOINT:
        _allowed_endpoint(source)
        del made["endpoint"]
        return EndpointMaking(address=source.address, model=source.checkpoint, **made)
    if source.kind == Source.Kind.TRANSFORMERS:
        if source.checkpoint not in settings.REPORT_MODELS:
            raise ValueError(
                f"The site's settings (REPORT_MODELS) do not name {source.checkpoint}."
            )
        return ImageTextMaking(checkpoint=source.checkpoint, **made)
    if source.kind == Source.Kind.COMMAND:
        words = settings.REPORT_COMMANDS.get(source.checkpoint)
        if words is None:
            raise ValueError(
                "The site's settings (REPORT_COMMANDS) name no command "
                f"{source.checkpoint}."
            )
        made.pop("batch", None)
        return CommandMaking(name=source.checkpoint, words=tuple(words), **made)
    raise ValueError(f"Reports of {source.name} are written by no model here.")


def _allowed_endpoint(source: Source) -> AllowedEndpoint:
    """The endpoint of a source, if the settings still name it at the same address."""
    name = source.making["endpoint"]
    allowed = settings.REPORT_ENDPOINTS.get(name)
    if not isinstance(allowed, AllowedEndpoint) or allowed.url != source.address:
        raise ValueError(
            f"The site's settings (REPORT_ENDPOINTS) name no endpoint {name} at "
            f"{source.address}."
        )
    return allowed


def most_at_once(source: Source) -> int:
    """How many reports of a source a worker takes at the most."""
    if source.kind == Source.Kind.COMMAND:
        return int(source.making.get("batch", COMMAND_BATCH))
    return int(settings.CXR_LLAVA_BATCH)


def writer_for(
    source: Source, checkpoint: str, promised: str, *, batch: int
) -> ReportWriter:
    """Return the writer of a source, if it still makes what was promised.

    checkpoint  the one that the work was asked of
    promised    the fingerprint under which the reports will be stored

    Raises ValueError, in a sentence, where it does not.
    """
    if source.kind == Source.Kind.CXR_LLAVA:
        decoding = DecodingSettings()
        engine = engine_for(
            checkpoint,
            promised,
            conversation=report_conversation(),
            decoding=decoding,
        )
        return CxrLlavaWriter(engine, settings=decoding, batch=batch)
    made = making_of(source)
    if made.fingerprint != promised:
        raise ValueError(
            f"{source.name} is no longer what this was asked of: its files or its "
            "command line have changed since. Ask for it again."
        )
    if isinstance(made, EndpointMaking):
        return EndpointWriter(made, _endpoint(source))
    if isinstance(made, CommandMaking):
        return CommandWriter(made)
    return _loaded(made, promised, settings.CXR_LLAVA_DEVICE)


def _endpoint(source: Source) -> Endpoint:
    """A connection with its key, which is read here and kept nowhere."""
    allowed = _allowed_endpoint(source)
    return Endpoint(
        base_url=source.address,
        model=source.checkpoint,
        key=allowed.key(),
        key_place=allowed.key_place,
        timeout=settings.REPORT_ENDPOINT_SECONDS,
        wait=settings.REPORT_ENDPOINT_WAIT,
    )


@lru_cache(maxsize=1)
def _loaded(making: ImageTextMaking, promised: str, device: str) -> "ImageTextWriter":
    """Load a model once per process, and again when its content has changed."""
    from transformers.utils.logging import disable_progress_bar

    from inference.writers.image_text import load_writer

    disable_progress_bar()  # type: ignore[no-untyped-call]
    return load_writer(making, device=device or None)
