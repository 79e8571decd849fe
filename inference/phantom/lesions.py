"""Findings as layers on top of a normal chest.

Every function returns the change of attenuation, float32 [size, size]; where it is
clearly not zero, the finding can be seen. The training of the image encoder uses
that as its target per patch.
"""

import numpy as np

from inference.phantom.anatomy import (
    FIELD_MM,
    Field,
    FloatArray,
    smooth_noise,
    soft_step,
)
from inference.phantom.body import AIR, Chest
from inference.phantom.findings import Finding
from inference.phantom.strokes import Stroke, draw_strokes, smooth_path

NODULE_MM = (8.0, 30.0)
ZONE_HEIGHTS = {"upper": 0.16, "mid": 0.48, "lower": 0.80}


def side_sign(side: str) -> float:
    """The sign of x on a side of the patient: the right one is at the image's left."""
    return -1.0 if side == "right" else 1.0


def zone_centre(
    field: Field, finding: Finding, rng: np.random.Generator, *, clear: float
) -> tuple[float, float]:
    """A point in the named zone of a lung, at least `clear` away from its borders."""
    anatomy = field.anatomy
    sign = side_sign(finding.side)
    top = -0.70
    reach = ZONE_HEIGHTS[finding.zone] + rng.uniform(-0.10, 0.10)
    height = np.float32(top + (anatomy.dome - 0.02 - top) * reach)
    wall = float(anatomy.wall(np.array([height], dtype=np.float32))[0])
    heart_edge = 0.26
    if finding.zone == "lower":
        # The heart covers more of the left base than of the right one.
        width = 2 * anatomy.cardiothoracic_ratio * anatomy.chest_half_width
        heart_edge = width * (0.72 if finding.side == "left" else 0.42) + 0.02
    elif finding.zone == "upper":
        heart_edge = 0.20
    outer = wall - clear
    inner = min(heart_edge + clear * 0.7, outer - 0.01)
    return sign * float(rng.uniform(inner, outer)), float(height)


def effusion(field: Field, finding: Finding, rng: np.random.Generator) -> FloatArray:
    """Fluid 0..1 that fills one base and climbs along the lateral wall."""
    anatomy, y = field.anatomy, field.y
    sign = side_sign(finding.side)
    x = sign * field.x
    height = {"small": 0.14, "moderate": 0.32, "large": 0.60}[finding.size]
    height *= rng.uniform(0.88, 1.12)
    # Measured from the sulcus, the lowest lateral point of the lung.
    lateral = np.clip(x / anatomy.chest_half_width, 0, 1)
    base = anatomy.dome + 0.50 * 0.34 + 0.05 * (sign > 0)
    climb = (0.16 + 0.10 * height) * (lateral - 0.70) * 1.2
    level = base - height - climb + 0.06
    return soft_step(y - level, 0.045) * soft_step(x, 0.02)


def consolidation(
    field: Field, finding: Finding, rng: np.random.Generator
) -> FloatArray:
    """A patchy opacity 0..1 in one zone, cut through by lucent bronchi."""
    centre = zone_centre(field, finding, rng, clear=0.17)
    spread_x, spread_y = rng.uniform(0.14, 0.20), rng.uniform(0.13, 0.18)
    radius = np.hypot(
        (field.x - centre[0]) / spread_x, (field.y - centre[1]) / spread_y
    )
    ragged = radius + 0.16 * smooth_noise(rng, field.size, 22)
    patch = soft_step(1.0 - ragged, 0.32)
    texture = 0.86 + 0.14 * np.clip(smooth_noise(rng, field.size, 48), -1.5, 1.5)
    return np.clip(patch * texture, 0, 1.1).astype(np.float32)


def nodule(field: Field, finding: Finding, rng: np.random.Generator) -> FloatArray:
    """A round, sharply bordered opacity 0..1 of 8-30 mm on the detector."""
    diameter = rng.uniform(*NODULE_MM)
    radius = diameter / FIELD_MM / field.anatomy.scale
    centre = zone_centre(field, finding, rng, clear=radius + 0.045)
    angle = np.arctan2(field.y - centre[1], field.x - centre[0])
    lobes = 1 + 0.06 * np.sin(3 * angle + rng.uniform(0, 6)) * rng.uniform(0, 1)
    distance = np.hypot(field.x - centre[0], field.y - centre[1]) / (radius * lobes)
    sphere = np.sqrt(np.clip(1 - np.square(distance), 0, 1))
    return np.maximum(sphere**0.7, 0).astype(np.float32)


def free_air(
    field: Field, finding: Finding, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Air 0..1 outside the retracted lung, and the pleural line 0..1 beside it."""
    anatomy, y = field.anatomy, field.y
    x = side_sign(finding.side) * (field.x - anatomy.midline(y))
    gap = {"small": 0.12, "moderate": 0.20}[finding.size] * rng.uniform(0.9, 1.15)
    # Most air lies at the apex; the gap closes towards the base.
    height = np.clip((y + 0.78) / 1.1, 0, 1)
    lateral = gap * (1.0 - 0.75 * height)
    lowered = soft_step(y - (-0.70 + 1.15 * gap), 0.01)
    edge = (anatomy.wall(y - 1.15 * gap) - lateral) * lowered
    distance = x - np.maximum(edge, 0.06)
    outside = soft_step(distance, 0.010) * soft_step(x - 0.05, 0.01)
    fading = soft_step(0.30 - y, 0.08)
    line = np.exp(-np.square((distance + 0.004) / 0.010)) * soft_step(x - 0.07, 0.01)
    return (outside * fading).astype(np.float32), (line * fading).astype(np.float32)


def haze(field: Field, finding: Finding, rng: np.random.Generator) -> FloatArray:
    """Perihilar clouding of both lungs 0..1 with short septal lines at the bases."""
    strength = {"small": 0.60, "moderate": 0.90}[finding.size]
    wings = np.exp(
        -np.square((np.abs(field.x) - 0.24) / 0.20) - np.square((field.y + 0.02) / 0.34)
    )
    cloud = 0.85 + 0.30 * np.clip(smooth_noise(rng, field.size, 40), -1.6, 1.6)
    strokes: list[Stroke] = []
    for sign in (-1.0, 1.0):
        for _ in range(7):
            edge = sign * field.anatomy.chest_half_width * rng.uniform(0.90, 0.96)
            height = field.anatomy.dome + rng.uniform(-0.22, 0.02)
            inner = edge - sign * rng.uniform(0.05, 0.09)
            line = smooth_path([(edge, height), (inner, height - 0.005)], 3)
            strokes.append((line, 0.007, 0.5))
    lines = draw_strokes(field, strokes)
    return (strength * (wings * cloud + 0.8 * lines)).astype(np.float32)


def device(field: Field, finding: Finding, rng: np.random.Generator) -> FloatArray:
    """Metal or radio-opaque plastic 0..1 of one tube, line or pacemaker."""
    anatomy = field.anatomy
    jitter = float(rng.uniform(-0.02, 0.02))
    middle = -0.02 * anatomy.rotation
    apex = (0.30 + 0.45 * (anatomy.cardiothoracic_ratio - 0.4), anatomy.dome - 0.06)
    strokes: list[Stroke] = []
    if finding.device == "endotracheal tube":
        tip = rng.uniform(-0.42, -0.32)
        for offset in (-0.022, 0.022):
            path = [(middle + offset + jitter, -1.1), (middle + offset, tip)]
            strokes.append((smooth_path(path), 0.013, 0.75))
        centre = smooth_path([(middle + jitter, -1.1), (middle, tip)])
        strokes.append((centre, 0.016, 1.0))
    elif finding.device == "central venous catheter":
        sign = -1.0 if rng.random() < 0.75 else 1.0
        path = [
            (sign * rng.uniform(0.22, 0.30), -1.05),
            (sign * 0.20 + jitter, -0.72),
            (-0.05 + 0.06 * sign, -0.44),
            (-0.11, rng.uniform(-0.16, -0.04)),
        ]
        strokes.append((smooth_path(path), 0.021, 1.0))
    elif finding.device == "enteric tube":
        path = [
            (middle + jitter, -1.1),
            (middle + 0.03, -0.3),
            (middle + 0.05, anatomy.dome),
            (0.30 + jitter, anatomy.dome + 0.22),
        ]
        strokes.append((smooth_path(path), 0.020, 0.95))
    else:
        box = (0.50 + jitter, -0.50 + rng.uniform(-0.05, 0.05))
        flat = smooth_path([(box[0] - 0.05, box[1]), (box[0] + 0.05, box[1])], 6)
        strokes.append((flat, 0.17, 1.0))
        path = [
            (box[0] - 0.06, box[1] - 0.06),
            (0.24, -0.60),
            (0.0, -0.48),
            (-0.12, -0.15),
            (-0.08, 0.12),
            apex,
        ]
        strokes.append((smooth_path(path), 0.018, 0.95))
    return draw_strokes(field, strokes)


def add_findings(
    field: Field,
    chest: Chest,
    findings: tuple[Finding, ...],
    rng: np.random.Generator,
) -> tuple[FloatArray, dict[Finding, FloatArray]]:
    """Attenuation with all findings, and the visible change of each one alone."""
    image = chest.base.copy()
    vessels = 0.105 * chest.vessels
    changes: dict[Finding, FloatArray] = {}
    metal = np.zeros_like(image)
    for finding in findings:
        if finding.kind == "cardiomegaly":
            changes[finding] = 0.2 * chest.heart
        elif finding.kind == "support_device":
            changes[finding] = 0.34 * device(field, finding, rng)
            metal = np.maximum(metal, changes[finding])
        elif finding.kind == "pneumothorax":
            air, line = free_air(field, finding, rng)
            vessels = vessels * (1 - air)
            change = chest.depth * -0.095 * air + 0.11 * line * chest.lung
            changes[finding] = change.astype(np.float32)
            image += changes[finding]
        else:
            filled, strength = _opacity(field, finding, rng)
            change = AIR * strength * filled * chest.depth
            vessels = vessels * (1 - 0.8 * np.clip(filled, 0, 1))
            changes[finding] = change.astype(np.float32)
            image += changes[finding]
    return (image + vessels + metal).astype(np.float32), changes


def _opacity(
    field: Field, finding: Finding, rng: np.random.Generator
) -> tuple[FloatArray, float]:
    """Shape 0..1 of what fills the lung, and the share of the air that it replaces."""
    if finding.kind == "pleural_effusion":
        # Fluid is denser than the air it displaces, so the diaphragm sinks in it.
        return effusion(field, finding, rng), 1.12
    if finding.kind == "consolidation":
        return consolidation(field, finding, rng), float(rng.uniform(0.50, 0.72))
    if finding.kind == "nodule":
        return nodule(field, finding, rng), float(rng.uniform(0.46, 0.62))
    return haze(field, finding, rng), 0.62
