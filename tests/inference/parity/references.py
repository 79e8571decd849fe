"""The reference's checkpoints, images and outputs, in a folder of vectors.

The layout is that of vectors/README.md. PARITY_VECTORS names another folder of it, with
configurations and seeds of its own: the same tests then hold our model to those too.
"""

import atexit
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from inference.cxr_llava import CxrLlavaForReportGeneration, CxrLlavaProcessor

STORED = Path(__file__).resolve().parents[1] / "vectors"
NEW_TOKENS = 24  # of a greedy answer among the cases
SURE = 0.25  # the gap between two bfloat16 logits that rounding does not turn over
DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}


@dataclass(frozen=True)
class Reference:
    """One checkpoint, and what the released code made of it."""

    configuration: Path
    kind: str  # fp32, fp32_sharded, bf16

    def __str__(self) -> str:
        return f"{name_of(self.configuration)}-{self.kind}"

    @property
    def checkpoint(self) -> Path:
        return self.configuration / f"checkpoint_{self.kind}"

    @property
    def expected(self) -> Path:
        own = self.configuration / f"expected_{self.kind}"
        precision = self.kind.partition("_")[0]
        return own if own.is_dir() else own.with_name(f"expected_{precision}")

    @property
    def dtype(self) -> torch.dtype:
        return DTYPES[self.kind.partition("_")[0]]

    @property
    def is_exact(self) -> bool:
        return self.dtype == torch.float32

    @property
    def cases(self) -> dict[str, dict[str, Any]]:
        return self.tables["cases"]

    @property
    def tables(self) -> dict[str, Any]:
        return read(self.expected / "cases.json")

    @property
    def images(self) -> list[str]:
        return sorted({key.split("/")[0] for key in arrays(self, "vision")})

    def picture(self, image: str) -> Image.Image:
        with Image.open(self.configuration / "images" / f"{image}.png") as opened:
            return opened.copy()

    def batch(self, *keys: str) -> dict[str, torch.Tensor]:
        """Return what the processor makes of these cases together."""
        chosen = [self.cases[key] for key in keys]
        return dict(
            processor_of(self)(
                images=[self.picture(case["image"]) for case in chosen],
                conversations=[case["chat"] for case in chosen],
            )
        )


@cache
def model_of(reference: Reference) -> CxrLlavaForReportGeneration:
    model = CxrLlavaForReportGeneration.from_pretrained(
        reference.checkpoint, dtype="auto"
    )
    return model.eval()


@cache
def processor_of(reference: Reference) -> CxrLlavaProcessor:
    return CxrLlavaProcessor.from_pretrained(reference.checkpoint)


@cache
def arrays(reference: Reference, file: str) -> dict[str, np.ndarray]:
    with np.load(reference.expected / f"{file}.npz") as stored:
        return {key: stored[key] for key in stored}


@cache
def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


@cache
def logits_of(reference: Reference, key: str) -> np.ndarray:
    """Our logits of a case with the reference's answer behind it, [L+n-1, V].

    Row L-1+i chooses token i of the answer, whatever our own choices were.
    """
    batch, case = reference.batch(key), reference.cases[key]
    answer = torch.tensor([case["greedy_cache"][:-1]], dtype=torch.int64)
    batch["input_ids"] = torch.cat([batch["input_ids"], answer], dim=1)
    batch["attention_mask"] = torch.ones_like(batch["input_ids"])
    with torch.inference_mode():
        return model_of(reference)(**batch).logits[0].float().numpy()


def rows_of_logits(
    reference: Reference, key: str
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return (ours, the reference's) for every array of logits stored of a case."""
    ours, length = logits_of(reference, key), reference.cases[key]["spliced_length"]
    stored = arrays(reference, "language")
    pairs = []
    for part, first in (
        ("logits", 0),
        ("logits_last16", length - 16),
        ("greedy_step_logits", length - 1),
    ):
        wanted = stored.get(f"{key}/{part}")
        if wanted is not None:
            pairs.append((ours[first : first + len(wanted)], wanted))
    return pairs


def assert_close(
    reference: Reference, ours: Any, wanted: np.ndarray, *, atol: float
) -> None:
    """Hold float32 to a distance, bfloat16 to a share of the array's length."""
    found = ours.float().numpy() if isinstance(ours, torch.Tensor) else ours
    assert found.shape == wanted.shape
    if reference.is_exact:
        np.testing.assert_allclose(found, wanted, rtol=0, atol=atol)
    else:
        error = np.linalg.norm(found - wanted) / np.linalg.norm(wanted)
        assert error <= 2e-2


def gap(logits: np.ndarray) -> np.ndarray:
    """How far each row's largest value is above its second, [N]."""
    first_two = np.sort(logits, axis=-1)[:, -2:]
    return first_two[:, 1] - first_two[:, 0]


def sure_steps(margins: list[float]) -> int:
    """How many steps of a bfloat16 answer come before the first doubtful one."""
    return next((i for i, one in enumerate(margins) if one < SURE), len(margins))


def name_of(configuration: Path) -> str:
    """A, B or what a further folder has, which then is named too."""
    is_further = FURTHER is not None and configuration.is_relative_to(FURTHER)
    return f"further-{configuration.name}" if is_further else configuration.name


def find(folder: Path) -> list[Reference]:
    """Return every checkpoint of a folder of vectors that has expected outputs."""
    found = [
        Reference(path.parent, path.name.removeprefix("checkpoint_"))
        for path in sorted(folder.glob("*/checkpoint_*"))
    ]
    if not found:
        raise ValueError(f"There are no vectors in {folder}: see PARITY_VECTORS.")
    return found


def rebuilt(stored: Path, target: Path) -> Path:
    """Copy the stored vectors and derive the checkpoints that follow from others.

    A's bfloat16 weights are its float32 ones rounded, its shards the same split in two:
    both come out byte for byte, as SHA256SUMS says.
    """
    shutil.copytree(stored, target, dirs_exist_ok=True)
    whole = target / "A" / "checkpoint_fp32"
    for kind in ("bf16", "fp32_sharded"):
        for path in whole.iterdir():
            there = target / "A" / f"checkpoint_{kind}" / path.name
            if not there.exists() and path.suffix != ".safetensors":
                shutil.copyfile(path, there)
    tensors = load_file(whole / "model.safetensors")
    sharded = target / "A" / "checkpoint_fp32_sharded"
    homes = read(sharded / "model.safetensors.index.json")["weight_map"]
    for shard in set(homes.values()):
        _save(sharded / shard, tensors, lambda key, shard=shard: homes[key] == shard)
    rounded = {key: values.bfloat16() for key, values in tensors.items()}
    _save(target / "A" / "checkpoint_bf16" / "model.safetensors", rounded)
    return target


def _save(
    path: Path,
    tensors: dict[str, torch.Tensor],
    wanted: Callable[[str], bool] = lambda key: True,
) -> None:
    chosen = {key: values for key, values in tensors.items() if wanted(key)}
    save_file(chosen, path, metadata={"format": "pt"})


def _vectors() -> Path:
    target = Path(tempfile.mkdtemp(prefix="vectors-"))
    atexit.register(shutil.rmtree, target, ignore_errors=True)
    return rebuilt(STORED, target)


_given = os.environ.get("PARITY_VECTORS")
FURTHER = Path(_given).resolve() if _given else None
VECTORS = _vectors()
REFERENCES = find(VECTORS) + (find(FURTHER) if FURTHER else [])
EXACT = [reference for reference in REFERENCES if reference.is_exact]
CONFIGURATIONS = list(dict.fromkeys(each.configuration for each in REFERENCES))
