"""Ids of studies: the column they stand in, and that every study stands once."""

from collections import Counter
from collections.abc import Collection, Sequence

from readerstudy.analysis.statistics.findings.csv_rows import Rows, clean, listed
from readerstudy.analysis.statistics.findings.label_tables import BadLabels
from readerstudy.csv_cells import reader_column

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
    "file_name",
    "file",
    "dicom_id",
)


def id_place(
    header: Sequence[str], taken: Collection[int], id_column: str, name: str
) -> int:
    """The place of the column of ids; `taken` columns are none. Raises BadLabels."""
    free = [place for place in range(len(header)) if place not in taken]
    keys = {_key(header[place]): place for place in reversed(free)}
    for key in (_key(id_column), *USUAL_IDS):
        if key and key in keys:
            return keys[key]
    others = [clean(header[place]) or "(no name)" for place in free]
    has = f"; it has {listed(others)}" if others else ""
    asked = f"no column {id_column.strip()}" if id_column else "no column of study ids"
    raise BadLabels(
        f"{name} has {asked}{has}; name the column of ids, or join row by row.",
        "The options are --id-column NAME and --by-row.",
    )


def study_ids(
    body: Rows, place: int, header: Sequence[str], name: str
) -> tuple[str, ...]:
    """The ids of the rows, trimmed. Raises BadLabels where one is empty or twice."""
    column = clean(header[place])
    ids = [clean(cells[place]) for _, cells in body]
    first: dict[str, int] = {}
    twice = [study for study, times in Counter(ids).items() if times > 1]
    for (number, _), study in zip(body, ids, strict=True):
        if not study:
            raise BadLabels(f"{name}, row {number}, column {column} is empty.")
        if study in first:
            raise BadLabels(
                f"{name}, row {number}, column {column}: {study} stands in row "
                f"{first[study]} already, and a study may have one row only. More than "
                f"once ({len(twice)}): {listed(twice)}.",
                _one_file_per_reader(header),
            )
        first[study] = number
    return tuple(ids)


def _one_file_per_reader(header: Sequence[str]) -> str:
    """What to do where a study has a row for each reader; empty where none is named."""
    column = reader_column(map(clean, header))
    if not column:
        return ""
    return (
        f"Column {column} names readers: store one file per reader, and give each with "
        "--reader NAME=FILE."
    )


def _key(title: str) -> str:
    return "_".join(clean(title).casefold().split())
