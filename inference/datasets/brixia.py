"""BrixIA COVID-19: Brixia scores of lung involvement, from one Italian hospital.

Six zones are scored 0 to 3; only their sum is used. A sum of 0 is a film without lung
involvement, whatever else it may show, so "No Finding" stays unknown there; above 0
there are opacities. All patients have COVID-19, but nobody labelled pneumonia.
Images of the consensus set, which five more radiologists scored, are the split test.

Column names were taken from public code and the project's own page, not from the files
themselves. The table came with semicolons; commas are read too.
"""

from collections.abc import Iterator
from pathlib import Path

from inference.chexpert import NO_FINDING
from inference.datasets.record import ABSENT, PRESENT, DataSet, Notes, Record
from inference.datasets.tables import find_table, read_rows

TABLE = ("metadata_global_v2.csv", "data/metadata_global_v2.csv")
FOLDERS = ("dicom_clean", "data/dicom_clean", ".")
COLUMNS = (
    "Filename",
    "BrixiaScoreGlobal",
    "ConsensusTestset",
    "Subject",
    "StudyId",
)
HIGHEST = 18

INVOLVED = {"Lung Opacity": PRESENT, NO_FINDING: ABSENT}
NOT_INVOLVED = {"Lung Opacity": ABSENT}


def read(root: Path, notes: Notes) -> Iterator[Record]:
    """Yield the films of the table; all are frontal (AP or PA)."""
    folder = next(root / name for name in FOLDERS if (root / name).is_dir())
    for row in read_rows(find_table(root, *TABLE), COLUMNS):
        score = row["BrixiaScoreGlobal"]
        if not score.isdigit() or int(score) > HIGHEST:
            raise ValueError(
                f"{row.place}: the column BrixiaScoreGlobal holds {score[:20]!r}, no "
                f"number from 0 to {HIGHEST}."
            )
        yield Record(
            image=folder / row.required("Filename"),
            labels=INVOLVED if int(score) else NOT_INVOLVED,
            view="frontal",
            split="test" if row.flag("ConsensusTestset") else "train",
            patient=row["Subject"] or row["Filename"],
            study=row["StudyId"] or row["Filename"],
            place=row.place,
        )


DATA_SET = DataSet(
    name="brixia",
    title="BrixIA COVID-19",
    origin="https://brixia.github.io/",
    terms="research use agreement, on registration",
    files="metadata_global_v2.csv, dicom_clean/*.dcm",
    splits=("train", "test"),
    read=read,
)
