"""`python -m inference curves FILE.csv...`: draw loss curves of training as SVG."""

import argparse
import sys
from pathlib import Path

from inference.train.curves import figure, read_curve


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare which curves, and where the figure goes."""
    parser.add_argument(
        "curves", nargs="+", type=Path, help="the CSV files that the stages wrote"
    )
    parser.add_argument("--out", type=Path, required=True, help="the SVG to write")


def run(arguments: argparse.Namespace) -> int:
    """Write the figure; a file without a curve is named, and nothing is written."""
    try:
        curves = [(path.stem, read_curve(path)) for path in arguments.curves]
        for name, curve in curves:
            if not curve:
                raise ValueError(f"The curve {name} has no point yet.")
        arguments.out.write_text(figure(curves), encoding="utf-8")
    except (ValueError, OSError) as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    return 0
