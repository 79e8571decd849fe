"""`python -m inference panel`: one case as a figure, in SVG, PNG or PDF.

    python -m inference report --images film.png --out said.jsonl
    python -m inference panel --image film.png --conversation said.jsonl \\
        --ground-truth report.txt --out panel.pdf

Needs no model. The text is set in DejaVu Sans, which comes along; where that lacks a
sign, a font of this machine stands in.
"""

import argparse
import sys
from pathlib import Path

from inference.identity import file_sha256
from inference.panel import KINDS, Kind, Panel, missing_sentence, render
from inference.panel.reading import read_conversation, read_ground_truth


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the panel shows and where it goes."""
    parser.epilog = (
        "The caption names checkpoint, weights and settings where the conversation's "
        "file does, and the case only with --case: a file's name may name a patient."
    )
    parser.add_argument(
        "--image", type=Path, required=True, metavar="FILE", help="8-bit PNG or JPEG"
    )
    parser.add_argument(
        "--conversation",
        type=Path,
        required=True,
        metavar="FILE",
        help="JSON lines of report, ask or label; or a conversation as JSON, a list of "
        "messages or what the site's console saves",
    )
    parser.add_argument(
        "--ground-truth",
        type=Path,
        metavar="FILE",
        help="the reference report as text, sections as 'Findings: ...'",
    )
    parser.add_argument(
        "--case", default="", metavar="CODE", help="named in the caption"
    )
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="FILE",
        help="panel.svg, panel.png (300 dots per inch) or panel.pdf",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the panel; status 2 where it cannot be made."""
    try:
        kind = _kind_of(arguments.out)
        content, missing = render(_panel(arguments), kind)
        try:
            arguments.out.write_bytes(content)
        except OSError as problem:
            raise ValueError(
                f"{arguments.out} cannot be written: {problem.strerror}."
            ) from problem
    except ValueError as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    if missing:
        sys.stderr.write(missing_sentence(missing, kind) + "\n")
    return 0


def _kind_of(path: Path) -> Kind:
    for kind in KINDS:
        if path.suffix.lower() == f".{kind}":
            return kind
    raise ValueError(f"Name a file that ends in .svg, .png or .pdf, not {path.name}.")


def _panel(arguments: argparse.Namespace) -> Panel:
    from inference.radiographs import open_radiograph

    truth = arguments.ground_truth
    try:
        image = open_radiograph(arguments.image)
    except ValueError as problem:
        raise ValueError(f"{arguments.image}: {problem}") from problem
    exchanges, provenance = read_conversation(
        arguments.conversation, file_sha256(arguments.image)
    )
    return Panel(
        image,
        exchanges,
        read_ground_truth(truth) if truth else (),
        arguments.case,
        provenance,
    )
