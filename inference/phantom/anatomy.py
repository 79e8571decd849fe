"""The body of one phantom: its proportions and the coordinates it is drawn in.

Anatomical coordinates run from -1 to 1 across a square field; x grows towards the
left of the patient (the right of the image), y downwards. Everything is a smooth
function of them, so that one body can be drawn at any size.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

FloatArray = NDArray[np.float32]

APEX = -0.80
FIELD_MM = 350.0  # side of the square detector, 2 anatomical units at scale 1
# Cardiothoracic ratios by size of a cardiomegaly, empty for none. Radiologists call a
# heart enlarged above 0.5; between 0.49 and 0.53 they disagree, so none is drawn there.
HEART_SHARES = {
    "": (0.38, 0.49),
    "small": (0.53, 0.57),
    "moderate": (0.57, 0.63),
    "large": (0.63, 0.71),
}


@dataclass(frozen=True)
class Anatomy:
    """Proportions of one body, all in anatomical coordinates unless said otherwise."""

    tilt: float  # radians, turn within the image plane
    scale: float
    shift: tuple[float, float]
    rotation: float  # -1..1, turn about the long axis; moves heart against spine
    chest_half_width: float
    inspiration: float  # 0 shallow .. 1 deep
    habitus: float  # 0 slim .. 1 heavy
    cardiothoracic_ratio: float
    heart_tilt: float
    mediastinum: float
    knob: float
    rib_count: float  # ribs per unit of height
    rib_phase: float
    rib_slope: float
    clavicle_height: float
    breast: float  # 0 none .. 1 marked
    gas: float
    scoliosis: float
    vessel_calibre: float
    exposure: float
    gain: float
    seed: int

    @property
    def dome(self) -> float:
        """Height of the right dome of the diaphragm."""
        return 0.30 + 0.19 * self.inspiration

    def wall(self, y: FloatArray) -> FloatArray:
        """Inner half width of the chest at each height."""
        height = np.clip((y - APEX) / (0.75 - APEX), 1e-4, 1.0)
        width = self.chest_half_width * height**0.27 * (1.0 - 0.05 * height**4)
        return width.astype(np.float32)

    def midline(self, y: FloatArray) -> FloatArray:
        """x of the spine at each height."""
        bend = self.scoliosis * np.sin(2.4 * y + 0.4)
        return (bend - 0.02 * self.rotation).astype(np.float32)

    def medial(self, y: FloatArray) -> FloatArray:
        """Half width of the mediastinum that separates the lungs."""
        top = 0.20 * np.exp(-np.clip(y - APEX, 0, None) / 0.06)
        return (self.mediastinum + top + 0.02 * np.clip(y + 0.2, 0, 1)).astype(
            np.float32
        )

    def diaphragm(self, x: FloatArray) -> FloatArray:
        """y of the diaphragm at each x: two domes, the left one lower."""
        lateral = np.abs(x) / self.chest_half_width
        drop = 0.50 * np.square(lateral - 0.42) + 0.75 * np.clip(lateral - 0.72, 0, 1)
        left = 0.05 * (np.tanh(x / 0.08) + 1.0) / 2.0
        return (self.dome + drop + left).astype(np.float32)


def sample_anatomy(rng: np.random.Generator, *, large_heart: str) -> Anatomy:
    """Draw one body; `large_heart` is the size of a cardiomegaly, empty for none."""
    lowest, highest = HEART_SHARES[large_heart]
    return Anatomy(
        tilt=float(rng.normal(0, 0.035)),
        scale=float(rng.uniform(0.90, 1.09)),
        shift=(float(rng.normal(0, 0.045)), float(rng.normal(0, 0.045))),
        rotation=float(np.clip(rng.normal(0, 0.5), -1, 1)),
        chest_half_width=float(rng.uniform(0.68, 0.83)),
        inspiration=float(rng.uniform(0, 1)),
        habitus=float(rng.beta(2, 2.4)),
        cardiothoracic_ratio=float(rng.uniform(lowest, highest)),
        heart_tilt=float(rng.uniform(0.35, 0.75)),
        mediastinum=float(rng.uniform(0.095, 0.135)),
        knob=float(rng.uniform(0.07, 0.105)),
        rib_count=float(rng.uniform(6.0, 7.2)),
        rib_phase=float(rng.uniform(0, 1)),
        rib_slope=float(rng.uniform(0.20, 0.30)),
        clavicle_height=float(rng.uniform(-0.66, -0.56)),
        breast=float(rng.uniform(0.3, 1)) if rng.random() < 0.5 else 0.0,
        gas=float(rng.uniform(0.3, 1)),
        scoliosis=float(rng.normal(0, 0.012)),
        vessel_calibre=float(rng.uniform(0.85, 1.2)),
        exposure=float(rng.normal(0, 0.06)),
        gain=float(rng.uniform(0.84, 1.16)),
        seed=int(rng.integers(2**31)),
    )


@dataclass(frozen=True)
class Field:
    """The pixel grid of one image in anatomical coordinates; arrays [size, size]."""

    size: int
    x: FloatArray
    y: FloatArray
    anatomy: Anatomy

    def pixels(self, points: FloatArray, canvas: int) -> list[float]:
        """Where anatomical points [n, 2] fall on a square canvas: x, y, x, y, ..."""
        anatomy = self.anatomy
        cosine, sine = math.cos(anatomy.tilt), math.sin(anatomy.tilt)
        turn = np.array([[cosine, sine], [-sine, cosine]]) * anatomy.scale
        places: list[float] = (
            ((points @ turn + anatomy.shift + 1) * (canvas / 2) - 0.5).ravel().tolist()
        )
        return places


def make_field(anatomy: Anatomy, size: int) -> Field:
    """The grid of `size` x `size` pixel centres, turned, scaled and shifted."""
    axis = ((np.arange(size, dtype=np.float32) + 0.5) / size * 2 - 1).astype(np.float32)
    columns = (axis[None, :] - anatomy.shift[0]) / anatomy.scale
    rows = (axis[:, None] - anatomy.shift[1]) / anatomy.scale
    cosine, sine = np.cos(anatomy.tilt), np.sin(anatomy.tilt)
    x = (columns * cosine + rows * sine).astype(np.float32)
    y = (-columns * sine + rows * cosine).astype(np.float32)
    return Field(size=size, x=x, y=y, anatomy=anatomy)


def soft_step(value: NDArray[np.floating], width: float) -> FloatArray:
    """A smooth 0..1 edge at value 0, about `width` wide either way.

    A cubic ramp, four times as fast as a hyperbolic tangent.
    """
    ramp = value * np.float32(0.3 / width)
    ramp += np.float32(0.5)
    np.clip(ramp, 0, 1, out=ramp)
    return np.asarray(ramp * ramp * (3 - 2 * ramp), dtype=np.float32)


def smooth_noise(rng: np.random.Generator, size: int, cells: int) -> FloatArray:
    """Smooth noise [size, size] with about `cells` blobs across at any size."""
    coarse = rng.standard_normal((cells, cells)).astype(np.float32)
    enlarged = Image.fromarray(coarse).resize((size, size), Image.Resampling.BICUBIC)
    return np.asarray(enlarged, dtype=np.float32)
