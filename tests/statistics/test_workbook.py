"""The workbook of a result set, opened by other programs than the one that wrote it."""

import io
from pathlib import Path

import openpyxl
import pytest

from readerstudy.analysis.statistics import workbook
from readerstudy.analysis.statistics.columns import RESULT_COLUMNS
from readerstudy.analysis.statistics.files import result_files
from readerstudy.analysis.statistics.reads_csv import read_csv
from tests.statistics.tables import Read, result_set

VECTOR = Path(__file__).parent / "vectors" / "v12_table5_typical.csv"


@pytest.fixture(scope="module")
def result():
    reads = read_csv(VECTOR.read_bytes())
    return result_set(reads, arms=["model", "ground_truth"], reference="ground_truth")


def opened(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def test_there_is_a_sheet_per_table_and_one_that_explains_them(result):
    book = opened(result_files(result)["results.xlsx"])
    names = [name.removesuffix(".csv") for name in RESULT_COLUMNS]
    assert book.sheetnames == [*names, "codebook"]
    explained = {(row[0], row[1]) for row in book["codebook"].values}
    for name in names:
        header = next(book[name].values)
        assert {(name, column) for column in header} <= explained
        assert book[name].freeze_panes == "A2"


def test_numbers_are_numbers_at_full_precision(result):
    book = opened(result_files(result)["results.xlsx"])
    header, row = book["pairs"].values
    cells = dict(zip(header, row, strict=True))
    pair = result.as_json()["pairs"][0]
    assert cells["headline_p_value"] == pytest.approx(
        pair["headline"]["p_value"], rel=1e-15
    )
    assert cells["n"] == 150
    assert cells["headline_approximate"] is False


def test_a_name_that_looks_like_a_formula_or_an_address_is_text():
    risky = ["=1+1", "@arm", "+2", "-3", "https://example.org", "{=1}"]
    reads = [Read("R1", name, "model", "A") for name in risky]
    sheet = opened(result_files(result_set(reads))["results.xlsx"])["by_case"]
    cells = [cell for row in sheet.iter_rows(min_row=2) for cell in row]
    assert {cell.value for cell in cells if cell.column == 1} == set(risky)
    assert not any(cell.data_type == "f" or cell.hyperlink for cell in cells)


def test_the_same_results_give_the_same_bytes(result):
    assert result_files(result) == result_files(result)


def test_no_ratings_give_a_workbook_that_opens():
    book = opened(result_files(result_set([]))["results.xlsx"])
    assert [row[0] for row in book["pairs"].values] == ["first"]


def test_what_does_not_fit_into_a_sheet_stands_in_the_csv(monkeypatch, result):
    monkeypatch.setattr(workbook, "MOST_ROWS", 3)
    sheet = opened(result_files(result)["results.xlsx"])["gee"]
    last = [cell.value for cell in list(sheet.rows)[-1]]
    assert sheet.max_row == 1 + 3 + 1
    assert last[0].endswith("more rows stand in gee.csv.")
