"""`python -m inference ask --question TEXT --images FILE...`: put a free question."""

import argparse
import sys

from inference.commands import report
from inference.prompts import ask_conversation


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the question besides what `report` declares."""
    parser.add_argument(
        "--question", required=True, metavar="TEXT", help="put to each radiograph"
    )
    report.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the answers; status 1 if an image failed, 2 if nothing can be done."""
    if not arguments.question.strip():
        sys.stderr.write("The question is empty: give one after --question.\n")
        return 2
    return report.answer_images(arguments, ask_conversation(arguments.question))
