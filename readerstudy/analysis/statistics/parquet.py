"""Tables as Parquet with proper types: whole numbers, truth, times, repeated text."""

import io
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from readerstudy.analysis.statistics.column_types import Kind

_CHUNK = 50_000
_TYPES: dict[Kind, pa.DataType] = {
    "text": pa.dictionary(pa.int32(), pa.string()),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "time": pa.timestamp("us", tz="UTC"),
}


def parquet(kinds: Mapping[str, Kind], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """A Parquet file with these columns; None and "" are null, the rows in chunks.

    Text comes as it is, without the apostrophes that guard a CSV. The same rows give
    the same bytes.
    """
    schema = pa.schema([(name, _TYPES[kind]) for name, kind in kinds.items()])
    buffer, left = io.BytesIO(), iter(rows)
    with pq.ParquetWriter(buffer, schema, compression="zstd") as writer:
        while chunk := list(islice(left, _CHUNK)):
            columns = [
                pa.array([_VALUES[kind](row.get(name)) for row in chunk], _TYPES[kind])
                for name, kind in kinds.items()
            ]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))
    return buffer.getvalue()


def _absent_or(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None or value == "" else convert(value)


def _truth(value: Any) -> bool:
    return bool(int(value))


def _time(value: Any) -> datetime:
    return datetime.fromisoformat(str(value)).astimezone(UTC)


_VALUES: dict[Kind, Callable[[Any], Any]] = {
    "text": _absent_or(str),
    "integer": _absent_or(int),
    "number": _absent_or(float),
    "boolean": _absent_or(_truth),
    "time": _absent_or(_time),
}
