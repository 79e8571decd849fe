"""`python -m inference evaluate`: score a checkpoint on fresh phantoms."""

import argparse
import json
import sys
from pathlib import Path

import torch

from inference.cxr_llava import CxrLlavaForReportGeneration, CxrLlavaProcessor
from inference.train.evaluate import evaluate, fresh_phantoms

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


def run(arguments: argparse.Namespace) -> int:
    """Print the figures as JSON, then as many reports as were asked for."""
    if not (arguments.checkpoint / "config.json").is_file():
        sys.stderr.write(f"There is no checkpoint in {arguments.checkpoint}.\n")
        return 2
    if arguments.count < 1 or arguments.batch < 1 or arguments.threads < 1:
        sys.stderr.write("Count, batch and threads are whole numbers from 1.\n")
        return 2
    torch.set_num_threads(arguments.threads)
    model = CxrLlavaForReportGeneration.from_pretrained(
        arguments.checkpoint, dtype=torch.float32
    )
    processor = CxrLlavaProcessor.from_pretrained(arguments.checkpoint)
    phantoms = fresh_phantoms(arguments.first, arguments.count, arguments.drawn)
    figures, texts = evaluate(model, processor, phantoms, arguments.batch)
    sys.stdout.write(json.dumps(figures.as_dict(), indent=2) + "\n")
    for phantom, text in list(zip(phantoms, texts, strict=True))[: arguments.show]:
        labels = ", ".join(finding.label for finding in phantom.findings) or "normal"
        sys.stdout.write(f"\n{phantom.seed} ({labels})\n{text}\n")
    return 0
