"""The fonts of a panel: DejaVu Sans, which matplotlib brings, else what is at hand.

Texts are measured as matplotlib draws them: shaped, kerned, sign by sign in the first
font that has it.
"""

from collections.abc import Set
from dataclasses import dataclass
from functools import lru_cache

from matplotlib.font_manager import (
    FontProperties,
    findSystemFonts,
    fontManager,
    get_font,
)
from matplotlib.ft2font import FT2Font
from matplotlib.textpath import text_to_path

FAMILY = "DejaVu Sans"
BOX = "□"
_VARIANTS = (0xFE0E, 0xFE0F)
# matplotlib carries these for formulas; the last shows any sign as the like of a box.
_FOR_FORMULAS = ("STIX", "cm", "Last Resort")


@dataclass(frozen=True)
class Fonts:
    """DejaVu Sans at two weights, and what stands in where it lacks a sign.

    Bold are the panel's own headings alone, which need no other font.

    families  for texts of regular weight, the first one that has a sign shows it
    missing   the signs of the text that no font at hand has, for which BOX stands
    """

    families: tuple[str, ...] = (FAMILY,)
    missing: str = ""

    def properties(self, size: float, *, bold: bool = False) -> FontProperties:
        """Return what matplotlib is to draw a text with; `size` in points."""
        # What an SVG is shown with elsewhere is named last.
        families = (FAMILY,) if bold else self.families
        return FontProperties(
            family=[*families, "sans-serif"],
            weight="bold" if bold else "normal",
            size=size,
        )

    def shown(self, text: str) -> str:
        """Return a text with an empty box for each sign that no font has.

        What asks for a sign in colours is left out: fonts are drawn in one.
        """
        boxes: dict[int, str | None] = {ord(sign): BOX for sign in self.missing}
        return text.translate(boxes | dict.fromkeys(_VARIANTS))

    def width(self, text: str, size: float, *, bold: bool = False) -> float:
        """Return the width of a text as shown at a size, both in points."""
        return size * _width_of_one_point(self, text, bold)

    @property
    def are_truetype(self) -> bool:
        """Whether all have TrueType outlines; others fit no TrueType font in a PDF."""
        tables = (_font(family).get_sfnt_table("maxp") for family in self.families)
        return all(table and table["version"][0] == 1 for table in tables)


def fonts_for(text: str) -> Fonts:
    """Return fonts that have every sign of a text, as far as this machine has them."""
    signs = dict.fromkeys(Fonts().shown("".join(text.split())))
    missing = set(signs) - _shown(FAMILY, signs.keys())
    stand_ins: list[str] = []
    while missing and (family := _best(missing)):
        stand_ins.append(family)
        missing -= _shown(family, missing)
    left = "".join(sign for sign in signs if sign in missing)
    return Fonts((FAMILY, *stand_ins), left)


@lru_cache(maxsize=4096)
def _width_of_one_point(fonts: Fonts, text: str, bold: bool) -> float:
    properties = fonts.properties(1.0, bold=bold)
    shown = fonts.shown(text)
    width, _, _ = text_to_path.get_text_width_height_descent(shown, properties, False)
    return width


def _best(signs: Set[str]) -> str | None:
    """The family that has the most of these signs; None where none has any."""
    best, most = None, 0
    for family in _families():
        count = len(_shown(family, signs))
        if count > most:
            best, most = family, count
        if count == len(signs):
            break
    return best


def _shown(family: str, signs: Set[str]) -> set[str]:
    """The signs that a family's regular font has."""
    font = _font(family)
    return {sign for sign in signs if font.get_char_index(ord(sign))}


def _font(family: str) -> FT2Font:
    return get_font(fontManager.findfont(FontProperties(family=[family])))


def _families() -> list[str]:
    """Every family at hand, those that go with DejaVu Sans before the others."""
    _notice_new_fonts()
    unlike: dict[str, float] = {}
    for entry in fontManager.ttflist:
        if entry.style == "normal" and not entry.name.startswith(_FOR_FORMULAS):
            distance = fontManager.score_weight(entry.weight, "normal")
            unlike[entry.name] = min(distance, unlike.get(entry.name, distance))

    def order(name: str) -> tuple[bool, bool, float, str]:
        return "Sans" not in name, "Mono" in name, unlike[name], name

    return sorted(unlike, key=order)


def _notice_new_fonts() -> None:
    """matplotlib keeps a list of the fonts that it once found; some came since."""
    known = {entry.fname for entry in fontManager.ttflist}
    for path in findSystemFonts():
        if path not in known:
            try:
                fontManager.addfont(path)
            except (OSError, RuntimeError):
                continue  # of a kind that cannot be drawn at any size
