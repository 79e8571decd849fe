"""What the stages train on: drawn phantoms, or the studies of a manifest."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from inference.chexpert import NO_FINDING, SUPPORT_DEVICES
from inference.cxr_llava import CxrLlavaConfig
from inference.cxr_llava.processing import image_processor_of
from inference.phantom.findings import Finding
from inference.phantom.text import paragraph
from inference.radiographs import open_for_training
from inference.train.manifest import Facts
from inference.train.pool import Pool

Rows = NDArray[np.int64]
READING_THREADS = 8

CHEXPERT_NAMES = {
    "cardiomegaly": "Cardiomegaly",
    "pleural_effusion": "Pleural Effusion",
    "consolidation": "Consolidation",
    "pneumothorax": "Pneumothorax",
    "nodule": "Lung Lesion",
    "edema": "Edema",
    "support_device": SUPPORT_DEVICES,
}


class TrainingData(Protocol):
    """Studies by row number, from 0 to `count` - 1."""

    @property
    def count(self) -> int:
        """How many studies there are."""

    def pixels(self, rows: Rows) -> torch.Tensor:
        """Standardised pixel values [B, 1, S, S] float32."""

    def abnormal(self, rows: Rows) -> torch.Tensor:
        """Whether each study is abnormal, [B] float32, 1 or 0."""

    def facts(self, row: int, rng: np.random.Generator) -> Facts:
        """What is known of one study; a phantom's report is worded by chance."""


class PhantomData:
    """Drawn phantoms; they also know the site of each finding, down to patches."""

    def __init__(self, pool: Pool, config: CxrLlavaConfig) -> None:
        """Take mean and deviation of the pixels from the model's own configuration."""
        processor = image_processor_of(config)
        self.pool = pool
        self.mean, self.deviation = processor.mean, processor.std

    @property
    def count(self) -> int:
        """How many phantoms there are."""
        return len(self.pool.images)

    def pixels(self, rows: Rows) -> torch.Tensor:
        """Pixel values [B, 1, S, S] float32; the pool is at the right size already."""
        grey = torch.from_numpy(self.pool.images[rows]).float() / 255
        return ((grey - self.mean) / self.deviation)[:, None]

    def abnormal(self, rows: Rows) -> torch.Tensor:
        """Whether anything was drawn."""
        return torch.from_numpy(self.pool.labels[rows].any(axis=1)).float()

    def facts(self, row: int, rng: np.random.Generator) -> Facts:
        """Facts of one phantom: every one of the seven drawn findings is known."""
        return phantom_facts(self.pool.findings[row], rng)


def phantom_facts(findings: tuple[Finding, ...], rng: np.random.Generator) -> Facts:
    """Facts of drawn findings, the report worded anew."""
    labels = dict.fromkeys(CHEXPERT_NAMES.values(), False)
    sites: dict[str, list[str]] = {}
    for finding in findings:
        name = CHEXPERT_NAMES[finding.kind]
        labels[name] = True
        place = (finding.side, finding.zone, finding.zone and "lung", finding.device)
        words = " ".join(word for word in place if word)
        if words:
            sites.setdefault(name, []).append(words)
    return Facts(
        labels={NO_FINDING: not findings, **labels},
        sites={name: " and ".join(places) for name, places in sites.items()},
        report=paragraph(findings, rng),
    )


class ManifestData:
    """Studies of a manifest; images are read and prepared when they are needed."""

    def __init__(self, studies: Sequence[tuple[Path, Facts]], config: CxrLlavaConfig):
        self.studies = studies
        self.processor = image_processor_of(config)

    @property
    def count(self) -> int:
        """How many studies there are."""
        return len(self.studies)

    def pixels(self, rows: Rows) -> torch.Tensor:
        """Pixel values [B, 1, S, S] float32; several films are decoded at once."""
        with ThreadPoolExecutor(READING_THREADS, "read") as executor:
            return torch.cat(list(executor.map(self._prepared, rows)))

    def abnormal(self, rows: Rows) -> torch.Tensor:
        """Whether the labels say so; rows without a word must be left out before."""
        said = [self.studies[row][1].is_abnormal for row in rows]
        return torch.tensor([bool(one) for one in said], dtype=torch.float32)

    def facts(self, row: int, rng: np.random.Generator) -> Facts:
        """Facts of one study, always the same."""
        return self.studies[row][1]

    def only(self, wanted: Iterable[int]) -> "ManifestData":
        """The same data with only some of its rows."""
        chosen = object.__new__(ManifestData)
        chosen.studies = [self.studies[row] for row in wanted]
        chosen.processor = self.processor
        return chosen

    def _prepared(self, row: int) -> torch.Tensor:
        path = self.studies[row][0]
        try:
            values: torch.Tensor = self.processor(open_for_training(path))[
                "pixel_values"
            ]
            return values
        except ValueError as problem:
            raise ValueError(f"{path}: {problem}") from problem
