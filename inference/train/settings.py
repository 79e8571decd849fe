"""Training settings from a TOML file; an unknown or missing key is refused."""

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class PhantomSettings:
    """Train on `count` seeds from `first`, drawn at `drawn` pixels."""

    folder: Path
    first: int
    count: int
    drawn: int
    workers: int


@dataclass(frozen=True)
class ModelSettings:
    """Shape of a model that is trained from nothing; sizes in pixels or channels."""

    image_size: int
    patch_size: int
    vision_width: int
    vision_layers: int
    hidden_size: int
    hidden_layers: int
    heads: int
    mlp_size: int
    vocabulary: int


@dataclass(frozen=True)
class OptimiserSettings:
    """AdamW with linear warm-up and cosine decay to a twentieth of the rate."""

    batch: int
    steps: int
    warm_up: int
    learning_rate: float
    weight_decay: float
    clip: float


@dataclass(frozen=True)
class StageSettings:
    """Everything that one run of one stage needs.

    threads: each works on its own part of a batch.
    start: checkpoint folder to begin from; None builds a new model from `model`.
    text_steps: steps of text-only training of the language model before alignment.
    save_every: steps between two resumable snapshots.
    """

    seed: int
    threads: int
    output: Path
    start: Path | None
    save_every: int
    text_steps: int
    phantoms: PhantomSettings
    model: ModelSettings | None
    optimiser: OptimiserSettings


def read_settings(path: Path) -> StageSettings:
    """Read a TOML file; raises ValueError in a sentence that names file and key."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        message = f"The configuration {path} cannot be read: {error.strerror}."
        raise ValueError(message) from error
    except tomllib.TOMLDecodeError as error:
        message = f"The configuration {path} is not valid TOML: {error}."
        raise ValueError(message) from error
    phantoms = _table(path, content, "phantoms")
    phantoms["folder"] = Path(str(phantoms.get("folder", "")))
    model = _table(path, content, "model") if "model" in content else None
    top = {key: content[key] for key in content if not isinstance(content[key], dict)}
    start = str(top.get("start", ""))
    if not start and model is None:
        message = f"{path} needs either `start`, a checkpoint, or a table [model]."
        raise ValueError(message)
    top.update(
        output=Path(str(top.get("output", ""))),
        start=Path(start) if start else None,
        text_steps=top.get("text_steps", 0),
        phantoms=_filled(path, "phantoms", PhantomSettings, phantoms),
        model=model and _filled(path, "model", ModelSettings, model),
        optimiser=_filled(
            path, "optimiser", OptimiserSettings, _table(path, content, "optimiser")
        ),
    )
    settings: StageSettings = _filled(path, "", StageSettings, top)
    return settings


def _table(path: Path, content: dict[str, Any], name: str) -> dict[str, Any]:
    """One table of the file as a new dictionary."""
    table = content.get(name)
    if not isinstance(table, dict):
        message = f"{path} has no table [{name}]."
        raise ValueError(message)
    return dict(table)


def _filled(path: Path, table: str, kind: Any, values: dict[str, Any]) -> Any:
    """Build a settings class, refusing keys that are missing or too many."""
    known = {field.name for field in fields(kind)}
    where = f"table [{table}] of {path}" if table else str(path)
    for key in sorted(known - set(values)):
        message = f"The key `{key}` is missing in {where}."
        raise ValueError(message)
    for key in sorted(set(values) - known):
        message = f"The key `{key}` in {where} is not known."
        raise ValueError(message)
    return kind(**values)
