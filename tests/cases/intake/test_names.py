"""Names of delivered files lead nowhere, can be read, and stay apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readerstudy.cases.intake.labels import LONGEST, first_free, label, numbered
from readerstudy.cases.names import is_plain


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("clinic/CXR1.dcm", "clinic/CXR1.dcm"),
        ("../../etc/passwd", "etc/passwd"),
        ("/etc/passwd", "etc/passwd"),
        ("C:\\films\\..\\CXR1.dcm", "films/CXR1.dcm"),
        ("a//./b.dcm", "a/b.dcm"),
        ("a\u0000b\n.dcm", "a\\x00b\\n.dcm"),
        ("abc\u202egpj.dcm", "abc\\u202egpj.dcm"),
        ("Ro\u0308ntgen.dcm", "R\u00f6ntgen.dcm"),
        ("half \ud83d.dcm", "half \\ud83d.dcm"),
        ("byte \udcff.dcm", "byte \\xff.dcm"),
        ("..", "unnamed"),
        ("", "unnamed"),
    ],
)
def test_a_name_is_a_label(given: str, kept: str) -> None:
    assert label(given) == kept


@given(st.text(st.characters(codec=None), max_size=700))
def test_any_name_can_be_kept_and_shown_and_stays_what_it_is(name: str) -> None:
    kept = label(name)
    assert 1 <= len(kept) <= LONGEST
    assert is_plain(kept)
    assert not kept.startswith("/") and ".." not in kept.split("/")


def test_long_names_that_differ_stay_apart() -> None:
    one, other = label("a" * 600 + "/x.dcm"), label("b" + "a" * 599 + "/x.dcm")
    assert one != other
    assert one.endswith("/x.dcm")


def test_a_second_file_of_a_name_gets_a_number() -> None:
    assert numbered("clinic/CXR1.dcm", 2) == "clinic/CXR1 (2).dcm"
    assert numbered("clinic/1.2.840", 1) == "clinic/1.2.840"
    assert first_free("a", {"a", "a (2)"}.__contains__) == "a (3)"
