"""Label tables of the same studies, in an order that no file decides."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from readerstudy.analysis.statistics.findings.csv_rows import listed
from readerstudy.analysis.statistics.findings.label_tables import (
    BadLabels,
    Floats,
    LabelTable,
)
from readerstudy.analysis.statistics.table import natural_order


@dataclass(frozen=True)
class Joined:
    """Studies in natural order of their ids.

    reference  `reference[study, finding]`
    predicted  `predicted[model, study, finding]`
    present    the findings that each model's table has a column for
    only_reference, only_model  how many studies of a table the others lack (`inner`)
    """

    ids: tuple[str, ...]
    models: tuple[str, ...]
    reference: Floats
    predicted: Floats
    reference_present: tuple[str, ...]
    present: Mapping[str, tuple[str, ...]]
    only_reference: int = 0
    only_model: Mapping[str, int] = field(default_factory=dict)


def joined(
    reference: LabelTable, predicted: Mapping[str, LabelTable], *, inner: bool = False
) -> Joined:
    """Bring the tables together by id, or row by row where all are read so.

    Missing and extra ids are refused unless `inner` asks for the studies that all
    tables have. Raises BadLabels.
    """
    tables = list(predicted.values())
    if not tables:
        raise BadLabels("There is nothing to score: give at least one predicted table.")
    by_row = {table.by_row for table in (reference, *tables)}
    if len(by_row) > 1:
        raise BadLabels(
            "Some tables have study ids and some are read by row; read all of them in "
            "the same way."
        )
    if by_row == {True}:
        _same_length(reference, tables)
        _same_order(reference, tables)
    common = set(reference.ids)
    for table in tables:
        if not inner:
            _same_ids(reference, table)
        common &= set(table.ids)
    if not common:
        raise BadLabels(
            f"{reference.name} and {listed([table.name for table in tables])} have no "
            "study in common; check their columns of study ids."
        )
    ids = natural_order(common)
    return Joined(
        ids=ids,
        models=tuple(predicted),
        reference=_taken(reference, ids),
        predicted=np.stack([_taken(table, ids) for table in tables]),
        reference_present=reference.present,
        present={name: table.present for name, table in predicted.items()},
        only_reference=len(reference.ids) - len(ids),
        only_model={
            name: len(table.ids) - len(ids) for name, table in predicted.items()
        },
    )


def _same_length(reference: LabelTable, tables: list[LabelTable]) -> None:
    for table in tables:
        if len(table.ids) != len(reference.ids):
            raise BadLabels(
                f"{table.name} has {len(table.ids)} rows and {reference.name} "
                f"{len(reference.ids)}; a join by row needs as many in both."
            )


def _same_order(reference: LabelTable, tables: list[LabelTable]) -> None:
    """Refuse rows whose own ids tell that others belong together."""
    for table in tables:
        pairs = list(zip(reference.said_ids, table.said_ids, strict=False))
        apart = [row for row, (one, other) in enumerate(pairs) if one != other]
        if apart and sorted(reference.said_ids) == sorted(table.said_ids):
            one, other = pairs[apart[0]]
            raise BadLabels(
                f"Row {apart[0] + 1} of {reference.name} is study {one} and that of "
                f"{table.name} study {other}, though both hold the same studies; join "
                "them by id.",
                "Leave out --by-row.",
            )


def order_doubts(
    reference: LabelTable, predicted: Mapping[str, LabelTable]
) -> list[str]:
    """Sentences on tables joined by row whose own ids have studies in other rows."""
    found = []
    rows = {study: row for row, study in enumerate(reference.said_ids)}
    for table in predicted.values():
        moved = sum(
            rows.get(study, row) != row for row, study in enumerate(table.said_ids)
        )
        if moved:
            found.append(
                f"{reference.name} and {table.name} are joined by row, though {moved} "
                "studies stand in other rows of the one than of the other, by their "
                "columns of ids."
            )
    return found


def _same_ids(reference: LabelTable, table: LabelTable) -> None:
    known, found = set(reference.ids), set(table.ids)
    missing = [study for study in reference.ids if study not in found]
    extra = [study for study in table.ids if study not in known]
    parts = []
    if missing:
        parts.append(
            f"{table.name} lacks {len(missing)} of {len(known)} studies of "
            f"{reference.name} ({listed(missing)})"
        )
    if extra:
        who = "it" if missing else table.name
        parts.append(
            f"{who} has {len(extra)} that {reference.name} lacks ({listed(extra)})"
        )
    if parts:
        raise BadLabels(
            f"{', and '.join(parts)}; mend the tables, or ask for the studies that all "
            "of them have.",
            "The option is --inner.",
        )


def _taken(table: LabelTable, ids: tuple[str, ...]) -> Floats:
    place = {study: row for row, study in enumerate(table.ids)}
    rows = [place[study] for study in ids]
    return table.values[rows]
