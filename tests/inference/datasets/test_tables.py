"""Tables that are broken are refused in a sentence that names file and line."""

import gzip

import pytest

from inference.datasets.tables import find_table, once, read_rows
from tests.inference.datasets.layouts import write

COLUMNS = ("image", "label")


def problem(path) -> str:
    with pytest.raises(ValueError) as refusal:
        list(read_rows(path, COLUMNS))
    assert str(refusal.value).endswith(".")
    return str(refusal.value)


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([], "t.csv is empty."),
        (["image,other", "a,1"], "t.csv, line 1: the column label is missing"),
        (["image,label,label", "a,1,2"], "line 1: the column label comes twice"),
        (["image,label", "a,1", "b"], "line 3: there are 1 cells under 2 columns"),
        (["image,label", "a,1,9"], "line 2: there are 3 cells under 2 columns"),
        (["image,label", 'a,"1'], "line 2: this is no CSV: unexpected end of data"),
        (["image,label", "a,1", 'b,"x"y'], "line 3: this is no CSV"),
    ],
)
def test_a_broken_table_is_refused(tmp_path, lines, sentence):
    assert sentence in problem(write(tmp_path / "t.csv", *lines))


def test_a_wrong_encoding_is_told(tmp_path):
    path = write(
        tmp_path / "t.csv", "image,label", "a,1", "b,señal", encoding="latin-1"
    )
    assert "t.csv is no UTF-8 text" in problem(path)


def test_a_damaged_archive_is_told(tmp_path):
    path = tmp_path / "t.csv.gz"
    rows = "".join(f"{number},{number % 7}\n" for number in range(5000))
    whole = gzip.compress(f"image,label\n{rows}".encode())
    path.write_bytes(whole[: len(whole) // 2])
    assert "cannot be read" in problem(path)
    path.write_bytes(b"image,label\n")
    assert "cannot be read" in problem(path)


def test_line_numbers_count_line_breaks_in_cells(tmp_path):
    path = write(tmp_path / "t.csv", "image,label", '"a', 'a",1', "b")
    assert "t.csv, line 4" in problem(path)


def test_blank_lines_and_surplus_columns_do_no_harm(tmp_path):
    path = write(tmp_path / "t.csv", "x,image,label,", "", "0, a ,1,", "")
    rows = list(read_rows(path, COLUMNS))
    assert [(row["image"], row["label"], row.place) for row in rows] == [
        ("a", "1", "t.csv, line 3")
    ]


def test_a_key_stands_in_one_row(tmp_path):
    path = write(tmp_path / "t.csv", "image,label", "a,1", "b,1", "a,0")
    with pytest.raises(ValueError, match=r"line 4: a came before, in t.csv, line 2"):
        list(once(read_rows(path, COLUMNS), "image"))


def test_a_table_is_found_plain_or_packed(tmp_path):
    with pytest.raises(ValueError, match=r"There is no a-\*.csv \(or .gz\) in"):
        find_table(tmp_path, "a-*.csv")
    packed = tmp_path / "a-2.csv.gz"
    packed.touch()
    assert find_table(tmp_path, "a-*.csv") == packed
