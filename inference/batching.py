"""Many radiographs through one model: opened ahead, sorted by length, in batches.

While the model writes about one batch, threads open the images of the next. Prompts
of like length share a batch, so that little of it is padding. Where a batch does not
fit into memory it is halved, and stays halved for as long as the engine lives.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

import torch
from PIL import Image

from inference.cxr_llava.processing import Conversation
from inference.identity import DecodingSettings
from inference.prompts import report_conversation

if TYPE_CHECKING:
    from inference.engine import GeneratedReport, ReportEngine

OPENING_THREADS = 2
Key = TypeVar("Key")


@dataclass(frozen=True)
class Request(Generic[Key]):
    """One question about one radiograph.

    key   whatever the caller knows the request by
    open  returns the image, mode L; raises ValueError, in a sentence, where it cannot
    """

    key: Key
    open: Callable[[], Image.Image]
    conversation: Conversation


@dataclass(frozen=True)
class Answered(Generic[Key]):
    """What became of a request: a report, or the reason why there is none."""

    key: Key
    report: "GeneratedReport | None"
    problem: str = ""


def answer_many(
    engine: "ReportEngine",
    requests: Sequence[Request[Key]],
    *,
    settings: DecodingSettings,
    batch: int,
) -> Iterator[Answered[Key]]:
    """Answer every request, `batch` at a time; shorter prompts come first.

    Raises torch.OutOfMemoryError where even one image at a time does not fit.
    """
    waiting = _by_length(engine, requests)
    size = min(batch, engine.largest_batch or batch)
    with ThreadPoolExecutor(OPENING_THREADS, "open") as executor:
        opening = [executor.submit(one.open) for one in waiting[:size]]
        while waiting:
            group, images = waiting[: len(opening)], opening
            # The next images are opened while this batch is written.
            coming = waiting[len(group) : len(group) + size]
            ahead = [executor.submit(one.open) for one in coming]
            try:
                yield from _answered(engine, group, images, settings)
            except torch.OutOfMemoryError:
                if size == 1 or len(group) == 1:
                    raise
                size = engine.largest_batch = len(group) // 2
                torch.cuda.empty_cache()
                opening = images[:size]
                continue
            waiting, opening = waiting[len(group) :], ahead


def write_texts(
    engine: "ReportEngine",
    images: Sequence[Image.Image],
    *,
    settings: DecodingSettings,
    batch: int,
) -> list[str]:
    """Return the report on each image, in their order."""
    talk = report_conversation()
    requests = [Request(place, image.copy, talk) for place, image in enumerate(images)]
    texts = {
        one.key: one.report.text.strip()
        for one in answer_many(engine, requests, settings=settings, batch=batch)
        if one.report is not None
    }
    return [texts[place] for place in range(len(images))]


def _by_length(
    engine: "ReportEngine", requests: Sequence[Request[Key]]
) -> list[Request[Key]]:
    """Requests in order of their prompts' lengths; equal ones stay as they came."""
    lengths: dict[int, int] = {}

    def length(request: Request[Key]) -> int:
        talk = request.conversation
        if id(talk) not in lengths:
            lengths[id(talk)] = len(engine.processor.encode_conversation(talk))
        return lengths[id(talk)]

    return sorted(requests, key=length)


def _answered(
    engine: "ReportEngine",
    group: Sequence[Request[Key]],
    images: Sequence[Future[Image.Image]],
    settings: DecodingSettings,
) -> list[Answered[Key]]:
    """One batch, whole, in its order; an image that cannot be opened takes no part."""
    pictures: dict[int, Image.Image] = {}
    problems: dict[int, str] = {}
    for place, image in enumerate(images):
        try:
            pictures[place] = image.result()
        except ValueError as problem:
            problems[place] = str(problem)
    written = engine.answer(
        list(pictures.values()),
        [group[place].conversation for place in pictures],
        settings=settings,
    )
    reports = dict(zip(pictures, written, strict=True))
    return [
        Answered(request.key, reports.get(place), problems.get(place, ""))
        for place, request in enumerate(group)
    ]
