"""A result set as tables: one row a comparison, a reader, a category, and so on.

Every file of numbers is made of these: CSV, XLSX, Parquet and the HTTP endpoints. A
block that a result set lacks gives a table without rows.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from readerstudy.analysis.statistics.columns import RESULT_COLUMNS
from readerstudy.analysis.statistics.table import GRADES

if TYPE_CHECKING:
    from readerstudy.analysis.statistics.results import ResultSet

Row = dict[str, Any]
Values = Mapping[str, Any]

# What tables leave out where one case was graded: counted, with nothing concluded.
_INFERENCE = (
    "statistic",
    "p_value",
    "ci95",
    "ci",
    "significant",
    "mcnemar",
    "mcnemar_exact_p",
    "newcombe_ci95",
    "tango_ci95",
    "wilcoxon_p",
)


@dataclass(frozen=True)
class ResultTable:
    """A named table; `columns` holds every column in order, with its meaning."""

    name: str
    columns: Mapping[str, str]
    rows: tuple[Row, ...]


def result_tables(result: "ResultSet") -> list[ResultTable]:
    """Every table of a result set, in the order of the codebook."""
    values = result.as_json()
    found: dict[str, Iterable[Row]] = {"by_case": result.by_case}
    found |= {name: rows(values) for name, rows in _ROWS.items()}
    return [
        ResultTable(file.removesuffix(".csv"), columns, _fitted(columns, rows))
        for file, columns in RESULT_COLUMNS.items()
        for rows in [found[file.removesuffix(".csv")]]
    ]


def _fitted(columns: Mapping[str, str], rows: Iterable[Row]) -> tuple[Row, ...]:
    """Rows with exactly the columns of a table; what a row lacks is None."""
    return tuple({name: row.get(name) for name in columns} for row in rows)


def flat(block: Values, prefix: str = "") -> Row:
    """A block on one row: its parts' columns carry their names, intervals two limits.

    `ci95` becomes `low` and `high`, `share_ci95` becomes `share_low` and `share_high`;
    `ci`, at the plan's own level, becomes `ci_low` and `ci_high`.
    """
    row: Row = {}
    for key, value in _without_inference(block).items():
        if isinstance(value, dict):
            row |= flat(value, f"{prefix}{key}_")
        elif key.endswith("ci95"):
            stem = prefix + key.removesuffix("ci95")
            row[f"{stem}low"], row[f"{stem}high"] = value or (None, None)
        elif key == "ci":
            row[f"{prefix}ci_low"], row[f"{prefix}ci_high"] = value or (None, None)
        elif isinstance(value, list):
            names = [each for each in value if isinstance(each, str)]
            row[prefix + key] = "; ".join(names) or None
        else:
            row[prefix + key] = value
    return row


def _without_inference(block: Values) -> Values:
    if block.get("status") != "one_case":
        return block
    return {**block, **{key: None for key in _INFERENCE if key in block}}


def _table5(values: Values) -> Iterator[Row]:
    """Grades and success per arm with percent, then Cochran's Q with its layout."""
    for row in (*GRADES, "A+B"):
        for arm, grades in _arms(values):
            count = grades["success" if row == "A+B" else row]
            percent = round(100 * count / grades["n"], 1)
            yield {"row": row, "arm": arm, "count": count, "percent": percent}
    for arm, grades in _arms(values):
        yield {"row": "grades", "arm": arm, "count": grades["n"], "percent": 100.0}
    cochran = flat(values["cochran_q"])
    yield {"row": "Cochran's Q", **cochran, "rows": cochran["blocks"]}


def _arms(values: Values) -> list[tuple[str, Values]]:
    """The grades of each arm in the order of arms, which stored JSON may lose."""
    return [(arm, values["grades"][arm]) for arm in values["design"]["arms"]]


def _omnibus(values: Values) -> Iterator[Row]:
    for outcome, block in _outcomes(values):
        for test in ("cochran_q", "clustered_q"):
            yield {"outcome": outcome, "test": test, **flat(block[test])}


def _estimands(values: Values) -> Iterator[Row]:
    """Those of the primary outcome, and of the stringent one where it is another."""
    primary = values["plan"]["primary_outcome"]
    for each in values["estimands"]:
        yield {"outcome": primary, **flat(each)}
    if primary != "stringent":
        for each in (values.get("stringent") or {}).get("estimands") or []:
            yield {"outcome": "stringent", **flat(each)}


def _outcomes(values: Values) -> Iterator[tuple[str, Values]]:
    yield "success", values
    if values.get("stringent"):
        yield "stringent", values["stringent"]


def _agreement(values: Values) -> Iterator[Row]:
    """A row per scope with its coefficients, then one per pair of readers."""
    for scope, block in values["agreement"].items():
        coefficients = {
            key: value for key, value in block.items() if not isinstance(value, dict)
        }
        yield {"scope": scope, "readers": "all", **flat(coefficients)}
        limits = block.get("weighted_kappa_ci95") or {}
        unbounded = block.get("weighted_kappa_ci95_absent") or {}
        for readers, kappa in _by_name(block["weighted_kappa"]):
            # A kappa without an interval says why in its message.
            reason = {"status": "ok", **unbounded.get(readers, {})}
            row = {"weighted_kappa": kappa, "weighted_kappa_ci95": limits.get(readers)}
            yield {"scope": scope, "readers": readers, **reason, **flat(row)}
        for readers, reason in _by_name(block["weighted_kappa_absent"]):
            yield {"scope": scope, "readers": readers, **reason}


def _by_name(block: Values) -> list[tuple[str, Any]]:
    """A block in an order that stored JSON keeps: R1-R2 before R1-R10."""
    return sorted(block.items(), key=lambda item: (len(item[0]), item[0]))


def _without_exclusions(values: Values) -> Iterator[Row]:
    block = values.get("without_exclusions")
    if not block:
        return
    shared = {key: block[key] for key in ("excluded", "reads")}
    for pair in block["pairs"]:
        yield {"measure": "pair", **shared, **flat(pair["headline"]), **flat(pair)}
    for each in block["estimands"]:
        arms = {"first": each["reference"], "second": each["arm"]}
        yield {"measure": "estimand", **shared, **arms, **flat(each)}


def _listed(*path: str) -> Callable[[Values], Iterator[Row]]:
    """The rows of a list that stands at a path of blocks, such as stringent.pairs.

    Where a block says why it has none, that is the one row.
    """

    def rows(values: Values) -> Iterator[Row]:
        *above, last = path
        block: Values = values
        for name in above:
            block = block.get(name) or {}
        listed = block.get(last) or []
        why = {
            key: block[key] for key in ("status", "message") if above and key in block
        }
        for each in listed:
            yield {**why, **flat(each)}
        if not listed and why.get("status", "ok") != "ok":
            yield why

    return rows


def _within_pairs(block: str, part: str) -> Callable[[Values], Iterator[Row]]:
    """The rows of a list inside every pair of a list of pairs."""

    def rows(values: Values) -> Iterator[Row]:
        for pair in values.get(block) or []:
            named = {key: pair.get(key) for key in ("first", "second")}
            why = {key: pair.get(key) for key in ("status", "message")}
            inner = pair.get(part) or []
            for each in [inner] if isinstance(inner, dict) else inner:
                yield {**named, **why, **flat(each)}
            if not inner:
                yield {**named, **why}

    return rows


def _repeats(values: Values) -> Iterator[Row]:
    block = values.get("repeats")
    if block:
        yield {"reader": "all", **flat({**block, "by_reader": None})}
        yield from map(flat, block.get("by_reader") or [])


def _bradley_terry(values: Values) -> Iterator[Row]:
    block = (values.get("preference") or {}).get("bradley_terry")
    if not block:
        return
    shared = {key: block.get(key) for key in ("status", "message", "tie")}
    for arm in block.get("arms") or []:
        yield {**shared, **flat(arm)}
    if not block.get("arms"):
        yield shared


def _trend(values: Values) -> Iterator[Row]:
    """The terms of each outcome's model; where it has none, a row that says why."""
    trend = (values.get("learning") or {}).get("trend") or {}
    for outcome in trend.get("outcomes") or []:
        terms = [
            term for term in trend["terms"] if term["outcome"] == outcome["outcome"]
        ]
        for term in terms or [{}]:
            yield {**outcome, **term}


def _blinding(values: Values) -> Iterator[Row]:
    block = values.get("blinding")
    if not block:
        return
    for arm in block.get("asked") or []:
        yield {"measure": "asked", **flat(arm)}
    yield {"measure": "james", **flat(block.get("james") or {})}
    for arm in block.get("bang") or []:
        yield {"measure": "bang", **flat(arm)}


def _missing(values: Values) -> Iterator[Row]:
    block = values["missing"]
    yield {"scope": "all", **block}
    for scope in ("reader", "arm"):
        for each in block[f"by_{scope}"]:
            yield {"scope": scope, "name": each[scope], **each}
    for each in block["excluded"]["reasons"]:
        yield {"scope": "excluded", **each}
    for each in block.get("cannot_assess") or []:
        yield {"scope": "cannot_assess", "name": each["arm"], **each}


def _gee(values: Values) -> Iterator[Row]:
    block = values["gee"]
    shared = {key: block.get(key) for key in ("status", "message", "reference")}
    for model in block.get("models") or []:
        own = {key: value for key, value in model.items() if key != "terms"}
        for term in model["terms"] or [{}]:
            yield {**shared, **flat(own), **flat(term)}
    if not block.get("models"):
        yield shared


_ROWS: dict[str, Callable[[Values], Iterator[Row]]] = {
    "table5": _table5,
    "omnibus": _omnibus,
    "pairs": _listed("pairs"),
    "pairs_stringent": _listed("stringent", "pairs"),
    "estimands": _estimands,
    "agreement": _agreement,
    "without_exclusions": _without_exclusions,
    "by_reader": _listed("by_reader"),
    "by_stratum": _listed("by_stratum"),
    "ordinal": _listed("ordinal"),
    "strata": _within_pairs("strata", "strata"),
    "strata_interaction": _within_pairs("strata", "interaction"),
    "readers": _within_pairs("readers", "readers"),
    "left_out": _within_pairs("readers", "left_out"),
    "sensitivity": _listed("sensitivity"),
    "variance": _listed("variance"),
    "repeats": _repeats,
    "time": _listed("time", "by_arm"),
    "time_pairs": _listed("time", "pairs"),
    "periods": _listed("learning", "periods"),
    "order": _listed("learning", "order"),
    "trend": _trend,
    "errors": _listed("errors", "by_arm"),
    "errors_pairs": _listed("errors", "pairs"),
    "instruments": _listed("instruments", "by_arm"),
    "preference": _listed("preference", "pairs"),
    "bradley_terry": _bradley_terry,
    "blinding": _blinding,
    "missing": _missing,
    "missing_bounds": _listed("missing", "bounds"),
    "gee": _gee,
}
