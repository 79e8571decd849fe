"""The files that take longest go first: none is left to one process in the end.

pytest-django lets what commits follow what does not, and what needs no database of the
tests come last, the longest of all among it: runs on servers of their own. These go
before all others; the rest stays in its order, by length again.
"""

from collections import Counter
from pathlib import Path

import pytest

_OF_THE_DATABASE = {"db", "transactional_db", "live_server"}


def seconds_of(items: list[pytest.Item]) -> Counter[Path]:
    """How long each file takes by its marks `slow`; 0 without."""
    marked = {
        node: slow.kwargs.get("seconds", 15)
        for test in items
        for node, slow in test.iter_markers_with_node("slow")
    }
    seconds: Counter[Path] = Counter()
    for node, most in marked.items():
        seconds[node.path] += most
    return seconds


@pytest.hookimpl(tryfirst=True, specname="pytest_collection_modifyitems")
def pytest_longest_first(items: list[pytest.Item]) -> None:
    seconds = seconds_of(items)
    items.sort(key=lambda test: -seconds[test.path])


@pytest.hookimpl(trylast=True, specname="pytest_collection_modifyitems")
def pytest_without_the_database_before_all(items: list[pytest.Item]) -> None:
    seconds = seconds_of(items)
    for path in {test.path for test in items if _needs_the_database(test)}:
        del seconds[path]
    items.sort(key=lambda test: -seconds[test.path])


def _needs_the_database(test: pytest.Item) -> bool:
    fixtures = _OF_THE_DATABASE.intersection(getattr(test, "fixturenames", ()))
    return bool(fixtures) or test.get_closest_marker("django_db") is not None
