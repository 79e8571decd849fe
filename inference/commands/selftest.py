"""`python -m inference selftest`: does a checkpoint look at the image?

Exit status: 0 where it does, 1 where it ignores the pixels, 3 where it cannot be told,
2 where the test cannot be made.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from inference.commands.report import DEMONSTRATION
from inference.identity import DecodingSettings
from inference.selftest import (
    IMAGES,
    Figures,
    Round,
    SelfTest,
    Verdict,
    phantom_images,
    run_self_test,
)

if TYPE_CHECKING:
    from PIL import Image

_WHAT = {
    Verdict.LOOKS: "The source looks at the image",
    Verdict.IGNORES: "The source ignores the pixels",
    Verdict.UNTOLD: "Whether the source looks at the image cannot be told",
}
STATUS = {Verdict.LOOKS: 0, Verdict.IGNORES: 1, Verdict.UNTOLD: 3}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the checkpoint and the radiographs."""
    parser.add_argument(
        "--checkpoint", default=str(DEMONSTRATION), help="folder or hub id"
    )
    parser.add_argument(
        "--images",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="PNG or JPEG radiographs (default: drawn phantoms)",
    )
    parser.add_argument(
        "--count", type=int, default=IMAGES, help="phantoms to draw without --images"
    )
    parser.add_argument(
        "--out", type=Path, metavar="FILE.json", help="figures and every text as JSON"
    )
    parser.add_argument(
        "--batch", type=int, default=8, metavar="N", help="images computed together"
    )
    parser.add_argument("--device", help="cpu, cuda or cuda:1 (default: a GPU if any)")


def run(arguments: argparse.Namespace) -> int:
    """Make the test, print its table and return the verdict as a status."""
    try:
        outcome = _tested(arguments)
        if arguments.out:
            _store(arguments.out, arguments.checkpoint, outcome)
    except ValueError as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    sys.stdout.write("\n".join(table(outcome)) + "\n")
    return STATUS[outcome.verdict]


def _tested(arguments: argparse.Namespace) -> SelfTest:
    from transformers.utils.logging import disable_progress_bar

    from inference.batching import write_texts
    from inference.engine import load_engine

    if arguments.batch < 1 or arguments.count < 2:
        raise ValueError("The batch is 1 or more, and the count of phantoms 2 or more.")
    images = _images(arguments.images, arguments.count)
    disable_progress_bar()  # type: ignore[no-untyped-call]
    engine = load_engine(arguments.checkpoint, device=arguments.device)
    write = partial(
        write_texts, engine, settings=DecodingSettings(), batch=arguments.batch
    )
    with tqdm(unit="report", file=sys.stderr, disable=None) as bar:

        def progress(written: int, total: int) -> None:
            bar.total = total
            bar.update(written - bar.n)

        return run_self_test(
            write, list(images.values()), list(images), progress=progress
        )


def _images(files: Sequence[Path] | None, count: int) -> "dict[str, Image.Image]":
    """The radiographs by name. Raises ValueError, naming the file."""
    from inference.radiographs import open_radiograph

    if not files:
        return phantom_images(count)
    found = {}
    for path in files:
        try:
            found[str(path)] = open_radiograph(path)
        except ValueError as problem:
            raise ValueError(f"{path}: {problem}") from problem
    return found


def _store(path: Path, checkpoint: str, outcome: SelfTest) -> None:
    content = {"checkpoint": checkpoint, **outcome.as_dict()}
    try:
        path.write_text(
            json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )
    except OSError as problem:
        raise ValueError(f"{path} cannot be written: {problem.strerror}.") from problem


def table(outcome: SelfTest) -> list[str]:
    """The lines in which a terminal shows an outcome."""
    figures = outcome.figures
    rows = ["under the names           same report  likeness"]
    rows += [
        f"{Round(name).words:<24}  {figures.identical[name]:>11.0%}  {like:>8.2f}"
        for name, like in figures.likeness.items()
    ]
    return [
        *rows,
        f"two different radiographs  {'':>10}  {figures.between:>8.2f}",
        *_shares(figures),
        f"{_WHAT[outcome.verdict]}: {outcome.sentence}",
    ]


def _shares(figures: Figures) -> list[str]:
    def shown(share: float | None) -> str:
        return "  -" if share is None else f"{share:.0%}"

    return [
        f"different reports on {figures.images} radiographs: {figures.distinct}; "
        f"on grey under as many names: {figures.distinct_blank}",
        f"reports on exchanged radiographs go with the pixels: {shown(figures.follows)}"
        f"; keep the name's: {shown(figures.keeps_name)}",
        f"steady against an invisible change: {shown(figures.steady)}",
    ]
