"""The test pattern of the display check: what it shows, and what was said of it.

Whoever looks cannot know the right answers but by seeing them. The patches follow
what test patterns for displays have long shown: a square of 5 % in one of 0 %, and one
of 95 % in one of 100 %. Pure: chance and answers come in, a verdict goes out.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

CORNERS = ("top_left", "top_right", "bottom_left", "bottom_right")
DIRECTIONS = ("upright", "level")
FEWEST_STEPS, MOST_STEPS = 9, 14
# What is said where nothing is seen.
NONE = "none"

REMEDIES = {
    "dark": _(
        "The dark square was not told. Dim the room, look straight at the screen, and "
        "raise its brightness or choose its standard picture mode."
    ),
    "bright": _(
        "The bright square was not told. Lower the contrast of the screen, and switch "
        "off its dynamic contrast or eye-saver mode."
    ),
    "steps": _(
        "The grey steps were not counted right. Switch off night colours and dynamic "
        "contrast, and look again at both ends of the row."
    ),
    "lines": _(
        "The fine lines were not told. Set the browser's zoom to 100 % (Ctrl and 0) "
        "and the screen to its own resolution."
    ),
    "room": _("Dim the room and turn lamps and windows away from the screen."),
}


@dataclass(frozen=True)
class Pattern:
    """What one pattern shows.

    dark, bright  corner in which the faint square lies
    steps         how many grey steps there are, black and white included
    lines         direction of the line pairs
    """

    dark: str
    bright: str
    steps: int
    lines: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def new_pattern() -> Pattern:
    """A pattern drawn by chance."""
    return Pattern(
        dark=secrets.choice(CORNERS),
        bright=secrets.choice(CORNERS),
        steps=FEWEST_STEPS + secrets.randbelow(MOST_STEPS - FEWEST_STEPS + 1),
        lines=secrets.choice(DIRECTIONS),
    )


def greys(steps: int) -> list[str]:
    """The levels of a row of equal steps from black to white, as colours."""
    levels = [round(255 * number / (steps - 1)) for number in range(steps)]
    return [f"#{level:02x}{level:02x}{level:02x}" for level in levels]


def not_met(pattern: Pattern, answers: Mapping[str, Any]) -> list[str]:
    """The names of what was not told right; a display passes where there are none."""
    expected = pattern.as_json() | {"room": True}
    return [name for name in REMEDIES if answers.get(name) != expected[name]]


_SIZES = {
    "screen_width": 20_000,
    "screen_height": 20_000,
    "window_width": 20_000,
    "window_height": 20_000,
    "colour_depth": 64,
}
_RATIOS = {"pixel_ratio": 16, "zoom": 16}


def known_device(told: Any) -> dict[str, float]:
    """What is believable of what a browser told of its screen; the rest is left out."""
    if not isinstance(told, dict):
        return {}
    kept: dict[str, float] = {}
    for name, most in (_SIZES | _RATIOS).items():
        value = told.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        if 0 < value <= most:
            kept[name] = round(value) if name in _SIZES else round(value, 3)
    return kept


def screen_of(device: Mapping[str, float]) -> str:
    """A name by which the same screen is known again; empty where nothing was told."""
    parts = [device.get(name) for name in ("screen_width", "screen_height")]
    if None in parts:
        return ""
    name = f"{parts[0]}x{parts[1]}x{device.get('colour_depth', 0)}"
    return name if re.fullmatch(r"\d+x\d+x\d+", name) else ""
