"""Check that a folder holds CXR-LLaVA v2 and all of it, and load both of its parts.

Whatever is wrong with it comes out as ValueError, in one sentence that says what to do.
"""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from huggingface_hub.errors import StrictDataclassError
from safetensors import SafetensorError
from sentencepiece import SentencePieceProcessor

from inference.cxr_llava.configuration import CxrLlavaConfig
from inference.cxr_llava.modeling import CxrLlavaForReportGeneration
from inference.cxr_llava.processing import CxrLlavaProcessor
from inference.cxr_llava.weights import (
    check_finite,
    check_weights,
    refuse_missing,
    refuse_pointer,
    wanted_shapes,
)

LONGEST_REASON = 200  # characters of a library's words within a sentence
# The released code fills each of these in with that of another model.
_NEEDED_FIELDS = {
    "llama": (
        "hidden_size",
        "intermediate_size",
        "num_hidden_layers",
        "num_attention_heads",
        "vocab_size",
    ),
    "clip_vision_cfg": ("image_size", "layers", "patch_size", "width"),
    "image_preprocess_cfg": ("mean", "std"),
}
# Read besides config.json where they are there.
_OTHER_SETTINGS = (
    "added_tokens.json",
    "generation_config.json",
    "processor_config.json",
    "special_tokens_map.json",
    "tokenizer_config.json",
)
_LIBRARY_ERRORS = (
    ArithmeticError,
    KeyError,
    OSError,
    RuntimeError,
    SafetensorError,
    StrictDataclassError,
    TypeError,
    ValueError,
)
_HALF_TYPES = {
    "bf16": torch.bfloat16,
    "bfloat16": torch.bfloat16,
    "fp16": torch.float16,
    "float16": torch.float16,
}


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
    """Return a checkpoint's configuration once it is found to say all that it must."""
    path = folder / "config.json"
    if not path.is_file():
        raise ValueError(
            f"{folder} is no CXR-LLaVA v2 checkpoint: it has no config.json, copy it "
            "there."
        )
    content = _json(path)
    for name in _OTHER_SETTINGS:
        if (folder / name).is_file():
            _json(folder / name)
    kind = content.get("model_type") if isinstance(content, dict) else None
    if kind != CxrLlavaConfig.model_type:
        raise ValueError(
            f"{folder} is no CXR-LLaVA v2 checkpoint: its config.json names the model "
            f"type {kind!r}, not {CxrLlavaConfig.model_type!r}; give another folder."
        )
    for section, fields in _NEEDED_FIELDS.items():
        for field in fields:
            _require_field(path, content, section, field)
    with _as_sentence(path):
        config: CxrLlavaConfig = CxrLlavaConfig.from_pretrained(folder)
        # The shape is worked out on first use; here it can still be refused.
        _ = config.vision
    return config


def _json(path: Path) -> Any:
    refuse_pointer(path)
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise ValueError(f"{path} is no JSON: copy it anew.") from problem


def _require_field(
    path: Path, content: dict[str, Any], section: str, field: str
) -> None:
    said = content.get(section)
    if not isinstance(said, dict) or said.get(field) is None:
        raise ValueError(
            f"{path} does not say what {field} is in {section}: copy it anew."
        )
    if section == "image_preprocess_cfg":
        return
    if type(said[field]) is not int or said[field] < 1:
        raise ValueError(
            f"{path} says that {field} is {said[field]!r} in {section}, where a whole "
            "number from 1 is needed: copy it anew."
        )


def load_model(
    folder: Path, config: CxrLlavaConfig, device: torch.device, dtype: torch.dtype
) -> CxrLlavaForReportGeneration:
    """Return the model, ready to write. A weight that is missing is never made up."""
    with _as_sentence(folder / "config.json"):
        wanted = wanted_shapes(config)
    check_weights(folder, config, wanted)
    with _as_sentence(folder):
        loaded: Any = CxrLlavaForReportGeneration.from_pretrained(
            folder, config=config, dtype=dtype, output_loading_info=True
        )
    model: CxrLlavaForReportGeneration = loaded[0]
    refuse_missing(folder, loaded[1]["missing_keys"])
    try:
        torch.nn.Module.to(model, device)
    except torch.OutOfMemoryError as problem:
        raise ValueError(
            f"{folder} does not fit into the memory of {device}: give the device cpu."
        ) from problem
    check_finite(folder, model)
    return model


def load_processor(folder: Path, config: CxrLlavaConfig) -> CxrLlavaProcessor:
    """Return the processor of a checkpoint, its vocabulary fitting the model's."""
    path = folder / "tokenizer.model"
    if not path.is_file():
        raise ValueError(
            f"{folder} is no CXR-LLaVA v2 checkpoint: it has no tokenizer.model, copy "
            "it there."
        )
    refuse_pointer(path)
    vocabulary = SentencePieceProcessor()
    try:
        vocabulary.load_from_serialized_proto(path.read_bytes())
    except RuntimeError as problem:
        raise ValueError(
            f"{path} is no vocabulary that sentencepiece can read: copy it anew."
        ) from problem
    pieces = vocabulary.get_piece_size()
    rows = config.get_text_config().vocab_size
    if pieces != rows:
        raise ValueError(
            f"{path} has {pieces} pieces, but config.json asks for {rows}: they are of "
            "different checkpoints, copy both from one."
        )
    with _as_sentence(folder):
        processor: CxrLlavaProcessor = CxrLlavaProcessor.from_pretrained(folder)
    return processor


@contextmanager
def _as_sentence(at_fault: Path) -> Iterator[None]:
    """Turn what the libraries raise for damaged files into a sentence.

    Their reports, many lines long, stay out of the log meanwhile.
    """
    reports = logging.getLogger("transformers.modeling_utils")
    # A filter and not a level: at a high level the library adds other messages.
    reports.addFilter(_nothing)
    try:
        yield
    except ImportError as problem:
        raise ValueError(
            f"{at_fault} needs a package that is not installed "
            f"({_in_one_line(problem)}): install it, or give another checkpoint."
        ) from problem
    except _LIBRARY_ERRORS as problem:
        raise ValueError(
            f"{at_fault} cannot be loaded ({_in_one_line(problem)}): copy it anew."
        ) from problem
    finally:
        reports.removeFilter(_nothing)


def _in_one_line(problem: Exception) -> str:
    words = " ".join(str(problem).split()).rstrip(".")
    if isinstance(problem, KeyError):
        words = f"nothing is known as {words}"
    return words if len(words) <= LONGEST_REASON else f"{words[:LONGEST_REASON]}..."


def _nothing(record: logging.LogRecord) -> bool:
    return False
