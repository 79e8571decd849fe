"""`python -m inference evaluate`: score a checkpoint on fresh phantoms."""

import argparse
import json
import sys
from pathlib import Path

import torch

from inference.cxr_llava.loading import load_model, load_processor, read_config
from inference.phantom.findings import KINDS
from inference.train.evaluate import evaluate, fresh_phantoms
from inference.train.pool import build_pool
from inference.train.thumbnails import thumbnail_f1

THUMBNAIL_SOURCE = 128  # pixels of the images that the thumbnails are made of
BUNDLED = Path(__file__).resolve().parent.parent / "demonstration"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare which checkpoint and which phantoms."""
    parser.add_argument(
        "--checkpoint", type=Path, default=BUNDLED, help="folder; the bundled one"
    )
    parser.add_argument("--count", type=int, default=200, help="how many phantoms")
    parser.add_argument(
        "--first", type=int, default=900_000_000, help="seed of the first phantom"
    )
    parser.add_argument("--drawn", type=int, default=256, help="pixels, rows = columns")
    parser.add_argument("--batch", type=int, default=25, help="reports at a time")
    parser.add_argument("--threads", type=int, default=2, help="processor threads")
    parser.add_argument("--show", type=int, default=0, help="reports to print as well")
    parser.add_argument(
        "--thumbnails",
        type=Path,
        metavar="FOLDER",
        help="measure the task instead: logistic regression on thumbnails of 10,000 "
        "phantoms, kept in this folder",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the figures as JSON, then as many reports as were asked for."""
    if arguments.count < 1 or arguments.batch < 1 or arguments.threads < 1:
        sys.stderr.write("Count, batch and threads are whole numbers from 1.\n")
        return 2
    torch.set_num_threads(arguments.threads)
    if arguments.thumbnails:
        return _thumbnails(arguments)
    try:
        config = read_config(arguments.checkpoint)
        processor = load_processor(arguments.checkpoint, config)
        model = load_model(
            arguments.checkpoint, config, torch.device("cpu"), torch.float32
        )
    except ValueError as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    phantoms = fresh_phantoms(arguments.first, arguments.count, arguments.drawn)
    figures, texts = evaluate(model, processor, phantoms, arguments.batch)
    sys.stdout.write(json.dumps(figures.as_dict(), indent=2) + "\n")
    for phantom, text in list(zip(phantoms, texts, strict=True))[: arguments.show]:
        labels = ", ".join(finding.label for finding in phantom.findings) or "normal"
        sys.stdout.write(f"\n{phantom.seed} ({labels})\n{text}\n")
    return 0


def _thumbnails(arguments: argparse.Namespace) -> int:
    """Print what logistic regression on thumbnails reaches on the same phantoms."""
    shape = {"drawn": arguments.drawn, "size": THUMBNAIL_SOURCE, "workers": 2}
    training = build_pool(arguments.thumbnails, first=1_000_000, count=10_000, **shape)
    fresh = build_pool(
        arguments.thumbnails, first=arguments.first, count=arguments.count, **shape
    )
    scores = thumbnail_f1(training, fresh)
    found = {
        "phantoms": arguments.count,
        "macro_f1": float(scores.mean()),
        "f1": dict(zip(KINDS, scores.tolist(), strict=True)),
    }
    sys.stdout.write(json.dumps(found, indent=2) + "\n")
    return 0
