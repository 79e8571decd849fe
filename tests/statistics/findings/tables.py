"""Label tables for tests, made of lists."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

from inference.chexpert import FINDINGS
from readerstudy.analysis.statistics.findings import LabelTable

LABELS: list[float | None] = [1.0, 0.0, -1.0, None]
Rows = list[list[float | None]]


def table(name: str, rows: Sequence[Sequence[float | None]], **more: Any) -> LabelTable:
    """A table of all fourteen findings; studies S1, S2, ..."""
    values = np.array(
        [[np.nan if cell is None else cell for cell in row] for row in rows],
        dtype=np.float64,
    ).reshape(len(rows), len(FINDINGS))
    ids = tuple(f"S{number}" for number in range(1, len(rows) + 1))
    return LabelTable(name, **({"ids": ids, "values": values} | more))


def one_label(name: str, labels: Sequence[float | None], finding: str) -> LabelTable:
    """A table with one finding's column alone."""
    rows = [
        [label if each == finding else None for each in FINDINGS] for label in labels
    ]
    return table(name, rows, present=(finding,))


@st.composite
def several(draw: st.DrawFn, *, models: int = 2, most: int = 12) -> list[Rows]:
    """A reference and models on the same studies; blank, rare and common labels."""
    studies = draw(st.integers(1, most))
    row = st.lists(
        st.sampled_from(LABELS), min_size=len(FINDINGS), max_size=len(FINDINGS)
    )
    rows = st.lists(row, min_size=studies, max_size=studies)
    return [draw(rows) for _ in range(1 + models)]


def found(results: dict[str, Any], block: str, **wanted: Any) -> dict[str, Any]:
    """The one row of a block that has these values."""
    rows = [
        row
        for row in results[block]
        if all(row[key] == value for key, value in wanted.items())
    ]
    assert len(rows) == 1, (block, wanted, len(rows))
    row: dict[str, Any] = rows[0]
    return row
