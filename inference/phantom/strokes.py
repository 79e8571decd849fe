"""Thin structures drawn as strokes: pulmonary vessels, tubes, lines, a pacemaker.

Strokes are drawn on a canvas of twice the size and reduced, which smooths their edges.
"""

import numpy as np
from PIL import Image, ImageDraw
from scipy.interpolate import PchipInterpolator

from inference.phantom.anatomy import Anatomy, Field, FloatArray

# One stroke: points [n, 2] in anatomical coordinates, width in the same unit, strength.
Stroke = tuple[FloatArray, float, float]
OVERSAMPLING = 2


def draw_strokes(field: Field, strokes: list[Stroke]) -> FloatArray:
    """Strength of the strongest stroke at each pixel, 0..1, shape [size, size]."""
    canvas = field.size * OVERSAMPLING
    image = Image.new("L", (canvas, canvas), 0)
    pen = ImageDraw.Draw(image)
    ordered = sorted(strokes, key=lambda stroke: stroke[2])
    places = field.pixels(np.concatenate([points for points, _, _ in ordered]), canvas)
    first = 0
    for points, width, strength in ordered:
        last = first + 2 * len(points)
        thickness = width * canvas / 2 * field.anatomy.scale
        # A stroke thinner than a canvas pixel keeps its area by becoming fainter.
        shade = round(255 * min(1.0, strength * min(1.0, thickness)))
        joint = "curve" if thickness > 3 else None
        pen.line(
            places[first:last], fill=shade, width=max(1, round(thickness)), joint=joint
        )
        first = last
    reduced = image.resize((field.size, field.size), Image.Resampling.BOX)
    return np.asarray(reduced, dtype=np.float32) / 255.0


def smooth_path(corners: list[tuple[float, float]], count: int = 24) -> FloatArray:
    """A smooth curve [count, 2] through the given anatomical points."""
    points = np.asarray(corners, dtype=np.float64)
    knots = np.linspace(0, 1, len(points))
    if len(points) == 2:
        return points.astype(np.float32)
    curve = PchipInterpolator(knots, points)(np.linspace(0, 1, count))
    return np.asarray(curve, dtype=np.float32)


def vessel_strokes(
    anatomy: Anatomy, rng: np.random.Generator, *, congestion: float
) -> list[Stroke]:
    """Branching vessels of both lungs; congestion 0..1 widens the upper ones.

    All branches of one generation are grown together: arrays [branches, steps].
    """
    count = 9
    side = np.repeat([-1.0, 1.0], count)
    angle = -1.35 + 2.75 * (np.tile(np.arange(count), 2) + rng.random(2 * count)) / 9
    upper = angle < 0
    width = anatomy.vessel_calibre * np.where(upper, 0.020, 0.027)
    width *= 1 + np.where(upper, 0.9, 0.35) * congestion
    start_x = side * (0.13 + 0.03 * rng.random(2 * count))
    start_y = np.where(side < 0, -0.06, -0.10) + 0.09 * angle
    strokes: list[Stroke] = []
    for generation in range(4):
        turns = angle[:, None] + np.cumsum(rng.normal(0, 0.10, (len(angle), 5)), axis=1)
        length = rng.uniform(0.030, 0.048, len(angle)) * 0.85**generation
        x = start_x[:, None] + np.cumsum(
            side[:, None] * np.cos(turns) * length[:, None], axis=1
        )
        y = start_y[:, None] + np.cumsum(np.sin(turns) * length[:, None], axis=1)
        x = np.concatenate((start_x[:, None], x), axis=1)
        y = np.concatenate((start_y[:, None], y), axis=1)
        points = np.stack((x, y), axis=2).astype(np.float32)
        strength = np.minimum(1.0, 0.25 + width / 0.03)
        strokes.extend(zip(points, width.tolist(), strength.tolist(), strict=True))
        # Every branch ends in two narrower ones that turn away from each other.
        fork = np.repeat(np.arange(len(angle)), 2)
        sign = np.tile([-1.0, 1.0], len(angle))
        spread = np.repeat(rng.uniform(0.2, 0.5, len(angle)), 2)
        angle = turns[fork, -1] + sign * spread
        width = width[fork] * rng.uniform(0.55, 0.78, len(fork))
        start_x, start_y, side = x[fork, -1], y[fork, -1], side[fork]
    return strokes
