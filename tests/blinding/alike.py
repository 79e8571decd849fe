"""Say where two sets of answers differ, and no more: whole pages hide a single byte."""

from collections.abc import Iterator
from typing import Any

AROUND = 60


def assert_alike(first: Any, second: Any) -> None:
    """What was answered twice is the same, byte for byte.

    Raises AssertionError with a line for each place that differs: where it stands, and
    what stood there the first and the second time.
    """
    found = list(differences(first, second))
    assert not found, "\n".join(["What is answered differs:", *found])


def differences(first: Any, second: Any, at: str = "") -> Iterator[str]:
    if isinstance(first, dict) and isinstance(second, dict):
        for key in sorted(first.keys() | second.keys(), key=str):
            yield from differences(first.get(key), second.get(key), f"{at} {key}")
    elif isinstance(first, list | tuple) and isinstance(second, list | tuple):
        if len(first) != len(second):
            yield f"{at}: {len(first)} and {len(second)} entries"
        for number, pair in enumerate(zip(first, second, strict=False)):
            yield from differences(*pair, f"{at} [{number}]")
    elif first != second:
        yield f"{at}: {excerpts(first, second)}"


def excerpts(first: Any, second: Any) -> str:
    """Both from shortly before the first place at which they part."""
    if not isinstance(first, bytes) or not isinstance(second, bytes):
        return f"{first!r} and {second!r}"
    pairs = enumerate(zip(first, second, strict=False))
    shorter = min(len(first), len(second))
    place = next((n for n, (one, other) in pairs if one != other), shorter)
    shown = slice(max(place - AROUND, 0), place + AROUND)
    return f"{first[shown]!r} and {second[shown]!r}"
