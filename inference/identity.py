"""What a report depends on, named without loading a model.

A report is a function of the image, the checkpoint, the prompt and the decoding
settings. Their fingerprint decides whether a report exists already. Nothing here
imports torch, so a web process can compute it.
"""

import hashlib
import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

GREEDY_BELOW = 0.001
"""At this temperature or less the reference takes the likeliest token."""

_READ_BLOCK = 1 << 20
_known_digests: dict[tuple[str, int, int], str] = {}


@dataclass(frozen=True)
class DecodingSettings:
    """How an answer is chosen among tokens.

    The default is greedy, so that a report can be made again; the released model's own
    helpers sample at temperature 0.2. `seed` matters where sampling does.
    """

    temperature: float = 0.0
    top_p: float = 0.8
    top_k: int = 50
    max_new_tokens: int = 512
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse with ValueError what no decoding can follow."""
        if not 0 <= self.temperature < math.inf:
            raise ValueError("The temperature must be 0 (greedy) or a number above.")
        if not 0 < self.top_p <= 1:
            raise ValueError("top_p must be above 0 and at most 1.")
        if self.top_k < 1 or self.max_new_tokens < 1:
            raise ValueError("top_k and max_new_tokens must be 1 or more.")

    @property
    def samples(self) -> bool:
        """Return whether chance takes part."""
        return self.temperature > GREEDY_BELOW

    def canonical(self) -> dict[str, float | int | bool]:
        """Return only what changes the outcome: greedy decoding reads two fields."""
        if not self.samples:
            return {"do_sample": False, "max_new_tokens": self.max_new_tokens}
        return {"do_sample": True, **asdict(self)}


WRITING_ENDINGS = (".safetensors", ".json", ".model", ".jinja", ".txt")
"""Files of other models that change what they write: chat templates, merges besides."""


def checkpoint_revision(
    checkpoint: str | Path, *, endings: Sequence[str] | None = None
) -> str:
    """Return what identifies a checkpoint's content.

    For a folder: the SHA-256 over its file names and contents. For a hub id
    `owner/name` or `owner/name@revision`: the id with the revision given, else with the
    commit in the local cache, else with `main`. Raises ValueError for neither.
    """
    folder = Path(checkpoint)
    if folder.is_dir():
        return "sha256:" + folder_sha256(folder, endings=endings)
    identifier, revision = split_hub_id(str(checkpoint))
    if revision is None:
        revision = _cached_commit(identifier) or "main"
    return f"{identifier}@{revision}"


def fingerprint(
    revision: str,
    prompt: str | Sequence[Mapping[str, Any]],
    settings: DecodingSettings,
) -> str:
    """Return the SHA-256 that names (checkpoint, prompt, settings), 64 hex digits."""
    return canonical_sha256(
        {
            "checkpoint": revision,
            "prompt": prompt if isinstance(prompt, str) else list(prompt),
            "settings": settings.canonical(),
        }
    )


def canonical_sha256(content: Any) -> str:
    """Return the SHA-256 of canonical JSON: sorted keys, no spaces, UTF-8."""
    text = json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return hashlib.sha256(text.encode()).hexdigest()


def folder_sha256(
    folder: Path, *, weights_only: bool = False, endings: Sequence[str] | None = None
) -> str:
    """Return the SHA-256 over names and contents of a checkpoint's files.

    Only files that change the output count: weights, JSON settings and the tokenizer,
    or what ends on `endings`.
    Raises ValueError where there are no weights.
    """
    if weights_only:
        endings = (".safetensors",)
    wanted = tuple(endings or (".safetensors", ".json", ".model"))
    files = sorted(path for path in folder.iterdir() if path.name.endswith(wanted))
    if not any(path.suffix == ".safetensors" for path in files):
        raise ValueError(f"{folder} holds no checkpoint: it has no safetensors files.")
    return canonical_sha256({path.name: file_sha256(path) for path in files})


def file_sha256(path: Path) -> str:
    """Return a file's SHA-256, remembered while its size and time stay the same."""
    state = path.stat()
    key = (str(path.resolve()), state.st_size, state.st_mtime_ns)
    if key not in _known_digests:
        digest = hashlib.sha256()
        with path.open("rb") as stream:
            while block := stream.read(_READ_BLOCK):
                digest.update(block)
        _known_digests[key] = digest.hexdigest()
    return _known_digests[key]


def split_hub_id(checkpoint: str) -> tuple[str, str | None]:
    """Return owner/name and the revision after `@`, if any.

    Raises ValueError where the text can be no hub id: then it was meant as a folder.
    """
    identifier, _, revision = checkpoint.partition("@")
    parts = identifier.split("/")
    if len(parts) != 2 or not all(parts) or parts[0] in {".", "..", "~"}:
        raise ValueError(f"There is no checkpoint folder {checkpoint}.")
    return identifier, revision or None


def _cached_commit(identifier: str) -> str | None:
    """Return the commit of `main` in the hub's cache on this machine."""
    home = os.environ.get("HF_HOME", "~/.cache/huggingface")
    cache = Path(os.environ.get("HF_HUB_CACHE", f"{home}/hub")).expanduser()
    reference = cache / f"models--{identifier.replace('/', '--')}" / "refs" / "main"
    return reference.read_text().strip() if reference.is_file() else None
