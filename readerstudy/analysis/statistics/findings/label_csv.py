"""Label tables from CSV: joined by the names of columns, checked cell by cell.

The order of columns differs between CheXpert's labeler, CheXpert's own data and
CheXbert, so that a join by place would score Lung Opacity as Lung Lesion.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from inference.chexpert import FINDINGS
from readerstudy.analysis.statistics.findings.label_tables import (
    ALIASES,
    NEGATIVE,
    POSITIVE,
    BadLabels,
    Floats,
    LabelTable,
)
from readerstudy.csv_text import unguarded

# Looked for in this order, in either case, where nobody names a column.
USUAL_IDS = (
    "study_id",
    "studyid",
    "study",
    "id",
    "uid",
    "case",
    "case_id",
    "code",
    "image",
    "image_id",
    "image_path",
    "path",
    "filename",
    "file",
    "dicom_id",
)
# "nan" is how some tools write an empty cell.
_VALUES = {"1": 1.0, "1.0": 1.0, "0": 0.0, "0.0": 0.0, "-1": -1.0, "-1.0": -1.0}
_VALUES |= {"-0.0": 0.0, "1.": 1.0, "0.": 0.0, "-1.": -1.0}
_BLANK = {"", "nan", "NaN"}
_DELIMITERS = (",", ";", "\t")
# Names in a refusal; the rest is counted.
MOST_NAMED = 10
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
    if isinstance(source, Path):
        name = name or source.name
        try:
            source = source.read_bytes()
        except OSError as problem:
            raise BadLabels(f"{source} can't be read: {problem.strerror}.") from None
    name = name or "the label table"
    rows = _rows(_text(source, name), name, by_row=by_row)
    if not rows:
        raise BadLabels(f"{name} is empty; it has to hold a header and rows of labels.")
    first, header = rows[0]
    places = _finding_places(header, name, first)
    ids_at = None if by_row else _id_place(header, places, id_column, name)
    body = [
        (number, _fitted(cells, header, number, name)) for number, cells in rows[1:]
    ]
    if not body:
        raise BadLabels(f"{name} has a header but no row of labels below it.")
    values = _values(body, places, header, name)
    ids = (
        tuple(str(place) for place in range(1, len(body) + 1))
        if ids_at is None
        else _ids(body, ids_at, header[ids_at], name)
    )
    present = tuple(finding for finding in FINDINGS if finding in places)
    return LabelTable(
        name=name,
        ids=ids,
        values=values,
        present=present,
        by_row=by_row,
        id_column="" if ids_at is None else header[ids_at],
        notes=tuple(_notes(name, values, present)),
    )


def check_id_column(id_column: str, tables: Sequence[LabelTable]) -> None:
    """Refuse an id column that none of the tables has. Raises BadLabels."""
    wanted = id_column.strip().casefold()
    if wanted and all(table.id_column.casefold() != wanted for table in tables):
        named = ", ".join(table.name for table in tables)
        raise BadLabels(f"There is no column {id_column} in {named}.")


def listed(names: Sequence[str]) -> str:
    """Names for a sentence: the first ten, and how many more there are."""
    shown = ", ".join(names[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    return f"{shown} and {more} more" if more > 0 else shown


def _text(source: str | bytes, name: str) -> str:
    if isinstance(source, bytes):
        try:
            source = source.decode("utf-8")
        except UnicodeDecodeError as problem:
            row = source.count(b"\n", 0, problem.start) + 1
            raise BadLabels(
                f"{name}, row {row}: the file is not UTF-8 text; save it as CSV UTF-8."
            ) from None
    return source.removeprefix("\ufeff")


def _rows(text: str, name: str, *, by_row: bool) -> list[tuple[int, list[str]]]:
    """Number and cells of every row that holds something; the header comes first."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found = []
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            if cells:
                found.append((number, cells))
    except csv.Error as problem:
        raise BadLabels(f"{name}, row {number + 1} is not CSV: {problem}.") from None
    while found and _is_blank(found[0][1]):
        found.pop(0)
    # A spreadsheet may leave rows of nothing below a table. Without ids a row of
    # nothing in between is a study of which nothing was said.
    while found and _is_blank(found[-1][1]) and not by_row:
        found.pop()
    return found


def _is_blank(cells: list[str]) -> bool:
    return not any(map(str.strip, cells))


def _key(title: str) -> str:
    """A column's name without case, and with one space between words."""
    return re.sub(r"[\s_]+", " ", unguarded(title.strip()).strip()).casefold()


_KEYS = {_key(finding): finding for finding in FINDINGS} | ALIASES


def _finding_places(header: list[str], name: str, row: int) -> dict[str, int]:
    """The place of each finding's column."""
    if any(cell.strip() in _VALUES for cell in header):
        raise BadLabels(
            f"{name}, row {row} holds labels where the header has to be; put the names "
            "of the columns in the first row."
        )
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
    if not places:
        raise BadLabels(
            f"{name}, row {row}: no column is named after a finding; the header has to "
            f"hold names such as {FINDINGS[2]} or {FINDINGS[10]}."
        )
    return places


def _id_place(
    header: list[str], places: dict[str, int], id_column: str, name: str
) -> int:
    taken = set(places.values())
    keys = {
        title.strip().casefold().replace(" ", "_"): place
        for place, title in reversed(list(enumerate(header)))
        if place not in taken
    }
    wanted = id_column.strip().casefold().replace(" ", "_")
    for key in (wanted, *USUAL_IDS):
        if key and key in keys:
            return keys[key]
    others = [header[place].strip() or "(no name)" for place in sorted(keys.values())]
    has = f"; besides findings it has {listed(others)}" if others else ""
    asked = f"no column {id_column.strip()}" if wanted else "no column of study ids"
    raise BadLabels(
        f"{name} has {asked}{has}; name the column of ids, or join row by row.",
        "The options are --id-column NAME and --by-row.",
    )


def _fitted(cells: list[str], header: list[str], number: int, name: str) -> list[str]:
    """The cells without the empty ones that spreadsheets add beyond the header."""
    width = len(header)
    if len(cells) == width:
        return cells
    if len(cells) > width and not any(map(str.strip, cells[width:])):
        return cells[:width]
    raise BadLabels(f"{name}, row {number} has {len(cells)} cells; the header {width}.")


def _values(
    body: list[tuple[int, list[str]]],
    places: dict[str, int],
    header: list[str],
    name: str,
) -> Floats:
    found = np.full((len(body), len(FINDINGS)), np.nan)
    for row, (number, cells) in enumerate(body):
        for finding, place in places.items():
            cell = unguarded(cells[place].strip())
            if cell in _BLANK:
                continue
            value = _VALUES.get(cell)
            if value is None:
                raise BadLabels(
                    f"{name}, row {number}, column {header[place].strip()}: "
                    f"{cell[:_LONGEST_CELL]} is no label; it has to be 1, 0, -1 or "
                    "empty."
                )
            found[row, FINDINGS.index(finding)] = value
    return found


def _ids(
    body: list[tuple[int, list[str]]], place: int, column: str, name: str
) -> tuple[str, ...]:
    ids = [unguarded(cells[place].strip()).strip() for _, cells in body]
    for (number, _), study in zip(body, ids, strict=True):
        if not study:
            raise BadLabels(f"{name}, row {number}, column {column.strip()} is empty.")
    twice = [study for study, times in Counter(ids).items() if times > 1]
    if twice:
        again = [
            number
            for number, study in zip((number for number, _ in body), ids, strict=True)
            if study == twice[0]
        ]
        raise BadLabels(
            f"{name}, row {again[1]}, column {column.strip()}: "
            f"{twice[0]} stands in row {again[0]} already; every study may have one "
            f"row. There more than once ({len(twice)}): {listed(twice)}."
        )
    return tuple(ids)


def _notes(name: str, values: Floats, present: Sequence[str]) -> list[str]:
    notes = []
    if len(present) < len(FINDINGS):
        absent = [finding for finding in FINDINGS if finding not in present]
        notes.append(
            f"{name} has no column for {listed(absent)}; these labels are not scored."
        )
    held = ~np.isnan(values)
    if not held.any():
        notes.append(f"{name} holds no label at all: every cell is empty.")
    elif (values == POSITIVE).any() and not (values == NEGATIVE).any():
        notes.append(
            f"{name} holds no negative label at all. A broken install of the CheXpert "
            "labeler (NegBio) leaves every mention positive; check how it was made."
        )
    return notes
