"""What the weight files of a checkpoint hold, read from their headers alone.

A header has the names, types and shapes. So a checkpoint that is damaged, not whole or
mixed from two is found out before gigabytes are read, and the file at fault is named.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from transformers.initialization import no_init_weights

from inference.cxr_llava.configuration import CxrLlavaConfig
from inference.cxr_llava.modeling import CxrLlavaForReportGeneration

WHOLE, INDEX = "model.safetensors", "model.safetensors.index.json"
_FLOATING = ("F64", "F32", "F16", "BF16")
_PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt")
# Old files hold the frequencies too, which follow from the configuration.
_COMPUTED = "rotary_emb.inv_freq"
_LFS_MARK = b"version https://git-lfs"
_ONE_SOURCE = "config.json and weights are of different checkpoints, copy both from one"


@dataclass(frozen=True)
class StoredTensor:
    """One weight as its file declares it; `kind` in the words of safetensors."""

    file: Path
    shape: tuple[int, ...]
    kind: str


def wanted_shapes(config: CxrLlavaConfig) -> dict[str, tuple[int, ...]]:
    """Return the shape of every weight that a configuration asks for."""
    with no_init_weights(), torch.device("meta"):
        weights = CxrLlavaForReportGeneration(config).state_dict()
    return {name: tuple(one.shape) for name, one in weights.items()}


def check_weights(
    folder: Path, config: CxrLlavaConfig, wanted: Mapping[str, tuple[int, ...]]
) -> None:
    """Raise ValueError, in a sentence, unless the wanted weights are there alone.

    Weights that were quantised before they were saved are left to transformers.
    """
    stored = stored_tensors(folder)
    if getattr(config, "quantization_config", None) is not None:
        return
    spare = {"lm_head.weight"} if config.tie_word_embeddings else set()
    refuse_missing(folder, wanted.keys() - stored.keys() - spare)
    surplus = sorted(
        name
        for name in stored.keys() - wanted.keys() - spare
        if not name.endswith(_COMPUTED)
    )
    if surplus:
        raise ValueError(
            f"{stored[surplus[0]].file} holds {_weights(surplus)}, which the model of "
            f"config.json does not have: {_ONE_SOURCE}."
        )
    for name, shape in wanted.items():
        found = stored.get(name)
        if found is None:
            continue
        if found.shape != shape:
            raise ValueError(
                f"{found.file} holds {name} in the shape {list(found.shape)}, but "
                f"config.json asks for {list(shape)}: {_ONE_SOURCE}."
            )
        if found.kind not in _FLOATING:
            raise ValueError(
                f"{found.file} holds {name} as {found.kind}: give a checkpoint whose "
                "weights are float32, float16 or bfloat16."
            )


def refuse_missing(folder: Path, names: Iterable[str]) -> None:
    """Raise ValueError if there is a name among those of missing weights."""
    missing = sorted(names)
    if missing:
        raise ValueError(
            f"{folder} lacks {_weights(missing)}: its files are not whole, or "
            f"{_ONE_SOURCE}."
        )


def check_finite(folder: Path, model: CxrLlavaForReportGeneration) -> None:
    """Raise ValueError if a weight is not a number; one pass over them."""
    for name, values in model.named_parameters():
        # A sum is finite only if every term is, and needs no memory of its own.
        if not bool(torch.isfinite(values.detach().sum(dtype=torch.float32))):
            stored = stored_tensors(folder).get(name)
            raise ValueError(
                f"{stored.file if stored else folder} holds {name} with values that "
                "are no numbers (NaN or infinite): copy the checkpoint anew, or train "
                "it anew if it is yours."
            )


def stored_tensors(folder: Path) -> dict[str, StoredTensor]:
    """Return what each weight's file declares of it, by the weight's name.

    Raises ValueError where a file is missing, damaged, or outside of the folder.
    """
    if (folder / WHOLE).is_file():
        return _declared(folder / WHOLE)
    if not (folder / INDEX).is_file():
        raise ValueError(_no_weights(folder))
    homes = _indexed_files(folder)
    declared = {name: _declared(folder / name) for name in sorted(set(homes.values()))}
    for weight, name in homes.items():
        if weight not in declared[name]:
            raise ValueError(
                f"{folder / name} lacks {weight}, which {INDEX} says is in it: copy "
                "both anew."
            )
    return {weight: declared[name][weight] for weight, name in homes.items()}


def _indexed_files(folder: Path) -> dict[str, str]:
    """Return the file of each weight; all of them lie in the folder itself."""
    index = folder / INDEX
    try:
        homes = json.loads(index.read_text(encoding="utf-8"))["weight_map"]
        named = {str(weight): str(name) for weight, name in homes.items()}
    except (AttributeError, KeyError, OSError, TypeError, ValueError) as problem:
        raise ValueError(
            f"{index} cannot be read as an index of weights: copy it anew."
        ) from problem
    for name in sorted(set(named.values())):
        if Path(name).name != name or not name.endswith(".safetensors"):
            raise ValueError(
                f"{index} points to {name!r}, which is no safetensors file beside it, "
                "and is therefore not followed: copy the checkpoint from a source that "
                "you trust."
            )
        if not (folder / name).is_file():
            raise ValueError(
                f"{folder} lacks {name}, which {INDEX} names: copy it there."
            )
    return named


def _declared(path: Path) -> dict[str, StoredTensor]:
    refuse_pointer(path)
    try:
        with safe_open(path, framework="pt") as opened:
            slices = {name: opened.get_slice(name) for name in opened.keys()}  # noqa: SIM118
            return {
                name: StoredTensor(path, tuple(one.get_shape()), one.get_dtype())
                for name, one in slices.items()
            }
    except (OSError, SafetensorError) as problem:
        raise ValueError(f"{path} is damaged or cut short: copy it anew.") from problem


def refuse_pointer(path: Path) -> None:
    """Raise ValueError where Git left a pointer in place of a large file."""
    try:
        with path.open("rb") as stream:
            head = stream.read(len(_LFS_MARK))
    except OSError as problem:
        raise ValueError(
            f"{path} cannot be read ({problem.strerror}): give this user the right to."
        ) from problem
    if head == _LFS_MARK:
        raise ValueError(
            f"{path} is a Git LFS pointer and not the file itself: run `git lfs pull` "
            "where it was cloned."
        )


def _no_weights(folder: Path) -> str:
    pickles = sorted(path.name for kind in _PICKLES for path in folder.glob(kind))
    if pickles:
        return (
            f"{folder} has its weights only as pickles ({pickles[0]}), which may run "
            f"code when they are read: convert them to {WHOLE}."
        )
    return (
        f"{folder} is no CXR-LLaVA v2 checkpoint: it has neither {WHOLE} nor {INDEX}, "
        "copy the weights there."
    )


def _weights(names: list[str]) -> str:
    if len(names) == 1:
        return f"the weight {names[0]}"
    return f"{len(names)} weights, the first of them {names[0]}"
