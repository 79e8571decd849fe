"""CheXpert: fourteen labels from the labeler's reading of reports (train), or from
radiologists (valid, test).

The labels are those of chexpert.py already; a blank is "not mentioned" and stays
unknown. A study is normal only where "No Finding" is marked. The test set came later,
as test_labels.csv of CheXlocalize, without a column for the view: there the file's
name says it.

The columns of train.csv were checked against a copy of the published file; those of
valid.csv are taken to be the same; those of test_labels.csv are from public code.
"""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from inference.chexpert import FINDINGS
from inference.datasets.record import DataSet, Notes, Record, View
from inference.datasets.tables import Row, read_rows, table_if_any

TABLES = {"train": "train.csv", "valid": "valid.csv", "test": "test_labels.csv"}
PLACES = ("", "CheXpert-v1.0/", "CheXpert-v1.0-small/", "CheXpert/")
VIEWS: dict[str, View] = {"Frontal": "frontal", "Lateral": "lateral"}


def read(root: Path, notes: Notes) -> Iterator[Record]:
    """Yield the images of every table that is there."""
    found = {
        split: table_if_any(root, *(place + name for place in PLACES))
        for split, name in TABLES.items()
    }
    if not any(found.values()):
        raise ValueError(
            f"There is no train.csv, valid.csv or test_labels.csv in {root}."
        )
    for split, table in found.items():
        if table is None:
            notes.said.append(f"There is no {TABLES[split]}: no split {split}.")
            continue
        has_view = split != "test"
        columns = ("Path", *(("Frontal/Lateral",) if has_view else ()), *FINDINGS)
        for row in read_rows(table, columns):
            yield _record(row, split, table.parent, has_view)


def _record(row: Row, split: str, folder: Path, has_view: bool) -> Record:
    # "CheXpert-v1.0-small/train/patient00001/study1/view1_frontal.jpg": what comes
    # before the split is the name of the archive.
    path = PurePosixPath(row.required("Path"))
    parts = path.parts
    if len(parts) < 4 or not parts[-3].startswith("patient"):
        raise ValueError(
            f"{row.place}: the column Path holds {str(path)[:60]!r}, not "
            ".../patientN/studyN/NAME."
        )
    return Record(
        image=folder.joinpath(*parts[-4:]),
        labels=row.findings(),
        view=_view(row, path, has_view),
        split=split,
        patient=parts[-3],
        study="/".join(parts[-3:-1]),
        place=row.place,
    )


def _view(row: Row, path: PurePosixPath, has_view: bool) -> View:
    if not has_view:
        word = path.stem.rpartition("_")[2].capitalize()
        return VIEWS.get(word, "unknown")
    if row["Frontal/Lateral"] not in VIEWS:
        raise ValueError(
            f"{row.place}: the column Frontal/Lateral holds "
            f"{row['Frontal/Lateral'][:20]!r}."
        )
    return VIEWS[row["Frontal/Lateral"]]


DATA_SET = DataSet(
    name="chexpert",
    title="CheXpert",
    origin="https://stanfordmlgroup.github.io/competitions/chexpert/",
    terms="Stanford research use agreement, on registration",
    files="train.csv, valid.csv, train/, valid/; if there, test_labels.csv and test/",
    splits=("train", "valid", "test"),
    read=read,
)
