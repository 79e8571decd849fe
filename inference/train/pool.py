"""A pool of drawn phantoms on disk: small images, labels and patch targets.

Drawing costs more than a training step, so phantoms are drawn once, in chunks that
survive an interruption, and reused by every stage.
"""

import json
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from inference.phantom.findings import APPEARANCES, FINE_LABELS, Finding
from inference.phantom.phantom import PATCH_GRID, Phantom, draw, render_8bit

CHUNK = 500


@dataclass(frozen=True)
class Pool:
    """Phantoms ready for training.

    images: uint8 [n, size, size]; labels: bool [n, 22]; patches: bool [n, 10, 64],
    by appearance, row by row; findings: one tuple per phantom, for the report.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.bool_]
    patches: NDArray[np.bool_]
    findings: list[tuple[Finding, ...]]


def small_image(phantom: Phantom, size: int) -> NDArray[np.uint8]:
    """The rendered phantom reduced to size x size as the image processor does it."""
    image = Image.fromarray(render_8bit(phantom))
    reduced = image.resize((size, size), Image.Resampling.LANCZOS)
    return np.asarray(reduced, dtype=np.uint8)


def fine_targets(phantom: Phantom) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Labels [22] by site, and for each appearance the patches [10, 64] showing it."""
    labels = np.zeros(len(FINE_LABELS), dtype=np.bool_)
    patches = np.zeros((len(APPEARANCES), PATCH_GRID**2), dtype=np.bool_)
    for finding in phantom.findings:
        labels[FINE_LABELS.index(finding.label)] = True
        patches[APPEARANCES.index(finding.appearance)] |= phantom.patch_labels(
            finding
        ).ravel()
    return labels, patches


def draw_chunk(first: int, count: int, drawn: int, size: int, path: Path) -> Path:
    """Draw the phantoms of `count` consecutive seeds and store them in one file."""
    images = np.empty((count, size, size), dtype=np.uint8)
    labels = np.zeros((count, len(FINE_LABELS)), dtype=np.bool_)
    patches = np.zeros((count, len(APPEARANCES), PATCH_GRID**2), dtype=np.bool_)
    findings = []
    for row in range(count):
        phantom = draw(first + row, size=drawn)
        images[row] = small_image(phantom, size)
        labels[row], patches[row] = fine_targets(phantom)
        findings.append([asdict(finding) for finding in phantom.findings])
    unfinished = path.with_suffix(".part")
    with unfinished.open("wb") as stream:
        np.savez(
            stream,
            images=images,
            labels=labels,
            patches=np.packbits(patches),
            findings=np.array(json.dumps(findings)),
        )
    unfinished.replace(path)
    return path


def build_pool(
    folder: Path, *, first: int, count: int, drawn: int, size: int, workers: int
) -> Pool:
    """Draw what is missing of `count` phantoms from seed `first` on, then load all."""
    folder.mkdir(parents=True, exist_ok=True)
    end = first + count
    lengths = {start: min(CHUNK, end - start) for start in range(first, end, CHUNK)}
    paths = {
        start: folder / f"phantoms-{drawn}-{size}-{start}-{length}.npz"
        for start, length in lengths.items()
    }
    missing = [start for start in lengths if not paths[start].exists()]
    if missing:
        # A forked child would inherit the locks of torch's threads.
        fresh = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(
            max_workers=max(1, workers), mp_context=fresh
        ) as executor:
            jobs = [
                executor.submit(
                    draw_chunk, start, lengths[start], drawn, size, paths[start]
                )
                for start in missing
            ]
            for job in tqdm(jobs, desc="Drawing phantoms", unit="chunk"):
                job.result()
    return load_pool(list(paths.values()))


def load_pool(paths: list[Path]) -> Pool:
    """Read stored chunks, one after the other."""
    images, labels, patches = [], [], []
    findings: list[tuple[Finding, ...]] = []
    for path in paths:
        with np.load(path) as stored:
            images.append(stored["images"])
            labels.append(stored["labels"])
            shape = (len(labels[-1]), len(APPEARANCES), PATCH_GRID**2)
            bits = np.unpackbits(stored["patches"], count=int(np.prod(shape)))
            patches.append(bits.reshape(shape).astype(np.bool_))
            for row in json.loads(str(stored["findings"])):
                findings.append(tuple(Finding(**finding) for finding in row))
    return Pool(
        images=np.concatenate(images),
        labels=np.concatenate(labels),
        patches=np.concatenate(patches),
        findings=findings,
    )
