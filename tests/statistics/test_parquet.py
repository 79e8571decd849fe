"""Tables as Parquet, read by pandas: proper types, the same bytes, nothing guarded."""

import io
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from readerstudy.analysis.statistics.columns import RESULT_COLUMNS
from readerstudy.analysis.statistics.files import parquet_files
from readerstudy.analysis.statistics.parquet import parquet
from readerstudy.analysis.statistics.reads_csv import read_csv
from tests.statistics.tables import Read, result_set

VECTOR = Path(__file__).parent / "vectors" / "v12_table5_typical.csv"


def frame(content: bytes) -> pd.DataFrame:
    return pd.read_parquet(io.BytesIO(content))


def test_every_table_comes_back_with_its_types():
    result = result_set(read_csv(VECTOR.read_bytes()), arms=["model", "ground_truth"])
    files = parquet_files(result)
    assert len(files) == len(RESULT_COLUMNS)
    pairs = frame(files["parquet/pairs.parquet"])
    pair = result.as_json()["pairs"][0]
    assert pairs["headline_p_value"][0] == pair["headline"]["p_value"]
    assert pairs["n"].dtype == "int64"
    assert pairs["headline_approximate"].dtype == "bool"
    assert pairs["first"].dtype == "category"
    by_case = frame(files["parquet/by_case.parquet"])
    assert by_case["case"].nunique() == 50


def test_types_do_not_depend_on_what_is_there():
    full = result_set(read_csv(VECTOR.read_bytes()))
    for name, content in parquet_files(result_set([])).items():
        of_none = pq.read_schema(io.BytesIO(content))
        assert of_none == pq.read_schema(io.BytesIO(parquet_files(full)[name]))


def test_the_same_rows_give_the_same_bytes_and_text_is_not_guarded():
    reads = [Read("R1", "=1+1", "model", "A")]
    files = parquet_files(result_set(reads))
    assert files == parquet_files(result_set(reads))
    assert list(frame(files["parquet/by_case.parquet"])["case"]) == ["=1+1"]


def test_empty_cells_are_null_and_times_are_utc():
    kinds = {"at": "time", "included": "boolean", "seconds": "number", "n": "integer"}
    rows = [
        {"at": "2026-01-02T03:04:05+02:00", "included": "1", "seconds": "", "n": ""},
        {"at": "", "included": 0, "seconds": "2.5", "n": 3},
    ]
    found = frame(parquet(kinds, rows))
    assert str(found["at"][0]) == "2026-01-02 01:04:05+00:00"
    assert list(found["included"]) == [True, False]
    assert found["at"].isna().tolist() == [False, True]
    assert found["seconds"].isna().tolist() == [True, False]
    assert found["n"].isna().tolist() == [True, False]
