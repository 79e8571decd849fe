"""Does the text follow the image? Fresh phantoms, greedy reports, macro-F1.

A report is scored by the kinds of finding it states. Two levels of comparison come with
the score: the same reports shuffled among the images, and what chance alone would reach
for a model that states findings as often but has not seen the image.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from inference.cxr_llava import CxrLlavaForReportGeneration, CxrLlavaProcessor
from inference.phantom.findings import KINDS
from inference.phantom.phantom import Phantom, draw, render_8bit
from inference.phantom.phrases import stated_findings
from inference.prompts import report_conversation

LONGEST_ANSWER = 112
TIMED_ALONE = 5


@dataclass(frozen=True)
class Evaluation:
    """Figures of one checkpoint on fresh phantoms; F1 between 0 and 1."""

    phantoms: int
    macro_f1: float
    f1: dict[str, float]
    shuffled_macro_f1: float
    chance_macro_f1: float
    distinct_reports: int
    seconds_alone: float
    seconds_in_batch: float

    def as_dict(self) -> dict[str, object]:
        """The figures for JSON."""
        return asdict(self)


def fresh_phantoms(first: int, count: int, drawn: int) -> list[Phantom]:
    """The phantoms of `count` consecutive seeds at `drawn` pixels."""
    return [draw(seed, size=drawn) for seed in range(first, first + count)]


def images_of(phantoms: Sequence[Phantom]) -> list[Image.Image]:
    """What a viewer would show of each phantom, 8-bit grey."""
    return [Image.fromarray(render_8bit(phantom)) for phantom in phantoms]


def write_reports(
    model: CxrLlavaForReportGeneration,
    processor: CxrLlavaProcessor,
    images: Sequence[Image.Image],
    batch: int,
) -> list[str]:
    """Greedy reports, one for each image, `batch` at a time."""
    texts: list[str] = []
    model.eval()
    for start in range(0, len(images), batch):
        chosen = list(images[start : start + batch])
        talks = [report_conversation() for _ in chosen]
        inputs = processor(images=chosen, conversations=talks)
        ids = model.generate(**inputs, do_sample=False, max_new_tokens=LONGEST_ANSWER)
        texts.extend(text.strip() for text in processor.batch_decode(ids))
    return texts


def stated_kinds(texts: Sequence[str]) -> NDArray[np.bool_]:
    """Which of the seven kinds each text states, [n, 7]."""
    stated = [stated_findings(text) for text in texts]
    return np.array([[kind in one for kind in KINDS] for one in stated], dtype=np.bool_)


def drawn_kinds(phantoms: Sequence[Phantom]) -> NDArray[np.bool_]:
    """Which of the seven kinds each phantom shows, [n, 7]."""
    shown = [{finding.kind for finding in phantom.findings} for phantom in phantoms]
    return np.array([[kind in one for kind in KINDS] for one in shown], dtype=np.bool_)


def f1_scores(
    drawn: NDArray[np.bool_], stated: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """F1 of each column, [7]; 0 where nothing was drawn and nothing stated."""
    hits = (drawn & stated).sum(axis=0)
    both = drawn.sum(axis=0) + stated.sum(axis=0)
    return np.asarray(2 * hits / np.maximum(both, 1), dtype=np.float64)


def chance_level(drawn: NDArray[np.bool_], stated: NDArray[np.bool_]) -> float:
    """Expected macro-F1 of statements as frequent as these, but independent of truth.

    With p the share drawn and q the share stated, precision is p and recall is q.
    """
    p, q = drawn.mean(axis=0), stated.mean(axis=0)
    return float((2 * p * q / np.maximum(p + q, 1e-9)).mean())


def shuffled(texts: NDArray[np.bool_], seed: int) -> NDArray[np.bool_]:
    """The rows in a random order in which none stays at its place."""
    order = np.random.default_rng(seed).permutation(len(texts))
    moved = np.empty_like(texts)
    moved[order] = texts[np.roll(order, 1)]
    return moved


def evaluate(
    model: CxrLlavaForReportGeneration,
    processor: CxrLlavaProcessor,
    phantoms: Sequence[Phantom],
    batch: int,
) -> tuple[Evaluation, list[str]]:
    """Write a report for every phantom and score it; returns figures and reports."""
    images = images_of(phantoms)
    begin = time.perf_counter()
    with torch.inference_mode():
        texts = write_reports(model, processor, images, batch)
        in_batch = (time.perf_counter() - begin) / len(images)
        begin = time.perf_counter()
        alone = images[:TIMED_ALONE]
        write_reports(model, processor, alone, 1)
        seconds_alone = (time.perf_counter() - begin) / len(alone)
    drawn, stated = drawn_kinds(phantoms), stated_kinds(texts)
    scores = f1_scores(drawn, stated)
    others = [f1_scores(drawn, shuffled(stated, seed)).mean() for seed in range(20)]
    figures = Evaluation(
        phantoms=len(phantoms),
        macro_f1=float(scores.mean()),
        f1=dict(zip(KINDS, scores.tolist(), strict=True)),
        shuffled_macro_f1=float(np.mean(others)),
        chance_macro_f1=chance_level(drawn, stated),
        distinct_reports=len(set(texts)),
        seconds_alone=seconds_alone,
        seconds_in_batch=in_batch,
    )
    return figures, texts
