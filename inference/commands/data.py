"""`python -m inference data NAME`: a public data set as a manifest for training.

What is counted goes to the standard output, what is missing or left out to the error
output.
"""

import argparse
import os
import sys
from pathlib import Path

from tqdm import tqdm

from inference.datasets.catalogue import DATA_SETS, listing
from inference.datasets.record import DataSet
from inference.datasets.writing import (
    SHARED_SPLITS,
    UNCERTAIN_AS,
    Choice,
    Outcome,
    fault_lines,
    left_out_lines,
    write_manifest,
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the data set, its folder and what is taken of it."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = listing()
    parser.add_argument(
        "name", choices=DATA_SETS, metavar="NAME", help=", ".join(DATA_SETS)
    )
    parser.add_argument(
        "--root", type=Path, required=True, metavar="FOLDER", help="where its files are"
    )
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="MANIFEST.jsonl",
        help="what a training configuration names under [files]",
    )
    parser.add_argument(
        "--split",
        nargs="+",
        choices=SHARED_SPLITS,
        default=(),
        help="only these splits (default: all that there are)",
    )
    parser.add_argument(
        "--resplit",
        type=_shares,
        default=(),
        metavar="TRAIN,VALID,TEST",
        help="deal patients anew by these parts, as 80,10,10 (a published test split "
        "stays as it is)",
    )
    parser.add_argument("--seed", type=int, default=0, help="of --resplit (default: 0)")
    parser.add_argument(
        "--uncertain",
        choices=UNCERTAIN_AS,
        default="unknown",
        help="what becomes of labels marked uncertain (default: unknown)",
    )
    parser.add_argument(
        "--lateral", action="store_true", help="take every view, not only frontal ones"
    )
    parser.add_argument(
        "--check-images",
        action="store_true",
        help="open every image, and leave out what cannot be read; takes hours",
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help="write nothing where an image is missing or cannot be read",
    )
    parser.add_argument(
        "--counts", type=Path, metavar="FILE.csv", help="write the counts as well"
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the manifest and print the counts; status 2 where it cannot be done."""
    data_set, outcome = DATA_SETS[arguments.name], Outcome()
    choice = Choice(
        splits=tuple(arguments.split),
        shares=arguments.resplit,
        seed=arguments.seed,
        lateral=arguments.lateral,
        uncertain=arguments.uncertain,
        opens=arguments.check_images,
        strict=arguments.strict,
    )
    try:
        _require_sense(data_set, arguments.root, choice)
        # Without a terminal there is nobody to watch a bar.
        with tqdm(
            data_set.read(arguments.root, outcome.notes),
            desc=data_set.title,
            unit="image",
            file=sys.stderr,
            disable=None,
        ) as records:
            write_manifest(
                records, outcome, data_set=data_set, out=arguments.out, choice=choice
            )
        if arguments.counts:
            _write(arguments.counts, outcome.tally.as_csv(data_set.name))
    except ValueError as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    for line in (*fault_lines(outcome), *left_out_lines(outcome)):
        sys.stderr.write(f"{line}\n")
    sys.stdout.write(f"{data_set.title}\n{outcome.tally.as_text()}\n")
    return 0


def _require_sense(data_set: DataSet, root: Path, choice: Choice) -> None:
    if not root.is_dir():
        raise ValueError(f"There is no folder {root}.")
    foreign = set(choice.splits) - set(data_set.splits)
    if foreign and not choice.shares:
        known = " and ".join(data_set.splits) or "none"
        raise ValueError(
            f"{data_set.title} has no split {min(foreign)}; it publishes {known}. "
            "--resplit 80,10,10 deals patients anew."
        )


def _shares(text: str) -> tuple[float, ...]:
    parts = tuple(float(part) for part in text.split(","))
    if len(parts) != 3 or min(parts) < 0 or not 0 < sum(parts) < float("inf"):
        raise argparse.ArgumentTypeError("must be three parts, such as 80,10,10")
    return parts


def _write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    draft = path.with_name(f"{path.name}.part")
    try:
        draft.write_text(text, encoding="utf-8")
        os.replace(draft, path)
    except OSError as problem:
        raise ValueError(f"{path} cannot be written: {problem.strerror}.") from problem
