"""`python -m inference label --images FILE...`: fourteen labels for each radiograph.

Each line holds the raw answer as `text` and beside it `labels`, by name 1 or 0, or null
with the `problem`. `--csv` also writes a table that `score_findings` reads.
"""

import argparse
import csv
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from inference.chexpert import FINDINGS
from inference.commands import report
from inference.labels import parse_labels
from inference.prompts import label_conversation


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the checkpoint, the images and the table."""
    report.add_arguments(parser)
    parser.add_argument(
        "--csv",
        type=Path,
        metavar="FILE.csv",
        help="also write the labels as a table, one row an image; needs --out",
    )


def run(arguments: argparse.Namespace) -> int:
    """Ask for the labels and say how many answers could not be read as such."""
    if arguments.csv and not arguments.out:
        sys.stderr.write("Name a file with --out as well: the table is made from it.\n")
        return 2
    counts = {"answers": 0, "unread": 0}

    def labels_of(text: str) -> dict[str, Any]:
        found = parse_labels(text)
        counts["answers"] += 1
        counts["unread"] += found.values is None
        return {"labels": found.values, "problem": found.problem or None}

    status = report.answer_images(arguments, label_conversation(), labels_of)
    if counts["unread"]:
        sys.stderr.write(
            f"{counts['unread']} of {counts['answers']} answers are not the labels "
            "that were asked for; they are kept as text.\n"
        )
    if arguments.csv and status != 2:
        _write_table(arguments.out, arguments.csv)
    return status


def _write_table(answers: Path, path: Path) -> None:
    """One row for every image that was labelled, named by its file.

    By its whole path where two files share a name.
    """
    named = Counter(
        Path(one["image"]).stem
        for one in map(json.loads, answers.read_text(encoding="utf-8").splitlines())
        if one.get("labels")
    )
    with (
        answers.open(encoding="utf-8") as lines,
        path.open("w", newline="", encoding="utf-8") as stream,
    ):
        writer = csv.writer(stream)
        writer.writerow(("study_id", *FINDINGS))
        for line in lines:
            answer = json.loads(line)
            if answer.get("labels"):
                values = [answer["labels"][name] for name in FINDINGS]
                name = Path(answer["image"]).stem
                is_shared = named[name] > 1
                writer.writerow((answer["image"] if is_shared else name, *values))
