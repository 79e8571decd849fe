"""Radiograph to the one-channel tensor that the image encoder reads.

Every step follows the reference, rounding included: LANCZOS on 8-bit grey levels,
rounded to 8 bits before scaling. Wide films lose their sides: there is no padding.
"""

# transformers is only partly annotated.
# mypy: allow-untyped-calls

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from transformers.image_processing_base import BatchFeature, ImageProcessingMixin

from inference.grey_levels import eight_bit_grey


class CxrLlavaImageProcessor(ImageProcessingMixin):
    """Grey 8-bit image to [1, S, S], (level/255 - mean)/std.

    There is no windowing and no inversion here: give an image in which air is dark.
    """

    model_input_names = ["pixel_values"]

    def __init__(
        self, image_size: int = 512, mean: float = 0.5, std: float = 0.5, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.image_size = image_size
        self.mean = mean
        self.std = std

    def __call__(
        self, images: Image.Image | Sequence[Image.Image], **kwargs: Any
    ) -> BatchFeature:
        """Return pixel_values [B, 1, S, S] float32.

        Raises ValueError for an image that `eight_bit_grey` refuses.
        """
        several = [images] if isinstance(images, Image.Image) else list(images)
        stacked = np.stack([self.pixels(image) for image in several])
        return BatchFeature({"pixel_values": torch.from_numpy(stacked)})

    def pixels(self, image: Image.Image) -> NDArray[np.float32]:
        """Return [1, S, S] float32 for one image."""
        square = _centre_crop(
            _shortest_edge_to(eight_bit_grey(image), self.image_size), self.image_size
        )
        scaled = (np.asarray(square, dtype=np.uint8) * (1 / 255)).astype(np.float32)
        standard = (scaled - np.float32(self.mean)) / np.float32(self.std)
        return np.asarray(standard[None], dtype=np.float32)


def _shortest_edge_to(image: Image.Image, size: int) -> Image.Image:
    short, long = sorted(image.size)
    longer = int(size * long / short)
    wide = image.width > image.height
    target = (longer, size) if wide else (size, longer)
    return image.resize(target, resample=Image.Resampling.LANCZOS)


def _centre_crop(image: Image.Image, size: int) -> Image.Image:
    left, top = (image.width - size) // 2, (image.height - size) // 2
    return image.crop((left, top, left + size, top + size))
