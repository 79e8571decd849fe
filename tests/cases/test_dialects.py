"""A table is read as it was written, whatever wrote it; what is guessed is likely."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readerstudy.cases.dialects import (
    DELIMITERS,
    ENCODINGS,
    guess_delimiter,
    guess_encoding,
    guess_header,
    undecodable_line,
)
from readerstudy.cases.radiograph import Refused
from readerstudy.cases.tables import read_table, records

ANYTHING = "aZ09 ,;|\"'.\n\r\t\0\x0b\x0c\x1c\x85\u2028äЖ폐肺ﬁ\U0001fac1"
LETTERS = {
    "cp1252": "aZ09 ,;|\"'.\n\r\täöüßÉ€",
    "cp1250": "aZ09 ,;|\"'.\n\r\tłóżŹěř",
    "cp1251": "aZ09 ,;|\"'.\n\r\tЖдёя№",
    "cp1253": "aZ09 ,;|\"'.\n\r\tλΩή",
    "cp1254": "aZ09 ,;|\"'.\n\r\tğşİ",
    "cp949": "aZ09 ,;|\"'.\n\r\t폐흉수",
    "cp932": "aZ09 ,;|\"'.\n\r\t肺野ス",
    "mac-roman": "aZ09 ,;|\"'.\n\r\täöü",
}


@st.composite
def written(draw):
    """A table as Python's csv module writes it: rows, delimiter, encoding, bytes."""
    encoding = draw(st.sampled_from(sorted(ENCODINGS)))
    letters = (
        st.sampled_from(LETTERS[encoding])
        if encoding in LETTERS
        else st.sampled_from(ANYTHING)
    )
    width = draw(st.integers(2, 4))
    cells = st.text(letters, max_size=12)
    rows = draw(
        st.lists(
            st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=6
        )
    )
    delimiter = draw(st.sampled_from(sorted(DELIMITERS)))
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, quoting=quoting).writerows(rows)
    return rows, delimiter, encoding, text.getvalue().encode(encoding)


@given(written())
def test_any_table_comes_back_as_it_was_written(table):
    rows, delimiter, encoding, content = table
    codec = "utf-8-sig" if encoding == "utf-8" else encoding
    lines = io.TextIOWrapper(io.BytesIO(content), encoding=codec, newline="")
    trimmed = [[cell.strip() for cell in row] for row in rows]
    found = list(records(lines, delimiter, "table.csv"))
    assert [cells for _, cells in found] == [row for row in trimmed if any(row)]
    numbered = [number for number, row in enumerate(trimmed, 1) if any(row)]
    assert [number for number, _ in found] == numbered


LONG = "The heart is of normal size and the lungs are clear."
GERMAN = "Herzgröße normal, mäßige Überblähung. Kein Pleuraerguß."
POLISH = (
    "Płuca bez zmian ogniskowych. Sylwetka serca w normie, nie stwierdza się płynu w "
    "jamach opłucnowych. Zmiany zwyrodnieniowe kręgosłupa."
)
KOREAN = "양쪽 폐는 깨끗하다. 흉수나 기흉은 보이지 않는다."


@pytest.mark.parametrize(
    ("text", "codec", "guess"),
    [
        ("Clear lungs.", "ascii", "utf-8"),
        (GERMAN, "utf-8", "utf-8"),
        (GERMAN, "utf-8-sig", "utf-8"),
        (GERMAN, "cp1252", "cp1252"),
        (GERMAN, "utf-16", "utf-16"),
        (GERMAN, "utf-16-le", "utf-16-le"),
        (GERMAN, "utf-16-be", "utf-16-be"),
        (KOREAN, "utf-8", "utf-8"),
        (KOREAN, "utf-16", "utf-16"),
        (KOREAN, "cp949", "cp949"),
        (POLISH, "cp1250", "cp1250"),
        ("Лёгочные поля без очаговых изменений.", "cp1251", "cp1251"),
        ("双肺野清晰,未见明显实变影。心影大小正常。", "gb18030", "gb18030"),
    ],
)
def test_the_encoding_is_guessed_from_the_words(tmp_path, text, codec, guess):
    path = tmp_path / "table"
    path.write_bytes(f"case,report\r\nCXR1,{text}\r\n".encode(codec))
    assert guess_encoding(path) == guess


def test_an_umlaut_late_in_a_long_file_is_not_overlooked(tmp_path):
    path = tmp_path / "table"
    path.write_bytes(b"CXR1,Clear lungs.\n" * 300_000 + "x,Größe".encode("cp1252"))
    assert undecodable_line(path, "utf-8") == 300_001
    assert guess_encoding(path) == "cp1252"


@pytest.mark.parametrize("delimiter", sorted(DELIMITERS))
def test_the_delimiter_is_what_cuts_all_rows_alike(delimiter):
    rows = [
        ["case", "report"],
        ["CXR1", "Heart, lungs; pleura | bones: normal."],
        ["CXR2", "1. Effusion, left;\n2. Cardiomegaly, mild."],
    ]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    assert guess_delimiter(text.getvalue()) == delimiter


@pytest.mark.parametrize(
    ("rows", "has_header"),
    [
        ([["Case", "Text"], ["CXR1", "Clear."]], True),
        (
            [
                ["a", "b"],
                ["CXR1", LONG],
            ],
            True,
        ),
        ([["CXR1", "Clear."], ["CXR2", "Effusion."]], False),
        ([["film", "class"], ["CXR1", "normal"]], True),
        ([["Number", "Class", "Model"], ["1", "normal", "Clear."]], True),
        ([["CXR1", "model"], ["CXR2", "reading"]], False),
        (
            [
                ["CXR1", ""],
                ["CXR2", LONG],
            ],
            False,
        ),
    ],
)
def test_a_header_is_told_from_a_row(rows, has_header):
    assert guess_header(rows) is has_header


def test_an_encoding_that_does_not_fit_is_named(tmp_path):
    with pytest.raises(Refused, match="row 2: it is not Korean"):
        read_table(b"case,report\nCXR1,\xff\n", "table.csv", "cp949")
