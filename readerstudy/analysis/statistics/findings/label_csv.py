"""Label tables from CSV: joined by the names of columns, checked cell by cell.

The order of columns differs between CheXpert's labeler, CheXpert's own data and
CheXbert, so that a join by place would score Lung Opacity as Lung Lesion.
"""

import re
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np

from inference.chexpert import ALIASES, FINDINGS, WRITTEN
from readerstudy.analysis.statistics.findings.csv_rows import (
    Rows,
    clean,
    listed,
    rows_of,
)
from readerstudy.analysis.statistics.findings.id_columns import id_place, study_ids
from readerstudy.analysis.statistics.findings.label_tables import (
    NEGATIVE,
    POSITIVE,
    BadLabels,
    Floats,
    LabelTable,
)

_VALUES = {
    text: np.nan if value is None else float(value) for text, value in WRITTEN.items()
}
_MINUS = "\u2212"
_LONGEST_CELL = 40


def read_label_table(
    source: str | bytes | Path,
    *,
    name: str = "",
    by_row: bool = False,
    id_column: str = "",
) -> LabelTable:
    """Read labels: 1, 0, -1 or empty under the names of the CheXpert findings.

    `source` is the text or the bytes of a CSV, or the path of one. `id_column` is the
    column of study ids; without it the usual names are looked for (study_id, study, id,
    uid, case, image, path, filename ...). `by_row` numbers the rows instead. A table
    that lacks `id_column` but has a usual one is taken, so that both sides may call
    theirs differently; `check_id_column` refuses a name that no table has.
    Raises BadLabels with one sentence that names file, row and column.
    """
    name = name or (source.name if isinstance(source, Path) else "the label table")
    rows = rows_of(source, name, by_row=by_row)
    if not rows:
        raise BadLabels(f"{name} is empty; it has to hold a header and rows of labels.")
    first, header = rows[0]
    body = rows[1:]
    places = _finding_places(header, name, first)
    id_at = None if by_row else id_place(header, places.values(), id_column, name)
    if not body:
        raise BadLabels(f"{name} has a header but no row of labels below it.")
    values = _values(body, places, header, name)
    present = tuple(finding for finding in FINDINGS if finding in places)
    return LabelTable(
        name=name,
        ids=tuple(map(str, range(1, len(body) + 1)))
        if id_at is None
        else study_ids(body, id_at, header, name),
        values=values,
        present=present,
        by_row=by_row,
        id_column="" if id_at is None else clean(header[id_at]),
        said_ids=_said_ids(body, header, places.values(), name) if by_row else (),
        notes=tuple(_notes(name, values, present)),
    )


def _said_ids(
    body: Rows, header: list[str], taken: Collection[int], name: str
) -> tuple[str, ...]:
    """The ids of rows that are joined by place, where a usual column has them."""
    try:
        place = id_place(header, taken, "", name)
    except BadLabels:
        return ()
    return tuple(clean(cells[place]) for _, cells in body)


def check_id_column(id_column: str, tables: Sequence[LabelTable]) -> None:
    """Refuse an id column that none of the tables has. Raises BadLabels."""
    wanted = clean(id_column).casefold()
    if not wanted or any(table.by_row for table in tables):
        return
    if all(table.id_column.casefold() != wanted for table in tables):
        named = listed([table.name for table in tables])
        raise BadLabels(f"There is no column {id_column.strip()} in {named}.")


def _key(title: str) -> str:
    """A column's name without case, and with one space between words."""
    return re.sub(r"[\s_]+", " ", clean(title)).casefold()


_KEYS = {_key(finding): finding for finding in FINDINGS} | ALIASES


def _finding_places(header: list[str], name: str, row: int) -> dict[str, int]:
    """The place of each finding's column."""
    places: dict[str, int] = {}
    for place, title in enumerate(header):
        finding = _KEYS.get(_key(title))
        if finding is None:
            continue
        if finding in places:
            raise BadLabels(
                f"{name}, row {row}: columns {header[places[finding]].strip()} and "
                f"{title.strip()} are both {finding}; keep one of them."
            )
        places[finding] = place
    if not places and any(_VALUES.get(clean(cell), 2) in (1, 0, -1) for cell in header):
        raise BadLabels(
            f"{name}, row {row} holds labels where the header has to be; put the names "
            "of the columns in the first row."
        )
    if not places:
        raise BadLabels(
            f"{name}, row {row}: no column is named after a finding; the header has to "
            f"hold names such as {FINDINGS[2]} or {FINDINGS[10]}."
        )
    return places


def _values(body: Rows, places: dict[str, int], header: list[str], name: str) -> Floats:
    found = np.full((len(body), len(FINDINGS)), np.nan)
    columns = [(FINDINGS.index(finding), place) for finding, place in places.items()]
    for row, (number, cells) in enumerate(body):
        for column, place in columns:
            cell = clean(cells[place]).replace(_MINUS, "-")
            value = _VALUES.get(cell.casefold())
            if value is None:
                raise BadLabels(
                    f"{name}, row {number}, column {header[place].strip()}: "
                    f"{cell[:_LONGEST_CELL]} is no label; it has to be 1, 0, -1 or "
                    "empty."
                )
            found[row, column] = value
    return found


def _notes(name: str, values: Floats, present: Sequence[str]) -> list[str]:
    notes = []
    if len(present) < len(FINDINGS):
        absent = [finding for finding in FINDINGS if finding not in present]
        notes.append(
            f"{name} has no column for {', '.join(absent)}; these are not scored."
        )
    if np.isnan(values).all():
        notes.append(f"{name} holds no label at all: every cell is empty.")
    elif (values == POSITIVE).any() and not (values == NEGATIVE).any():
        notes.append(
            f"{name} holds no negative label at all. A broken install of the CheXpert "
            "labeler (NegBio) leaves every mention positive; check how it was made."
        )
    return notes
