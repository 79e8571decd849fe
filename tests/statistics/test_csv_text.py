"""Any text survives the trip through a table, and no spreadsheet runs it."""

import csv
import io

from hypothesis import example, given, settings
from hypothesis import strategies as st

from readerstudy.analysis.statistics.reads_csv import read_csv
from readerstudy.csv_text import csv_text, guarded, unguarded
from tests.statistics.tables import rows_of

# As a spreadsheet finds a formula; the wide forms are those of East Asian locales.
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")

texts = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.text(st.sampled_from("'=+-@\t\r\n\uff1d,;\"x"), max_size=6),
)


def cells_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))[1:]


@settings(max_examples=300, deadline=None)
@given(rows=st.lists(st.tuples(texts, texts), min_size=1, max_size=5))
@example(rows=[("one\rtwo", "x")])
@example(rows=[("", "")])
@example(rows=[("'=1+1", "''-2")])
def test_any_text_comes_back_and_begins_like_no_formula(rows):
    text = csv_text(["a", "b"], [{"a": a, "b": b} for a, b in rows])
    cells = cells_of(text)
    assert not any(cell.startswith(STARTS) for row in cells for cell in row)
    assert [tuple(map(unguarded, row)) for row in cells] == rows


@given(texts)
def test_text_that_no_spreadsheet_runs_stays_as_it_is(text):
    assert guarded(text) in (text, f"'{text}")
    if not text.lstrip("'").startswith(STARTS):
        assert guarded(text) == text


def test_numbers_are_numbers_and_nothing_is_an_empty_cell():
    rows = [{"a": -0.5, "b": None, "c": True, "d": -1}]
    assert csv_text(["a", "b", "c", "d", "e"], rows) == "a,b,c,d,e\n-0.5,,1,-1,\n"


def test_reads_are_taken_by_their_names_before_the_guard():
    names = ["=1+1", "'=1+1", "-2", "@home", "O'Brien", "'quoted'"]
    columns = ["reader", "case", "arm", "grade", "comment"]
    rows = [
        {"reader": name, "case": name, "arm": "model", "grade": "A", "comment": "a\rb"}
        for name in names
    ]
    reads = rows_of(read_csv(csv_text(columns, rows)))
    assert [read.reader for read in reads] == names
    assert [read.case for read in reads] == names
    assert {read.extra["comment"] for read in reads} == {"a\rb"}
