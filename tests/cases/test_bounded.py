"""Tables and names without end take no memory and no time: they are refused early."""

import io
import tracemalloc

import pytest

from readerstudy.cases import tables
from readerstudy.cases.dialects import Dialect
from readerstudy.cases.openi import image_name, read_study
from readerstudy.cases.radiograph import Refused
from readerstudy.cases.tables import read_table, records
from readerstudy.reports.tables.matching import RULES, case_of
from readerstudy.reports.tables.staging import Sheet

LONG = 20 * 1024**2


@pytest.mark.parametrize(
    ("begin", "rest"), [("", "a"), ("", ","), ('"', "a" * 99 + "\n")], ids=repr
)
def test_a_row_without_end_is_refused(begin, rest, tmp_path):
    path = tmp_path / "table"
    path.write_text(begin + rest * (LONG // len(rest)))
    tracemalloc.start()
    with pytest.raises(Refused, match=r"no end|more than 5,000 columns"):
        list(Sheet(path, "a.csv", Dialect()).records())
    assert tracemalloc.get_traced_memory()[1] < 20 * LONG
    tracemalloc.stop()


def test_a_long_cell_is_named_and_no_end_of_the_table():
    content = f"case,report\nCXR1,{'a' * 10**6}\n"
    (_, _), (_, cells) = records(io.StringIO(content, newline=""), ",", "a.csv")
    assert len(cells[1]) == 10**6


def test_columns_that_are_too_many_or_named_twice_are_refused():
    header = ",".join(f"column {number}" for number in range(6000))
    with pytest.raises(Refused, match="row 1: more than 5,000 columns"):
        read_table(header.encode(), "a.csv")
    with pytest.raises(Refused, match="'b' is named twice"):
        read_table(b"a,b,B", "a.csv")


def test_rows_that_are_too_many_are_refused(monkeypatch):
    monkeypatch.setattr(tables, "MOST_ROWS", 3)
    found = read_table(b"case\n1\n2\n3\n", "a.csv").rows()
    with pytest.raises(Refused, match="more than 3 rows"):
        list(found)


def test_a_name_of_endings_takes_no_time():
    # Each of these would take hours if every ending were tried from every place.
    name = ".png" * 250_000 + "!"
    assert len(image_name(name)) < 1000
    for rule in RULES:
        assert case_of(name, rule, {"CXR1": 1}, before="", after="") is None


def test_a_book_is_no_report():
    with pytest.raises(Refused, match="that is no report"):
        read_study(b"<eCitation>" + b"<a/>" * 10**6 + b"</eCitation>")
