"""The loaded model of a worker. torch and transformers are imported here, on first use,
so that the web process, which only sends messages, never loads them."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from inference.identity import DecodingSettings, checkpoint_revision, fingerprint
from inference.prompts import Message

if TYPE_CHECKING:
    from inference.engine import ReportEngine


@lru_cache(maxsize=1)
def _loaded(checkpoint: str, content: str, device: str) -> "ReportEngine":
    """Load a checkpoint once per process, and again when its content has changed."""
    from transformers.utils.logging import disable_progress_bar

    from inference.engine import load_engine

    disable_progress_bar()  # type: ignore[no-untyped-call]
    return load_engine(checkpoint, device=device or None)


def engine_for(
    checkpoint: str,
    promised: str,
    *,
    conversation: Sequence[Message],
    decoding: DecodingSettings,
) -> "ReportEngine":
    """Return the engine of a checkpoint, if it still makes what was promised.

    promised  the fingerprint under which the answer will be stored

    Raises ValueError where there is no such checkpoint, and where a folder no longer
    holds what it held when the work was asked for: the answer would be stored as the
    work of other weights.
    """
    device = settings.CXR_LLAVA_DEVICE
    revision = checkpoint_revision(checkpoint)
    if not Path(checkpoint).is_dir():
        return _loaded(checkpoint, "", device)
    if fingerprint(revision, conversation, decoding) != promised:
        raise ValueError(
            f"{checkpoint} no longer holds the model that this was asked of, or the "
            "prompt has changed since: ask for it again."
        )
    return _loaded(checkpoint, revision, device)
