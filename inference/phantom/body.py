"""The normal chest in layers of attenuation: what a frontal film shows of it.

Each function returns float32 [size, size]. One unit of attenuation is the whole
range from air to dense bone; layers add, as attenuation does along a ray.
"""

from dataclasses import dataclass

import numpy as np

from inference.phantom.anatomy import Anatomy, Field, FloatArray, soft_step
from inference.phantom.strokes import draw_strokes, smooth_path, vessel_strokes

APEX_SOFT = -0.79
AIR = 0.46  # attenuation that a full depth of lung takes away


@dataclass(frozen=True)
class Chest:
    """Maps of one normal chest that findings refer to, each 0..1 [size, size]."""

    lung: FloatArray  # aerated lung, soft at its borders
    depth: FloatArray  # how much lung a ray crosses
    heart: FloatArray
    base: FloatArray  # attenuation of all normal layers
    vessels: FloatArray


def torso(field: Field) -> tuple[FloatArray, FloatArray]:
    """Attenuation of skin, muscle and fat, and the outline 0..1 of the body."""
    anatomy, x, y = field.anatomy, field.x, field.y
    flank = anatomy.chest_half_width + 0.07 + 0.15 * anatomy.habitus
    shoulder = soft_step(y + 0.86 - 0.28 * np.clip(np.abs(x) - 0.30, 0, 1), 0.07)
    width = 0.30 + 0.06 * anatomy.habitus + shoulder * (1.25 - 0.30)
    # Below the arm pits the flank, not the arm, is the border.
    armpit = soft_step(y - 0.05, 0.16)
    width = width * (1 - armpit) + flank * armpit
    outline = soft_step(width - np.abs(x), 0.012)
    crossing = np.sqrt(np.clip(1 - np.square(x / np.maximum(width, 0.2)), 0, 1))
    thickness = 0.42 + 0.10 * anatomy.habitus + 0.20 * crossing**0.6
    arm = np.exp(-np.square((np.abs(x) - 0.93) / 0.10)) * (1 - armpit)
    return ((thickness + 0.06 * arm) * outline).astype(np.float32), outline


def lungs(field: Field) -> tuple[FloatArray, FloatArray]:
    """Soft mask of both lungs and the depth of lung along each ray."""
    anatomy, x, y = field.anatomy, field.x, field.y
    wall = anatomy.wall(y)
    across = np.abs(x - anatomy.midline(y))
    below = anatomy.diaphragm(x) - y
    inside = (
        soft_step(wall - across, 0.012)
        * soft_step(across - anatomy.medial(y), 0.016)
        * soft_step(below, 0.010)
        * soft_step(y - APEX_SOFT, 0.03)
    )
    lens = np.clip(1 - np.square(across / np.maximum(wall, 0.05)), 0, 1) ** 0.42
    height = np.clip((y + 0.82) / 0.5, 0, 1) ** 0.35
    return inside, (inside * lens * (0.75 + 0.25 * height)).astype(np.float32)


def heart_shape(field: Field, ratio: float) -> FloatArray:
    """Silhouette 0..1 of a heart whose width is `ratio` of the chest's."""
    anatomy = field.anatomy
    width = 2 * ratio * anatomy.chest_half_width
    # Two thirds of the heart lie left of the midline; a turned patient shifts it.
    centre = 0.215 * width + 0.03 * anatomy.rotation
    middle = anatomy.dome - 0.145 - 0.06 * (ratio - 0.45)
    x, y = field.x - centre, field.y - middle
    turn = anatomy.heart_tilt
    along = x * np.cos(turn) + y * np.sin(turn)
    over = -x * np.sin(turn) + y * np.cos(turn)
    long_half = width * 0.545
    short_half = width * (0.40 + 0.03 * np.sin(6 * turn))
    distance = 1 - np.hypot(along / long_half, over / short_half)
    silhouette = soft_step(distance, 0.035)
    # The right atrium rounds the border on the patient's right.
    atrium_x = centre - 0.40 * width
    distance = 1 - np.hypot(
        (field.x - atrium_x) / (0.13 * width), (field.y - middle - 0.03) / 0.21
    )
    return np.maximum(silhouette, soft_step(distance, 0.06)).astype(np.float32)


def mediastinum(field: Field) -> FloatArray:
    """Great vessels and aortic knob beside the spine, without the trachea's air."""
    anatomy, x, y = field.anatomy, field.x, field.y
    across = x - anatomy.midline(y) - 0.015 * anatomy.rotation
    band = soft_step(anatomy.mediastinum * 1.05 - np.abs(across), 0.02)
    band *= soft_step(y + 0.98, 0.1)
    knob_y = -0.36
    knob = soft_step(
        1 - np.hypot((across - 0.085) / anatomy.knob, (y - knob_y) / 0.095), 0.09
    )
    trunk = soft_step(1 - np.hypot((across - 0.09) / 0.105, (y + 0.16) / 0.14), 0.12)
    hilum_right = np.exp(-np.square((x + 0.17) / 0.06) - np.square((y + 0.05) / 0.11))
    hilum_left = np.exp(-np.square((x - 0.18) / 0.06) - np.square((y + 0.10) / 0.11))
    solid = np.maximum(band, np.maximum(knob, 0.9 * trunk))
    hila = 0.40 * np.maximum(hilum_right, hilum_left)
    return np.maximum(solid, hila).astype(np.float32)


def airway(field: Field) -> FloatArray:
    """Air 0..1 in the trachea and the two main bronchi."""
    anatomy, x, y = field.anatomy, field.x, field.y
    across = x - anatomy.midline(y) + 0.012 * anatomy.rotation
    trachea = np.exp(-np.square(across / 0.042)) * soft_step(-0.26 - y, 0.03)
    slide = np.clip(y + 0.26, 0, 1)
    right = np.exp(-np.square((across + 0.85 * slide) / 0.030))
    left = np.exp(-np.square((across - 1.05 * slide) / 0.026))
    bronchi = np.maximum(right, left) * soft_step(y + 0.27, 0.02)
    bronchi *= soft_step(-0.10 - y, 0.04)
    return np.maximum(trachea, 0.75 * bronchi).astype(np.float32)


def spine(field: Field) -> FloatArray:
    """Vertebral bodies with discs between them, 0..1."""
    anatomy, x, y = field.anatomy, field.x, field.y
    across = x - anatomy.midline(y)
    spacing = 0.118 + 0.022 * y
    phase = (y / spacing + anatomy.rib_phase) % 1.0
    body = 0.55 + 0.45 * soft_step(0.40 - np.abs(phase - 0.5), 0.06)
    column = soft_step(0.075 - np.abs(across), 0.012)
    process = np.exp(-np.square(across / 0.014) - np.square((phase - 0.62) / 0.16))
    pedicle = np.exp(
        -np.square((np.abs(across) - 0.045) / 0.012) - np.square((phase - 0.35) / 0.13)
    )
    return (column * body + 0.5 * process + 0.35 * pedicle).astype(np.float32)


def bones(field: Field) -> FloatArray:
    """Ribs, clavicles and shoulder blades, about 0..1."""
    anatomy, x, y = field.anatomy, field.x, field.y
    wall = np.maximum(anatomy.wall(y) + 0.025, 0.08)
    across = np.clip(np.abs(x - anatomy.midline(y)) / wall, 0, 1)
    angle = np.arcsin(np.clip((across - 0.10) / 0.90, 0, 0.9995))
    inside = soft_step(1.0 - np.abs(x - anatomy.midline(y)) / wall, 0.01)
    slope = anatomy.rib_slope
    # One rib follows the next: the distance to the nearest is a matter of phase.
    posterior = y - slope * (1 - np.cos(angle)) * 1.3 + 0.03 * np.sin(2 * angle)
    anterior = y - slope * (1.3 + 1.25 * np.cos(angle) ** 0.8)
    cage = soft_step(y + 0.84, 0.05) * soft_step(0.80 - y, 0.1)
    back = _tubes(posterior * anatomy.rib_count + anatomy.rib_phase, 0.24)
    front = _tubes(anterior * anatomy.rib_count + anatomy.rib_phase + 0.3, 0.27)
    front *= soft_step(across - 0.36, 0.06) * soft_step(y + 0.50, 0.08)
    # The dense abdomen swallows most of the contrast of the lower ribs.
    cage *= 1 - 0.6 * soft_step(y - anatomy.diaphragm(x), 0.05)
    ribs = (back * soft_step(across - 0.08, 0.03) + 0.62 * front) * inside * cage
    return (ribs + 1.15 * _clavicles(field) + 0.35 * _scapulae(field)).astype(
        np.float32
    )


def _tubes(phase: FloatArray, half: float) -> FloatArray:
    """Cross section of a row of hollow bones, one per unit of phase."""
    offset = np.abs(phase - np.round(phase)) / half
    inside = soft_step(1 - offset, 0.12)
    cortex = np.exp(-np.square((offset - 0.88) / 0.16))
    return (inside * 0.55 + 0.45 * cortex).astype(np.float32)


def _clavicles(field: Field) -> FloatArray:
    """Both collar bones; a turned patient brings one inner end nearer the spine."""
    anatomy, y = field.anatomy, field.y
    across = field.x - anatomy.midline(y) - 0.035 * anatomy.rotation
    reach = np.abs(across)
    height = (
        anatomy.clavicle_height
        + 0.10 * np.exp(-reach / 0.16)
        - 0.10 * reach
        + 0.025 * np.sin(7 * reach)
    )
    half = 0.030 + 0.018 * np.exp(-np.square((reach - 0.09) / 0.05))
    offset = np.abs(y - height) / half
    ends = soft_step(reach - 0.075, 0.015) * soft_step(0.86 - reach, 0.04)
    body = soft_step(1 - offset, 0.12) * 0.5
    cortex = 0.5 * np.exp(-np.square((offset - 0.88) / 0.18))
    return np.asarray((body + cortex) * ends, dtype=np.float32)


def _scapulae(field: Field) -> FloatArray:
    """Shoulder blades and upper arms at the lateral border of the upper chest."""
    anatomy, x, y = field.anatomy, np.abs(field.x), field.y
    edge = anatomy.chest_half_width * (0.93 + 0.10 * y)
    blade = soft_step(x - edge, 0.015) * soft_step(0.12 - y - 0.6 * (x - edge), 0.03)
    blade *= soft_step(y + 0.62, 0.04) * soft_step(1.02 * edge + 0.16 - x, 0.05)
    head = soft_step(1 - np.hypot((x - 0.93) / 0.12, (y + 0.58) / 0.13), 0.06)
    return np.maximum(blade, 1.6 * head).astype(np.float32)


def abdomen(field: Field) -> FloatArray:
    """Extra density under the diaphragm, with gas in stomach and bowel taken out."""
    anatomy, x, y = field.anatomy, field.x, field.y
    wall = anatomy.wall(y)
    within = soft_step(wall + 0.02 - np.abs(x), 0.02)
    dome = anatomy.diaphragm(np.clip(x, -wall, wall))
    # Outside the ribs the flank has no diaphragm: the change is gradual there.
    below = soft_step(y - dome, 0.012) * within
    below += soft_step(y - dome, 0.30) * (1 - within)
    rng = np.random.default_rng(anatomy.seed + 1)
    gas_y = float(anatomy.dome) + 0.20 + rng.uniform(0, 0.05)
    bubble = soft_step(
        1 - np.hypot((x - rng.uniform(0.28, 0.38)) / 0.17, (y - gas_y) / 0.075), 0.2
    )
    loops = np.zeros_like(bubble)
    for _ in range(3):
        centre = (rng.uniform(-0.5, 0.6), rng.uniform(0.78, 0.98))
        away = np.square((x - centre[0]) / 0.09) + np.square((y - centre[1]) / 0.05)
        loops = np.maximum(loops, np.exp(-away))
    return (below * (0.14 - anatomy.gas * (0.22 * bubble + 0.10 * loops))).astype(
        np.float32
    )


def breasts(anatomy: Anatomy, field: Field) -> FloatArray:
    """Soft shadows over the lower lungs, 0..1; absent where anatomy.breast is 0."""
    radius = np.hypot((np.abs(field.x) - 0.42) / 0.34, (field.y - 0.12) / 0.36)
    lower = 0.35 + 0.65 * soft_step(field.y - 0.10, 0.2)
    return (anatomy.breast * soft_step(1 - radius, 0.05) * lower).astype(np.float32)


def normal_chest(field: Field, *, congestion: float) -> Chest:
    """All normal layers of one body added up."""
    anatomy = field.anatomy
    rng = np.random.default_rng(anatomy.seed)
    soft, outline = torso(field)
    lung, depth = lungs(field)
    heart = heart_shape(field, anatomy.cardiothoracic_ratio)
    above = soft_step(anatomy.diaphragm(field.x) + 0.06 - field.y, 0.02)
    vessels = draw_strokes(field, vessel_strokes(anatomy, rng, congestion=congestion))
    # Heart and great vessels displace lung: where they lie, less air is crossed.
    centre = np.maximum(heart * above, mediastinum(field))
    air = depth * (1 - 0.80 * centre)
    base = (
        soft
        - AIR * air
        + 0.05 * centre
        + (0.11 * spine(field) + 0.085 * bones(field)) * outline
        - 0.10 * airway(field)
        + 0.055 * breasts(anatomy, field) * outline
        + abdomen(field) * outline
    )
    return Chest(
        lung=lung,
        depth=(depth * (1 - centre)).astype(np.float32),
        heart=(heart * above).astype(np.float32),
        base=base.astype(np.float32),
        vessels=(vessels * depth * (1 - 0.85 * centre)).astype(np.float32),
    )


def lead_marker(field: Field) -> FloatArray:
    """The lead bar that marks the patient's right side, 0..1."""
    stroke = smooth_path([(-0.90, -0.93), (-0.82, -0.93)], 4)
    return draw_strokes(field, [(stroke, 0.02, 1.0)])
