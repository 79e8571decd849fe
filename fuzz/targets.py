"""The parsers that read what strangers made, and how much each is fuzzed.

A parser may refuse, by the exceptions that its docstring names. Whatever else it raises
goes through, and is a defect.
"""

import importlib
from contextlib import suppress

# Of all inputs, so many per cent go to each.
SHARES = {
    "dicom": 20,
    "codecs": 1,
    "picture": 5,
    "xml": 20,
    "report": 8,
    "tables": 15,
    "labels": 12,
    "reads": 9,
    "bodies": 7,
    "archives": 3,
}


def attempt(name: str, content: bytes) -> None:
    """Let a parser have some bytes; only a defect raises."""
    parser = importlib.import_module(f"fuzz.parsers.{name}")
    with suppress(*parser.REFUSALS):
        parser.parse(content)
