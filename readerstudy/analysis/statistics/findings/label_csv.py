"""Label tables from CSV: joined by the names of columns, checked cell by cell."""

from pathlib import Path

from readerstudy.analysis.statistics.findings.label_tables import LabelTable


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
    raise NotImplementedError


def check_id_column(id_column: str, tables: list[LabelTable]) -> None:
    """Refuse an id column that none of the tables has. Raises BadLabels."""
    raise NotImplementedError
