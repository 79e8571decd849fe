"""Does whatever writes reports look at the image? A test that needs no reference.

Reports are asked for again and again while names and places stay and only pixels
change: to a flat grey, black or noise, to another radiograph, or by a grey level that
no eye can see. What looks at the image follows the pixels; what does not, writes the
same, or follows the name or the place of an image. No torch, no Django: anything that
turns images into texts can be tested.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import combinations

import numpy as np
from PIL import Image

IMAGES = 8
"""How many radiographs are asked about where nobody says otherwise."""

FIRST_PHANTOM, PHANTOM_SIZE = 930_000, 512

# The thresholds of the verdict. Likeness of two reports is 1 where they are the same
# words in the same order, 0 where they share none.
NO_CHANGE = 0.05
"""Likeness that a blank image must cost beyond what asking twice costs."""
FOLLOWS = 0.75
"""Share of comparisons in which a report must be nearest to the one on its pixels."""
STEADY = 0.5
"""Of the way from another radiograph's report to a repeated one's, what an invisible
change must leave."""

Write = Callable[[Sequence[Image.Image]], Sequence[str]]
"""Images, each with a `filename` as Pillow's own have, to one text each, in order."""


class Verdict(StrEnum):
    """What the test says."""

    LOOKS = "looks"
    IGNORES = "ignores"
    UNTOLD = "untold"

    @property
    def words(self) -> str:
        """The verdict as people read it."""
        return {
            Verdict.LOOKS: "looks at the image",
            Verdict.IGNORES: "ignores the pixels",
            Verdict.UNTOLD: "cannot be told",
        }[self]


class Round(StrEnum):
    """What stands under the names in one round of questions."""

    FIRST = "first"
    AGAIN = "again"
    NUDGED = "nudged"
    SWAPPED = "swapped"
    GREY = "grey"
    BLACK = "black"
    NOISE = "noise"

    @property
    def words(self) -> str:
        """The round as people read it."""
        return {
            Round.FIRST: "the radiograph",
            Round.AGAIN: "the same once more",
            Round.NUDGED: "one grey level lighter",
            Round.SWAPPED: "another radiograph",
            Round.GREY: "flat grey",
            Round.BLACK: "black",
            Round.NOISE: "noise",
        }[self]


BLANK = (Round.GREY, Round.BLACK, Round.NOISE)


@dataclass(frozen=True)
class Figures:
    """What was measured, shares and mean likenesses between 0 and 1.

    images          distinct radiographs
    distinct        different reports on them
    distinct_blank  different reports on flat grey under as many names
    identical       of each round, the share of reports that stay those of the first
    likeness        of each round, mean likeness to the first round's report
    between         mean likeness of the reports on two different radiographs
    follows         of the swapped round, the share of comparisons in which a report is
                    more like that on its pixels than like that on another radiograph
    keeps_name      of the swapped round, the share of reports that are more like that
                    under their name than like that on their pixels
    steady          0 where an invisible change does as much as another radiograph, 1
                    where it does no more than asking twice; None where reports do not
                    differ
    """

    images: int
    distinct: int
    distinct_blank: int
    identical: Mapping[str, float]
    likeness: Mapping[str, float]
    between: float
    follows: float | None
    keeps_name: float | None
    steady: float | None


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
    pictures = _distinct(images, names)
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


def _distinct(
    images: Sequence[Image.Image], names: Sequence[str]
) -> dict[str, Image.Image]:
    """The images by name; one of those that are equal, and one of each name."""
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


def likeness(one: str, other: str) -> float:
    """Return how much of two texts is the same words in the same order, 0 to 1."""
    words = [text.casefold().split() for text in (one, other)]
    return SequenceMatcher(None, words[0], words[1], autojunk=False).ratio()


def measured(texts: Mapping[str, Sequence[str]]) -> Figures:
    """Compare the rounds of one test."""
    first, swapped = texts[Round.FIRST], texts[Round.SWAPPED]
    others = [Round(name) for name in texts if name != Round.FIRST]
    same = {
        round_: [one == other for one, other in zip(first, texts[round_], strict=True)]
        for round_ in others
    }
    like = {
        round_: [likeness(*pair) for pair in zip(first, texts[round_], strict=True)]
        for round_ in others
    }
    mean_like = {str(name): _mean(values) for name, values in like.items()}
    between = _mean([likeness(*pair) for pair in combinations(first, 2)])
    room = mean_like[Round.AGAIN] - between
    return Figures(
        images=len(first),
        distinct=len(set(first)),
        distinct_blank=len(set(texts[Round.GREY])),
        identical={str(name): _mean(values) for name, values in same.items()},
        likeness=mean_like,
        between=between,
        follows=_follows(first, swapped),
        keeps_name=_keeps_name(first, swapped),
        steady=(mean_like[Round.NUDGED] - between) / room if room > NO_CHANGE else None,
    )


def _mean(values: Sequence[float]) -> float:
    return float(sum(values) / len(values))


def _follows(first: Sequence[str], swapped: Sequence[str]) -> float | None:
    """How often a report is nearest to the one on its pixels; None if all are alike."""
    wins: list[float] = []
    for place, text in enumerate(swapped):
        on_its_pixels = first[(place + 1) % len(first)]
        own = likeness(text, on_its_pixels)
        for other in first:
            if other != on_its_pixels:
                wins.append(float(np.heaviside(own - likeness(text, other), 0.5)))
    return _mean(wins) if wins else None


def _keeps_name(first: Sequence[str], swapped: Sequence[str]) -> float | None:
    """How often a report is nearer to that of its name than to that of its pixels."""
    kept: list[float] = []
    for place, text in enumerate(swapped):
        by_name, by_pixels = first[place], first[(place + 1) % len(first)]
        if by_name != by_pixels:
            kept.append(likeness(text, by_name) > likeness(text, by_pixels))
    return _mean(kept) if kept else None


def judged(figures: Figures, texts: Mapping[str, Sequence[str]]) -> tuple[Verdict, str]:
    """Return the verdict and the sentence that gives its reason."""
    if not any(texts[Round.FIRST]):
        return Verdict.UNTOLD, "No report holds a word, so there is nothing to compare."
    ignores = _ignores(figures)
    if ignores:
        return Verdict.IGNORES, ignores
    doubt = _doubt(figures)
    if doubt:
        return Verdict.UNTOLD, doubt
    return Verdict.LOOKS, (
        f"{figures.distinct} different reports on {figures.images} radiographs; they "
        f"go with the pixels and not with the name in {_percent(figures.follows)} of "
        "comparisons, and a blank image gets another report."
    )


def _ignores(figures: Figures) -> str:
    """The sentence of what ignores pixels; empty for anything else."""
    asked_twice = figures.likeness[Round.AGAIN]
    least = min(figures.likeness[name] for name in BLANK)
    if least >= asked_twice - NO_CHANGE:
        if asked_twice == 1:
            share = min(figures.identical[name] for name in BLANK)
            return (
                f"{_percent(share)} of the reports stay word for word the same when "
                "grey, black or noise stands in the image's place."
            )
        return (
            "Grey, black or noise in the image's place changes a report no more than "
            f"asking twice does: likeness {least:.2f} against {asked_twice:.2f}."
        )
    if figures.keeps_name is not None and figures.keeps_name >= FOLLOWS:
        return (
            f"{_percent(figures.keeps_name)} of the reports stay with the name or the "
            "place of an image when the radiographs under the names are exchanged."
        )
    return ""


def _doubt(figures: Figures) -> str:
    """The sentence of what keeps the test from passing; empty where nothing does."""
    if figures.distinct == 1:
        return (
            f"All {figures.images} radiographs get the same report, though a blank "
            "image gets another. Try radiographs that differ more."
        )
    if figures.follows is None or figures.follows < FOLLOWS:
        return (
            "Reports on exchanged radiographs go with the pixels in only "
            f"{_percent(figures.follows)} of comparisons, where chance reaches half."
        )
    if figures.steady is None:
        return (
            "Reports on different radiographs are as like each other as reports on "
            "the same one. Try radiographs that differ more, or more of them."
        )
    if figures.steady < STEADY:
        return (
            "A change that no eye sees changes the report about as much as another "
            "radiograph does: it depends on the pixels, but not on what they show."
        )
    return ""


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{share:.0%}"
