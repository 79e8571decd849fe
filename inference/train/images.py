"""Pixels of a pool as the model reads them, and patch tokens kept once computed."""

import numpy as np
import torch
from numpy.typing import NDArray

from inference.cxr_llava import CxrLlavaConfig, CxrLlavaForReportGeneration
from inference.train.pool import Pool


class PixelSource:
    """Standardised pixel values of rows of a pool."""

    def __init__(self, pool: Pool, config: CxrLlavaConfig) -> None:
        """Take mean and deviation from the model's own configuration."""
        pixels = config.image_preprocess_cfg or {}
        self.images = pool.images
        self.mean = float(pixels["mean"])
        self.deviation = float(pixels["std"])

    def values(self, rows: NDArray[np.int64]) -> torch.Tensor:
        """Pixel values [B, 1, S, S] float32."""
        grey = torch.from_numpy(self.images[rows]).float() / 255
        return ((grey - self.mean) / self.deviation)[:, None]


class TokenSource:
    """Patch tokens of a frozen encoder, computed at first use and kept in half size."""

    def __init__(self, pool: Pool, model: CxrLlavaForReportGeneration) -> None:
        """Reserve [n, P, W] float16; nothing is computed yet."""
        vision = model.config.vision
        shape = (len(pool.images), vision.patches, vision.width)
        self.tower = model.vision_tower
        self.pixels = PixelSource(pool, model.config)
        self.tokens = torch.empty(shape, dtype=torch.float16)
        self.known = np.zeros(len(pool.images), dtype=np.bool_)

    def values(self, rows: NDArray[np.int64]) -> torch.Tensor:
        """Patch tokens [B, P, W] float32, without gradient."""
        missing = np.unique(rows[~self.known[rows]])
        if len(missing):
            with torch.no_grad():
                computed = self.tower(self.pixels.values(missing))
            self.tokens[torch.from_numpy(missing)] = computed.half()
            self.known[missing] = True
        return self.tokens[torch.from_numpy(rows)].float()
