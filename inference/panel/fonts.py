"""The fonts of a panel: those of this machine, else the one that Pillow carries.

Liberation Sans comes first, being as wide as Arial and Helvetica, which an SVG is shown
with elsewhere. A sign that it lacks is looked for in every TrueType font at hand.
"""

import io
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path

from PIL import ImageFont

from inference.panel.truetype import NotTrueType, TrueType

# Regular and bold, the best first.
_FAMILIES = (
    ("LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf"),
    ("Arial.ttf", "Arial Bold.ttf"),
    ("arial.ttf", "arialbd.ttf"),
    ("Arimo-Regular.ttf", "Arimo-Bold.ttf"),
    ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
)
# A font of all signs of the Far East has 20 MB; nothing larger is read.
_LARGEST_FILE = 40_000_000


@dataclass(frozen=True, eq=False)
class Face:
    """One font at one weight."""

    name: str
    outlines: TrueType

    def has(self, sign: str) -> bool:
        """Return whether the font can show a sign."""
        return ord(sign) in self.outlines.glyphs

    def width(self, text: str, size: float) -> float:
        """Return the width of a text at a size, in the size's unit."""
        glyphs, advance = self.outlines.glyphs, self.outlines.advance
        units = sum(advance(glyphs.get(ord(sign), 0)) for sign in text)
        return units * size / self.outlines.units

    @lru_cache(maxsize=8)  # noqa: B019  faces are few and live as long as the process
    def at(self, pixels: float) -> ImageFont.FreeTypeFont:
        """Return the font as Pillow draws it, `pixels` to the em."""
        return ImageFont.truetype(io.BytesIO(self.outlines.content), pixels)


@dataclass(frozen=True, eq=False)
class Fonts:
    """A regular and a bold face, and what stands in where they lack a sign.

    missing  the signs of the text for which no font at hand has a shape
    """

    regular: Face
    bold: Face
    stand_ins: tuple[Face, ...] = ()
    missing: str = ""

    def runs(self, text: str, *, bold: bool = False) -> Iterator[tuple[Face, str]]:
        """Split a text into stretches that one face can show."""
        faces = (self.bold if bold else self.regular, self.regular, *self.stand_ins)

        def face_of(sign: str) -> Face:
            return next((face for face in faces if face.has(sign)), faces[0])

        for face, signs in groupby(text, face_of):
            yield face, "".join(signs)

    def width(self, text: str, size: float, *, bold: bool = False) -> float:
        """Return the width of a text at a size, in the size's unit."""
        return sum(face.width(run, size) for face, run in self.runs(text, bold=bold))


def fonts_for(text: str) -> Fonts:
    """Return fonts that have every sign of a text, as far as this machine has them."""
    regular, bold = _pair()
    stand_ins = []
    missing = {sign for sign in text if not regular.has(sign)}
    for path in _files() if missing else ():
        face = _face(path)
        if face and any(face.has(sign) for sign in missing):
            stand_ins.append(face)
            missing = {sign for sign in missing if not face.has(sign)}
        if not missing:
            break
    left = "".join(sign for sign in dict.fromkeys(text) if sign in missing)
    return Fonts(regular, bold, tuple(stand_ins), left)


@cache
def _pair() -> tuple[Face, Face]:
    """The regular and the bold face; looked for once per process."""
    files = {path.name: path for path in reversed(_files())}
    for names in _FAMILIES:
        regular, bold = (
            _face(files[name]) if name in files else None for name in names
        )
        if regular and bold:
            return regular, bold
    carried = _carried()
    return carried, carried


def _carried() -> Face:
    """The font inside Pillow: ASCII and little more, at one weight."""
    font = ImageFont.load_default(size=10)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise RuntimeError("Pillow was built without FreeType, so no text can be set.")
    return Face("Aileron", TrueType(font.font_bytes))


def _files() -> list[Path]:
    """Every font file of this machine, folder by folder."""
    found: list[Path] = []
    for folder in _folders():
        found += sorted(
            path
            for path in folder.rglob("*")
            if path.suffix.lower() in (".ttf", ".ttc") and path.is_file()
        )
    return found


def _folders() -> list[Path]:
    home = Path.home()
    if sys.platform == "win32":
        return [Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts"]
    if sys.platform == "darwin":
        return [
            home / "Library/Fonts",
            Path("/Library/Fonts"),
            Path("/System/Library/Fonts"),
        ]
    return [
        home / ".local/share/fonts",
        home / ".fonts",
        Path("/usr/local/share/fonts"),
        Path("/usr/share/fonts"),
    ]


def _face(path: Path) -> Face | None:
    """The font of a file; None where it is none that can be drawn and embedded."""
    try:
        if path.stat().st_size > _LARGEST_FILE:
            return None
        return Face(path.stem, TrueType(path.read_bytes()))
    except (OSError, NotTrueType):
        return None
