"""What every writer of reports has in common.

A writer is given radiographs and says of each what became of it: a report, a refusal,
or a failure in a sentence. CXR-LLaVA, an endpoint elsewhere, a model of transformers
and a command are writers; the worker, the self-test and whoever else wants reports know
nothing more of them than this.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from PIL import Image

from inference.characters import whole_characters

Key = TypeVar("Key")


class ForGood(ValueError):
    """A problem, in a sentence, that another try would meet again."""


def nothing() -> None:
    """What is done before sending where nobody need be asked."""


@dataclass(frozen=True)
class Picture(Generic[Key]):
    """One radiograph to write about.

    key   whatever the caller knows it by; no writer passes it on
    open  returns the image, mode L; raises ValueError, in a sentence, where it cannot.
          It may be called in a thread
    before_sending
          called right before each time that the image is sent to somebody else, by the
          thread that takes the outcomes; raises ForGood where it may not be sent
    """

    key: Key
    open: Callable[[], Image.Image]
    before_sending: Callable[[], None] = nothing


@dataclass(frozen=True)
class Answer:
    """One answer that somebody may charge for, whether it was a report or not.

    said        the words of a refusal; empty for a report
    tokens_in   of prompt and image, as the endpoint counts them
    tokens_out  of the answer
    """

    is_refusal: bool
    said: str
    tokens_in: int
    tokens_out: int


@dataclass(frozen=True)
class Written(Generic[Key]):
    """A report; `making` holds what is particular to it, `finish` among the rest."""

    key: Key
    text: str
    making: dict[str, Any]
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True)
class Refused(Generic[Key]):
    """The model would not write; asking again would bring the same."""

    key: Key
    said: str
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True)
class Failed(Generic[Key]):
    """There is no report; the reason may pass unless it is there for good."""

    key: Key
    problem: str
    answers: tuple[Answer, ...] = ()
    for_good: bool = False


Outcome = Written[Key] | Refused[Key] | Failed[Key]


class ReportWriter(Protocol):
    """Writes reports. Not for several threads at once."""

    @property
    def fingerprint(self) -> str:
        """The SHA-256 that names everything a report depends on besides its image."""
        ...

    def provenance(self) -> dict[str, Any]:
        """Return as JSON-able values what reports rest on; it holds no key."""
        ...

    def write(self, pictures: Sequence[Picture[Key]]) -> Iterator[Outcome[Key]]:
        """Say of each picture, in any order and as soon as it is known, what came.

        May raise where a batch fails as a whole; what was said before stays said.
        """
        ...


@dataclass
class Asked:
    """Lets a writer answer a self-test: images in, texts out.

    A refusal is taken for the text that it is: a model that will not write about a grey
    square, and does about a chest, has looked. Raises ValueError where one could not be
    written at all, ForGood if that will stay so, or where all of the first images are
    refused.

    heard           told of every outcome, such as to count what it cost
    before_sending  as each picture has it
    """

    writer: ReportWriter
    heard: Callable[[Outcome[int]], None] = lambda outcome: None
    before_sending: Callable[[], None] = nothing
    has_begun: bool = field(default=False, init=False)

    def __call__(self, images: Sequence[Image.Image]) -> list[str]:
        """Return the text about each image, in their order."""
        pictures = [
            Picture(place, image.copy, self.before_sending)
            for place, image in enumerate(images)
        ]
        texts, refused = {}, 0
        for outcome in self.writer.write(pictures):
            self.heard(outcome)
            if isinstance(outcome, Failed):
                problem = ForGood if outcome.for_good else ValueError
                raise problem(outcome.problem)
            if isinstance(outcome, Refused):
                refused += 1
                texts[outcome.key] = whole_characters(outcome.said.strip())
            else:
                texts[outcome.key] = whole_characters(outcome.text.strip())
        if refused == len(images) and not self.has_begun:
            raise ValueError(
                "It refused to write about every one of these radiographs, so there is "
                "nothing to compare. Try another prompt."
            )
        self.has_begun = True
        return [texts[place] for place in range(len(images))]
