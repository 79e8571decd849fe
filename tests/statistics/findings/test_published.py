"""The quoted tables: as printed, and with the kind of their averages."""

import pytest

from readerstudy.analysis.statistics.findings import PUBLISHED
from readerstudy.analysis.statistics.findings.groups import FIVE

# CXR-LLaVA's printed averages, and how many labels each is over.
PRINTED = {
    ("table2", "CXR-LLaVA", 6): (0.81, 0.80, 0.82),
    ("table3", "CXR-LLaVA", 5): (0.57, 0.54, 0.59),
    ("table3", "CXR-LLaVA", 7): (0.67, 0.65, 0.69),
    ("table3", "CheXzero", 5): (0.61, 0.57, 0.64),
    ("table3", "Human radiologists", 5): (0.62, 0.59, 0.64),
    ("table4", "CXR-LLaVA", 7): (0.62, 0.59, 0.65),
    ("table4", "GPT-4-vision", 7): (0.39, 0.37, 0.41),
    ("table4", "Gemini-Pro-Vision", 7): (0.30, 0.29, 0.32),
}


def test_the_tables_are_whole():
    sizes = {name: len(rows) for name, rows in PUBLISHED.items()}
    assert sizes == {"table2": 7 * 3, "table3": 9 * 3 + 6 * 2, "table4": 8 * 3}
    for rows in PUBLISHED.values():
        for row in rows:
            assert row.quoted and row.low <= row.f1 <= row.high
            assert bool(row.label) == (row.average == "none") == (not row.basis)
    five = {row.label for row in PUBLISHED["table3"] if row.model == "CheXzero"}
    assert five == {*FIVE, ""}


@pytest.mark.parametrize("key", PRINTED, ids=str)
def test_averages_are_as_printed(key):
    table, model, labels = key
    (row,) = [
        row
        for row in PUBLISHED[table]
        if (row.model, row.labels, row.label) == (model, labels, "")
    ]
    assert (row.f1, row.low, row.high) == PRINTED[key]


def test_only_chexzeros_own_figures_can_be_plain_means():
    """A plain mean of rounded labels is off by 0.005 at most, and rounded once more."""
    for rows in PUBLISHED.values():
        for average in (row for row in rows if not row.label):
            column = [row for row in rows if row.model == average.model and row.label]
            used = [row for row in column if average.labels != 5 or row.label in FIVE]
            assert len(used) == average.labels
            mean = sum(row.f1 for row in used) / len(used)
            fits = abs(mean - average.f1) <= 0.010 + 1e-9
            assert (average.average == "macro") == fits
            assert average.basis.startswith("Inferred: ")
