"""`python -m inference.phantom`: write drawn phantoms and their reports to a folder.

Besides `phantom-<seed>.dcm` there is one `reports.csv`, with one row for each image.
"""

import argparse
import csv
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from inference.phantom.dicom import write_dicom
from inference.phantom.findings import Finding, sample_findings
from inference.phantom.phantom import Phantom, draw
from inference.phantom.text import report

COLUMNS = ("case", "report", "findings", "impression", "stratum")
SMALLEST = 64
# Streams of random numbers beside those that draw() takes from the same seed.
WORDING, STRATUM, ABNORMAL = 21, 22, 23


def main(words: Sequence[str] | None = None) -> int:
    """Read the command line and write the files; returns the exit status."""
    arguments = parser().parse_args(words)
    try:
        write_phantoms(
            arguments.out,
            count=arguments.count,
            seed=arguments.seed,
            size=arguments.size,
            normal_share=arguments.normal_share,
        )
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def parser() -> argparse.ArgumentParser:
    """The command line."""
    line = argparse.ArgumentParser(
        prog="python -m inference.phantom",
        description="Draw chest phantoms as DICOM files, with their reports.",
    )
    line.add_argument("--count", type=int, required=True, help="how many phantoms")
    line.add_argument("--seed", type=int, default=0, help="seed of the first phantom")
    line.add_argument("--size", type=int, default=768, help="rows and columns")
    line.add_argument("--out", type=Path, required=True, help="folder to write to")
    line.add_argument(
        "--normal-share",
        type=float,
        help="share of normal phantoms, 0 to 1 (unless given, as in training: 0.28)",
    )
    return line


def write_phantoms(
    folder: Path, *, count: int, seed: int, size: int, normal_share: float | None
) -> None:
    """Write the phantoms of `count` consecutive seeds and reports.csv.

    Raises ValueError for a count, seed, size or share that makes no sense.
    """
    if count < 1 or seed < 0 or size < SMALLEST:
        raise ValueError(
            f"Ask for at least one phantom, a seed of 0 or more and a size of "
            f"{SMALLEST} pixels or more."
        )
    if normal_share is not None and not 0 <= normal_share <= 1:
        raise ValueError(f"The share of normal phantoms is {normal_share}, not 0 to 1.")
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "reports.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        for number in tqdm(range(seed, seed + count), desc="Drawing", unit="phantom"):
            phantom = draw(number, size=size, findings=chosen(number, normal_share))
            name = f"phantom-{number}"
            write_dicom(phantom, folder / f"{name}.dcm")
            writer.writerow((name, *report_columns(phantom)))


def chosen(seed: int, normal_share: float | None) -> tuple[Finding, ...] | None:
    """Findings of one seed under a share of normal phantoms; None leaves it open."""
    if normal_share is None:
        return None
    if np.random.default_rng([seed, STRATUM]).random() < normal_share:
        return ()
    rng = np.random.default_rng([seed, ABNORMAL])
    while not (findings := sample_findings(rng)):
        pass
    return findings


def report_columns(phantom: Phantom) -> tuple[str, str, str, str]:
    """Report, findings, impression and stratum of one phantom."""
    rng = np.random.default_rng([phantom.seed, WORDING])
    findings, impression = report(phantom.findings, rng)
    whole = f"FINDINGS: {findings}\n\nIMPRESSION: {impression}"
    return whole, findings, impression, phantom.stratum


if __name__ == "__main__":
    raise SystemExit(main())
