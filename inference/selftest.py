"""Does whatever writes reports look at the image? A test that needs no reference.

Reports are asked for again and again while names and places stay and only pixels
change: to a flat grey, black or noise, to another radiograph, or by a grey level that
no eye can see. What looks at the image follows the pixels; what does not, writes the
same, or follows the name or the place of an image. No torch, no Django: anything that
turns images into texts can be tested.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from PIL import Image

from inference.verdict import (
    FOLLOWS,
    NO_CHANGE,
    STEADY,
    Figures,
    Round,
    Verdict,
    judged,
    measured,
)

IMAGES = 8
"""How many radiographs are asked about where nobody says otherwise."""

FIRST_PHANTOM, PHANTOM_SIZE = 930_000, 512

Write = Callable[[Sequence[Image.Image]], Sequence[str]]
"""Images, each with a `filename` as Pillow's own have, to one text each, in order."""


@dataclass(frozen=True)
class SelfTest:
    """The outcome: a verdict with its sentence, figures, and every text."""

    verdict: Verdict
    sentence: str
    figures: Figures
    names: tuple[str, ...]
    texts: Mapping[str, Sequence[str]]

    def as_dict(self) -> dict[str, object]:
        """The outcome for JSON."""
        return {
            "verdict": str(self.verdict),
            "sentence": self.sentence,
            "thresholds": {
                "no_change": NO_CHANGE,
                "follows": FOLLOWS,
                "steady": STEADY,
            },
            "figures": asdict(self.figures),
            "names": list(self.names),
            "texts": {name: list(texts) for name, texts in self.texts.items()},
        }


def phantom_images(count: int) -> dict[str, Image.Image]:
    """Drawn chests for whoever has no radiographs at hand, by name."""
    from inference.phantom.phantom import draw, render_8bit

    seeds = range(FIRST_PHANTOM, FIRST_PHANTOM + count)
    return {
        f"phantom-{seed}": Image.fromarray(render_8bit(draw(seed, size=PHANTOM_SIZE)))
        for seed in seeds
    }


def run_self_test(
    write: Write,
    images: Sequence[Image.Image],
    names: Sequence[str] | None = None,
    *,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> SelfTest:
    """Ask for reports on these radiographs in seven rounds, and judge.

    images    mode L; of equal ones the first stands for all
    names     what the images go by; their places where there are none
    progress  told how many reports are written, and of how many, after each round

    Raises ValueError where fewer than two different images are given or `write` does
    not return a text for each image; whatever `write` raises passes through.
    """
    names = names or [f"image-{number}.png" for number in range(1, len(images) + 1)]
    pictures = distinct(images, names)
    if len(pictures) < 2:
        raise ValueError(
            "The test exchanges images, so it needs two different ones at the least."
        )
    texts: dict[str, list[str]] = {}
    for number, round_ in enumerate(Round, 1):
        shown = _shown(round_, list(pictures.values()), seed)
        texts[round_] = _written(write, shown, list(pictures))
        if progress is not None:
            progress(number * len(pictures), len(Round) * len(pictures))
    figures = measured(texts)
    verdict, sentence = judged(figures, texts)
    return SelfTest(verdict, sentence, figures, tuple(pictures), texts)


def distinct(
    images: Sequence[Image.Image], names: Sequence[str]
) -> dict[str, Image.Image]:
    """What is asked about: the images by name, one of equal ones and of each name."""
    found: dict[tuple[tuple[int, int], bytes], str] = {}
    pictures: dict[str, Image.Image] = {}
    for image, name in zip(images, names, strict=True):
        pixels = (image.size, image.tobytes())
        if pixels not in found and name not in pictures:
            found[pixels] = name
            pictures[name] = image
    return pictures


def _shown(
    round_: Round, images: Sequence[Image.Image], seed: int
) -> list[Image.Image]:
    """What is put under the names, in their order."""
    if round_ is Round.SWAPPED:
        return [*images[1:], images[0]]
    return [
        _changed(round_, image, np.random.default_rng([seed, place]))
        for place, image in enumerate(images)
    ]


def _changed(
    round_: Round, image: Image.Image, chance: np.random.Generator
) -> Image.Image:
    if round_ is Round.GREY:
        return Image.new("L", image.size, 128)
    if round_ is Round.BLACK:
        return Image.new("L", image.size, 0)
    if round_ is Round.NOISE:
        noise = chance.integers(0, 256, image.size[::-1], dtype=np.uint8)
        return Image.fromarray(noise, "L")
    if round_ is Round.NUDGED:
        lighter = np.minimum(np.asarray(image).astype(np.uint16) + 1, 255)
        return Image.fromarray(lighter.astype(np.uint8), "L")
    return image


def _written(
    write: Write, images: Sequence[Image.Image], names: Sequence[str]
) -> list[str]:
    """Ask about copies that carry nothing but pixels and the name they stand under."""
    asked = []
    for image, name in zip(images, names, strict=True):
        bare = Image.frombytes("L", image.size, image.tobytes())
        # Pillow sets it on what it opens, so that a source may read it.
        bare.filename = name  # type: ignore[attr-defined]
        asked.append(bare)
    texts = [text.strip() for text in write(asked)]
    if len(texts) != len(asked):
        raise ValueError(
            f"{len(asked)} images were sent and {len(texts)} reports came back: the "
            "source must answer each image once."
        )
    return texts
