"""Training settings from a TOML file; an unknown or missing key is refused."""

import tomllib
from dataclasses import MISSING, dataclass, field, fields
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
class FileSettings:
    """Train on the studies of one manifest or of several (manifest.py).

    manifest: a path, or a list of paths whose studies are joined in this order.
    """

    manifest: tuple[Path, ...]


@dataclass(frozen=True)
class ModelSettings:
    """Shape of a model that is trained from nothing; sizes in pixels or channels.

    text_steps: batches of questions and answers that its language model reads, without
    images, before the first stage; the paper's LLaMA-2 can write already.
    """

    image_size: int
    patch_size: int
    vision_width: int
    vision_layers: int
    hidden_size: int
    hidden_layers: int
    heads: int
    mlp_size: int
    vocabulary: int
    text_steps: int = 0


@dataclass(frozen=True)
class OptimiserSettings:
    """AdamW with linear warm-up and cosine decay to a twentieth of the rate.

    batch: studies of one step, over all processes; each process cuts its share into
    `accumulate` pieces that are computed one after the other.
    mixed_precision: "no", "bf16" or "fp16".
    """

    batch: int
    steps: int
    warm_up: int
    learning_rate: float
    weight_decay: float
    clip: float
    accumulate: int = 1
    mixed_precision: str = "no"


@dataclass(frozen=True)
class EncoderSettings:
    """What the image encoder learns beside the paper's own loss.

    site_weight: of every finding by its site; patch_weight: of the same for each patch,
    where phantoms say which patches show it. Both 0 is the paper's recipe.
    patch_positive: how much more a patch that shows something counts.
    """

    site_weight: float = 0.0
    patch_weight: float = 0.0
    patch_positive: float = 1.0


@dataclass(frozen=True)
class TextEncoderSettings:
    """The text encoder of stage contrast.

    path: a folder or hub id of any text model of `transformers`; empty for a small
    BERT of `width` and `layers` that is trained from nothing.
    trained: whether its weights learn too; those of a new one always do.
    """

    path: str = ""
    width: int = 128
    layers: int = 2
    trained: bool = False


@dataclass(frozen=True)
class DialogueSettings:
    """Shares of what stage instruct asks; whatever is left of 1 asks for a report."""

    questions: float = 0.0
    labels: float = 0.0


@dataclass(frozen=True)
class LoraSettings:
    """Low-rank adapters on LLaMA's projections instead of all its weights."""

    rank: int
    alpha: int
    dropout: float = 0.0


@dataclass(frozen=True)
class StageSettings:
    """Everything that one run of one stage needs.

    threads: processor threads of each process; 0 leaves it to torch.
    start: checkpoint folder to begin from; None builds a new model from `model`.
    save_every: steps between two resumable snapshots.
    """

    seed: int
    output: Path
    save_every: int
    optimiser: OptimiserSettings
    start: Path | None = None
    threads: int = 0
    phantoms: PhantomSettings | None = None
    files: FileSettings | None = None
    model: ModelSettings | None = None
    encoder: EncoderSettings = field(default_factory=EncoderSettings)
    text_encoder: TextEncoderSettings = field(default_factory=TextEncoderSettings)
    dialogues: DialogueSettings = field(default_factory=DialogueSettings)
    lora: LoraSettings | None = None


_TABLES: dict[str, type] = {
    "optimiser": OptimiserSettings,
    "phantoms": PhantomSettings,
    "files": FileSettings,
    "model": ModelSettings,
    "encoder": EncoderSettings,
    "text_encoder": TextEncoderSettings,
    "dialogues": DialogueSettings,
    "lora": LoraSettings,
}
_PATHS = ("folder", "output")
_PATH_LISTS = ("manifest",)


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
    if not isinstance(content.get("optimiser"), dict):
        raise ValueError(f"{path} has no table [optimiser].")
    values: dict[str, Any] = {}
    for key, value in content.items():
        kind = _TABLES.get(key)
        is_table = kind is not None and isinstance(value, dict)
        values[key] = _filled(path, key, kind, value) if is_table else value
    values["start"] = Path(values["start"]) if values.get("start") else None
    settings: StageSettings = _filled(path, "", StageSettings, values)
    _require_sense(path, settings)
    return settings


def _require_sense(path: Path, settings: StageSettings) -> None:
    if settings.start is None and settings.model is None:
        raise ValueError(
            f"{path} needs either `start`, a checkpoint, or a table [model]."
        )
    if (settings.phantoms is None) == (settings.files is None):
        raise ValueError(
            f"{path} needs either a table [phantoms] or a table [files], not both."
        )
    optimiser = settings.optimiser
    if optimiser.mixed_precision not in ("no", "bf16", "fp16"):
        raise ValueError(
            f"The key `mixed_precision` in table [optimiser] of {path} must be "
            '"no", "bf16" or "fp16".'
        )
    if optimiser.accumulate < 1 or optimiser.batch % optimiser.accumulate:
        raise ValueError(
            f"The key `batch` in table [optimiser] of {path} must be a multiple of "
            "`accumulate`."
        )


def _filled(path: Path, table: str, kind: Any, values: dict[str, Any]) -> Any:
    """Build a settings class, refusing keys that are missing or too many."""
    known = {each.name: each for each in fields(kind)}
    where = f"table [{table}] of {path}" if table else str(path)
    for key, each in sorted(known.items()):
        optional = each.default is not MISSING or each.default_factory is not MISSING
        if key not in values and not optional:
            message = f"The key `{key}` is missing in {where}."
            raise ValueError(message)
    for key in sorted(set(values) - set(known)):
        message = f"The key `{key}` in {where} is not known."
        raise ValueError(message)
    return kind(**{key: _typed(key, value, where) for key, value in values.items()})


def _typed(key: str, value: Any, where: str) -> Any:
    """A value of the file as the settings class has it."""
    if key in _PATHS:
        return Path(str(value))
    if key not in _PATH_LISTS:
        return value
    several = value if isinstance(value, list) else [value]
    if not several or not all(isinstance(one, str) and one for one in several):
        raise ValueError(
            f"The key `{key}` in {where} must be a path or a list of paths."
        )
    return tuple(Path(one) for one in several)
