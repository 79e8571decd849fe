"""A case is found by its code, by a file's name, by a path, or by Open-i's names."""

import pytest

from readerstudy.reports.tables.guessing import guess_mapping
from readerstudy.reports.tables.matching import case_of

CODES = {code: code for code in ("CXR1", "CXR3030", "a.b", "1.2.840.10008", "Müller")}


@pytest.mark.parametrize(
    ("cell", "rule", "code"),
    [
        ("CXR1", "exact", "CXR1"),
        ("cxr1", "exact", None),
        ("Mu\u0308ller", "exact", "Müller"),
        ("CXR1.png", "exact", None),
        ("CXR1.png", "stem", "CXR1"),
        ("files\\x\\CXR1.dcm", "stem", "CXR1"),
        ("CXR1.dcm.png", "stem", "CXR1"),
        ("a.b.png", "stem", "a.b"),
        ("1.2.840.10008", "stem", "1.2.840.10008"),
        ("CXR1/0.png", "stem", None),
        ("CXR1/0.png", "path", "CXR1"),
        ("files/CXR1/s5/view.dcm", "path", "CXR1"),
        ("CXR3030_IM-1405/0.png", "openi", "CXR3030"),
        ("CXR1_1_IM-0001-3001.png", "openi", "CXR1"),
        ("3030_IM-1405-1001.dcm.png", "openi", "CXR3030"),
        ("3030", "openi", "CXR3030"),
        ("3030_1", "openi", "CXR3030"),
        # The number counts images: it is not the study's.
        ("CXR999_IM-1/1.png", "openi", None),
        ("", "path", None),
    ],
)
def test_a_cell_means_a_case(cell, rule, code):
    assert case_of(cell, rule, CODES, before="", after="") == code


def test_letters_around_the_code_are_left_away():
    around = {"before": "study-", "after": "_front"}
    found = case_of("x/study-CXR1_front.png", "stem", CODES, **around)
    assert found == "CXR1"


def test_where_no_column_names_a_case_nothing_is_guessed():
    assert guess_mapping(["a", "b"], [["x", "y"]], CODES) is None
