"""A result set as files: results.json, one CSV per table, and a workbook of them."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from readerstudy.analysis.statistics.column_types import kind_of
from readerstudy.analysis.statistics.columns import RESULT_COLUMNS as RESULT_COLUMNS
from readerstudy.analysis.statistics.result_tables import ResultTable, result_tables
from readerstudy.csv_text import csv_text

if TYPE_CHECKING:
    from readerstudy.analysis.statistics.results import ResultSet


def result_files(result: "ResultSet") -> dict[str, bytes]:
    """results.json, every table as CSV, and results.xlsx, by file name."""
    from readerstudy.analysis.statistics.workbook import workbook

    tables = result_tables(result)
    return {
        "results.json": _json(result.as_json()).encode(),
        **{f"{table.name}.csv": table_csv(table).encode() for table in tables},
        "results.xlsx": workbook(tables),
    }


def parquet_files(result: "ResultSet") -> dict[str, bytes]:
    """Every table as Parquet, by file name in a folder of their own."""
    return {
        f"parquet/{table.name}.parquet": table_parquet(table)
        for table in result_tables(result)
    }


def table_csv(table: ResultTable) -> str:
    """A table as CSV text."""
    return csv_text(list(table.columns), table.rows)


def table_parquet(table: ResultTable) -> bytes:
    """A table as Parquet, with types that depend on its columns alone."""
    from readerstudy.analysis.statistics.parquet import parquet

    return parquet({name: kind_of(name) for name in table.columns}, table.rows)


def _json(values: Mapping[str, Any]) -> str:
    """Keys are sorted: a stored result set gives the bytes of a computed one."""
    text = json.dumps(
        values, allow_nan=False, ensure_ascii=False, indent=1, sort_keys=True
    )
    return f"{text}\n"
