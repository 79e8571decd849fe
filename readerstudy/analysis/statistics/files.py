"""A result set as files: results.json and one CSV per table."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from readerstudy.analysis.statistics.columns import RESULT_COLUMNS as RESULT_COLUMNS
from readerstudy.analysis.statistics.csv_text import csv_text
from readerstudy.analysis.statistics.table import GRADES

if TYPE_CHECKING:
    from readerstudy.analysis.statistics.results import ResultSet

Row = dict[str, Any]
Values = Mapping[str, Any]

_INFERENCE = ("statistic", "p_value", "mcnemar", "newcombe_ci95", "tango_ci95")


def write_result_set(result: "ResultSet", folder: Path) -> list[str]:
    """Write every file into a folder, made where absent; returns their names."""
    values = result.as_json()
    tables: dict[str, Iterable[Row]] = {
        "table5.csv": _table5(values),
        "pairs.csv": map(_pair, values["pairs"]),
        "agreement.csv": _agreement(values),
        "by_reader.csv": map(_with_limits, values["by_reader"]),
        "by_case.csv": result.by_case,
    }
    contents = {"results.json": _json(values)} | {
        name: csv_text(list(RESULT_COLUMNS[name]), rows)
        for name, rows in tables.items()
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content.encode())
    return list(contents)


def _json(values: Values) -> str:
    return json.dumps(values, allow_nan=False, ensure_ascii=False, indent=1) + "\n"


def _without_inference(values: Values) -> Values:
    """Figures of one case as tables show them: counted, with nothing concluded."""
    if values["status"] != "one_case":
        return values
    return {**values, **dict.fromkeys(_INFERENCE)}


def _table5(values: Values) -> Iterator[Row]:
    """Grades and success per arm with percent, then Cochran's Q with its layout."""
    for row in (*GRADES, "A+B"):
        for arm, grades in values["grades"].items():
            count = grades["success" if row == "A+B" else row]
            percent = f"{100 * count / grades['n']:.1f}"
            yield {"row": row, "arm": arm, "count": count, "percent": percent}
    for arm, grades in values["grades"].items():
        yield {"row": "grades", "arm": arm, "count": grades["n"], "percent": "100.0"}
    cochran = _without_inference(values["cochran_q"])
    yield {
        "row": "Cochran's Q",
        "statistic": cochran["statistic"],
        "df": cochran["df"],
        "p_value": cochran["p_value"],
        "rows": cochran["blocks"],
        "columns": cochran["columns"],
        "status": cochran["status"],
        "message": cochran["message"],
    }


def _pair(pair: Values) -> Row:
    """A pair on one row; the columns of its parts carry their names."""
    pair = _without_inference(pair)
    row = {key: value for key, value in pair.items() if not isinstance(value, dict)}
    _limits(row, "newcombe_", pair["newcombe_ci95"])
    _limits(row, "tango_", pair["tango_ci95"])
    for name in ("mcnemar", "fixed_readers", "random_readers", "headline"):
        part = pair[name] or {}
        row |= {f"{name}_{key}": value for key, value in part.items()}
        _limits(row, f"{name}_", part.get("ci95"))
    return row


def _limits(row: Row, prefix: str, interval: list[float] | None) -> None:
    row[f"{prefix}low"], row[f"{prefix}high"] = interval or (None, None)


def _with_limits(grades: Values) -> Row:
    row = dict(grades)
    _limits(row, "success_", grades["success_ci95"])
    _limits(row, "stringent_", grades["stringent_ci95"])
    return row


def _agreement(values: Values) -> Iterator[Row]:
    """A row per scope with its coefficients, then one per pair of readers."""
    for scope, block in values["agreement"].items():
        yield {"scope": scope, "readers": "all", **block, "weighted_kappa": None}
        for readers, kappa in block["weighted_kappa"].items():
            row = {"status": "ok", "message": None, "weighted_kappa": kappa}
            yield {"scope": scope, "readers": readers, **row}
        for readers, reason in block["weighted_kappa_absent"].items():
            yield {"scope": scope, "readers": readers, **reason}
