"""Find a checkpoint, check that it is CXR-LLaVA v2 and whole, load both of its parts.

Whatever is wrong with it comes out as ValueError, in one sentence that says what to do.
"""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import snapshot_download
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from safetensors import SafetensorError

from inference.cxr_llava.configuration import CxrLlavaConfig
from inference.cxr_llava.modeling import CxrLlavaForReportGeneration
from inference.cxr_llava.processing import CxrLlavaProcessor
from inference.identity import checkpoint_revision, split_hub_id

# The public repository keeps its weights twice; the pickled copy is never wanted.
WANTED_FILES = ["*.safetensors", "*.json", "tokenizer.model"]
_NEEDED_FILES = ("config.json", "tokenizer.model")
_HALF_TYPES = {
    "bf16": torch.bfloat16,
    "bfloat16": torch.bfloat16,
    "fp16": torch.float16,
    "float16": torch.float16,
}


def local_folder(checkpoint: str | Path) -> Path:
    """Return the folder of a checkpoint, fetched from the hub where it is a hub id.

    The revision fetched is the one that `checkpoint_revision` names.
    """
    if Path(checkpoint).is_dir():
        return Path(checkpoint)
    identifier, revision = split_hub_id(checkpoint_revision(checkpoint))
    try:
        return Path(
            snapshot_download(
                identifier, revision=revision, allow_patterns=WANTED_FILES
            )
        )
    except GatedRepoError as problem:
        raise ValueError(
            f"The hub gives {identifier} only to accounts that accepted its terms: "
            "accept them there and set HF_TOKEN."
        ) from problem
    except (RepositoryNotFoundError, HFValidationError) as problem:
        raise ValueError(
            f"There is neither a folder nor a hub repository {identifier}: check the "
            "checkpoint's name."
        ) from problem
    except RevisionNotFoundError as problem:
        raise ValueError(
            f"The hub repository {identifier} has no revision {revision}: check what "
            "stands after the @."
        ) from problem
    except (OSError, HfHubHTTPError) as problem:
        raise ValueError(
            f"{identifier} is not on this machine and the hub cannot be reached: "
            "download it where there is a network and give its folder."
        ) from problem


def chosen_device(name: str | None) -> torch.device:
    """Return the device of that name; None means a GPU if there is one, else CPU."""
    if name is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as problem:
        raise ValueError(
            f"There is no kind of device {name}: give cpu, cuda or cuda:1."
        ) from problem
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise ValueError(
            f"This machine has {torch.cuda.device_count()} GPUs that torch can use, "
            f"so not {name}: give cpu, or install a torch build for your GPU."
        )
    return device


def chosen_dtype(config: CxrLlavaConfig, device: torch.device) -> torch.dtype:
    """Return float32 on a CPU; on a GPU what the checkpoint was released in."""
    if device.type == "cpu":
        return torch.float32
    saved = config.dtype
    if isinstance(saved, torch.dtype):
        return saved
    named = str(saved or getattr(config, "llama_model_dtype", "bf16"))
    return _HALF_TYPES.get(named, torch.float32)


def read_config(folder: Path) -> CxrLlavaConfig:
    """Return a checkpoint's configuration once its files are found to be there."""
    _check_files(folder)
    try:
        content = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise ValueError(
            f"{folder / 'config.json'} cannot be read: copy the checkpoint anew."
        ) from problem
    kind = content.get("model_type") if isinstance(content, dict) else None
    if kind != CxrLlavaConfig.model_type:
        raise ValueError(
            f"{folder} is no CXR-LLaVA v2 checkpoint: its config.json names the model "
            f"type {kind!r}, not {CxrLlavaConfig.model_type!r}."
        )
    with _as_sentence(folder, "its config.json"):
        config: CxrLlavaConfig = CxrLlavaConfig.from_pretrained(folder)
        # The shape is worked out on first use; here it can still be refused.
        _ = config.vision
    return config


def load_model(
    folder: Path, config: CxrLlavaConfig, device: torch.device, dtype: torch.dtype
) -> CxrLlavaForReportGeneration:
    """Return the model, ready to write. A weight that is missing is never made up."""
    with _as_sentence(folder, "its weights"):
        loaded: Any = CxrLlavaForReportGeneration.from_pretrained(
            folder, config=config, dtype=dtype, output_loading_info=True
        )
        model: CxrLlavaForReportGeneration = loaded[0]
        notes: dict[str, Any] = loaded[1]
    missing = sorted(notes["missing_keys"])
    if missing:
        raise ValueError(
            f"{folder} lacks {len(missing)} weights, the first of them {missing[0]}: "
            "copy the checkpoint anew."
        )
    try:
        torch.nn.Module.to(model, device)
    except torch.OutOfMemoryError as problem:
        raise ValueError(
            f"{folder} does not fit into the memory of {device}: give the device cpu."
        ) from problem
    return model


def load_processor(folder: Path, config: CxrLlavaConfig) -> CxrLlavaProcessor:
    """Return the processor of a checkpoint, its vocabulary fitting the model's."""
    with _as_sentence(folder, "its tokenizer"):
        processor: CxrLlavaProcessor = CxrLlavaProcessor.from_pretrained(folder)
    pieces, rows = processor.tokenizer.vocab_size, config.get_text_config().vocab_size
    if pieces > rows:
        raise ValueError(
            f"{folder} mixes two checkpoints: its tokenizer.model has {pieces} pieces, "
            f"its model {rows} rows."
        )
    return processor


def _check_files(folder: Path) -> None:
    for name in _NEEDED_FILES:
        if not (folder / name).is_file():
            raise ValueError(
                f"{folder} is no CXR-LLaVA v2 checkpoint: it has no {name}."
            )
    if not any(folder.glob("*.safetensors")):
        raise ValueError(
            f"{folder} is no CXR-LLaVA v2 checkpoint: it has no safetensors files."
        )


@contextmanager
def _as_sentence(folder: Path, part: str) -> Iterator[None]:
    """Turn what the libraries raise for damaged files into a sentence.

    Their reports, many lines long, stay out of the log meanwhile.
    """
    reports = logging.getLogger("transformers.modeling_utils")
    # A filter and not a level: at a high level the library adds other messages.
    reports.addFilter(_nothing)
    try:
        yield
    except (
        KeyError,
        OSError,
        RuntimeError,
        SafetensorError,
        TypeError,
        ValueError,
    ) as problem:
        first_line = str(problem).partition("\n")[0]
        raise ValueError(
            f"{folder} cannot be loaded, {part} at fault ({first_line}): copy the "
            "checkpoint anew."
        ) from problem
    finally:
        reports.removeFilter(_nothing)


def _nothing(record: logging.LogRecord) -> bool:
    return False
