"""Every table maps to names that exist, and keeps its labels apart."""

import pytest

from inference.chexpert import FINDINGS
from inference.datasets import indiana_terms, nih, padchest, vindr
from inference.datasets.labels import LabelTable
from inference.datasets.record import Notes

TABLES = {
    "indiana": indiana_terms.LABELS,
    "nih": nih.LABELS,
    "padchest": padchest.LABELS,
    "vindr": vindr.LABELS,
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_says_one_thing_of_each_label(name):
    table = TABLES[name]
    kinds = (table.present, table.uncertain, table.others, table.silent)
    every = [label for kind in kinds for label in kind]
    assert len(every) == len(set(every)) and table.normal not in every
    named = {*table.present.values(), *table.uncertain.values()}
    assert {one for several in named for one in several} <= set(FINDINGS[1:])


def test_a_parent_is_not_absent_beside_its_child():
    table = LabelTable(
        present={
            "heart": ("Cardiomegaly",),
            "wide": ("Enlarged Cardiomediastinum",),
            "tube": ("Support Devices",),
        },
        normal="fine",
    )
    assert table.read(["heart"], Notes()) == {
        "Cardiomegaly": 1,
        "No Finding": 0,
        "Support Devices": 0,
    }
    # Devices are no pathology, but a study with one was not called normal either.
    assert "No Finding" not in table.read(["tube"], Notes())
    assert table.read([], Notes()) == {}
