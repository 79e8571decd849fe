"""One seeded phantom: a radiograph-like 12-bit frontal chest image and its findings."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from inference.phantom.anatomy import (
    FIELD_MM,
    Anatomy,
    Field,
    FloatArray,
    make_field,
    sample_anatomy,
    smooth_noise,
)
from inference.phantom.body import lead_marker, normal_chest
from inference.phantom.findings import Finding, sample_findings
from inference.phantom.lesions import add_findings

PATCH_GRID = 8
VISIBLE_CHANGE = 0.025
VISIBLE_SHARE = 0.04  # of a patch


@dataclass(frozen=True)
class Phantom:
    """A drawn image with all that was decided about it.

    pixels: uint16 [size, size], 0..4095, larger is whiter (MONOCHROME2).
    centre, width: the linear window in which the image is meant to be seen.
    """

    seed: int
    pixels: NDArray[np.uint16]
    findings: tuple[Finding, ...]
    anatomy: Anatomy
    centre: float
    width: float
    changes: dict[Finding, FloatArray]

    @property
    def stratum(self) -> Literal["normal", "abnormal"]:
        """Whether anything was drawn that a report should mention."""
        return "abnormal" if self.findings else "normal"

    @property
    def spacing_mm(self) -> float:
        """Distance of neighbouring pixel centres on the detector."""
        return FIELD_MM / self.pixels.shape[0]

    def patch_labels(self, finding: Finding) -> NDArray[np.bool_]:
        """In which of 8 x 8 patches the finding changes the image visibly.

        The patch that shows most of it always counts: the smallest nodules cover less
        of any patch than the limit asks for.
        """
        step = self.pixels.shape[0] // PATCH_GRID
        visible = np.abs(self.changes[finding]) > VISIBLE_CHANGE
        cut = visible[: step * PATCH_GRID, : step * PATCH_GRID]
        share = cut.reshape(PATCH_GRID, step, PATCH_GRID, step).mean(axis=(1, 3))
        least = min(VISIBLE_SHARE, float(share.max()))
        return np.asarray((share >= least) & (share > 0), dtype=np.bool_)


def draw(
    seed: int,
    *,
    size: int = 768,
    findings: tuple[Finding, ...] | None = None,
    noise: float = 1.0,
) -> Phantom:
    """Draw the phantom of a seed; without `findings` they are sampled as well.

    The same seed gives the same body, findings and window at every size; only the
    grain of the noise differs. An empty tuple asks for a normal chest; a `noise` of 0
    for one without grain, against which contrast can be measured.
    """
    choice, body, lesion, grain = (
        np.random.default_rng([seed, stream]) for stream in range(4)
    )
    if findings is None:
        findings = sample_findings(choice)
    large = [finding.size for finding in findings if finding.kind == "cardiomegaly"]
    anatomy = sample_anatomy(body, large_heart=(large[0] or "small") if large else "")
    congested = any(finding.kind == "edema" for finding in findings)
    field = make_field(anatomy, size)
    chest = normal_chest(field, congestion=1.0 if congested else 0.0)
    attenuation, changes = add_findings(field, chest, findings, lesion)
    attenuation += 0.30 * lead_marker(field)
    pixels = _expose(attenuation, field, grain, noise)
    centre, width = _window(anatomy)
    return Phantom(seed, pixels, findings, anatomy, centre, width, changes)


def _expose(
    attenuation: FloatArray, field: Field, rng: np.random.Generator, amount: float
) -> NDArray[np.uint16]:
    """Turn attenuation into stored values: scatter, tone curve and noise."""
    anatomy = field.anatomy
    slope = rng.normal(0, 0.03, 2)
    signal = attenuation * anatomy.gain + anatomy.exposure
    signal = signal + slope[0] * field.x + slope[1] * field.y
    # Fewer photons arrive behind dense parts, so noise grows with attenuation. White
    # noise is scaled so that about the same is left at 128 pixels whatever the size.
    photons = np.exp(0.9 * np.clip(attenuation, 0, 1.3))
    white = min(0.0030 * field.size / 128, 0.014)
    noise = 0.0055 * smooth_noise(rng, field.size, 110)
    noise += 0.012 * smooth_noise(rng, field.size, 9)
    noise += white * rng.standard_normal(signal.shape, dtype=np.float32)
    signal = signal + amount * photons * noise
    stored = 4095 / (1 + np.exp(-4.3 * (signal - 0.50)))
    return np.clip(np.round(stored), 0, 4095).astype(np.uint16)


def _window(anatomy: Anatomy) -> tuple[float, float]:
    """Centre and width near the whole range, off by what an operator may be off by."""
    rng = np.random.default_rng([anatomy.seed, 7])
    centre = 2080 + float(rng.normal(0, 110))
    width = 3500 * float(rng.uniform(0.86, 1.12))
    return round(centre), round(width)


def render_8bit(phantom: Phantom) -> NDArray[np.uint8]:
    """The image through its window as uint8, by the linear VOI function of DICOM."""
    ramp = (phantom.pixels - (phantom.centre - 0.5)) / (phantom.width - 1) + 0.5
    return np.clip(np.round(ramp * 255), 0, 255).astype(np.uint8)
