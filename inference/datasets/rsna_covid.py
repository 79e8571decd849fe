"""SIIM-FISABIO-RSNA COVID-19 detection (Kaggle, 2021): four appearances per study.

The appearances are those of a published scheme for COVID-19 pneumonia on radiographs.
Negative: no lung opacities. Typical: bilateral, peripheral opacities of pneumonia.
Indeterminate: opacities that may be pneumonia of any kind. Atypical: something else,
such as effusion, edema or a mass; which of them is not said. A box around an opacity on
an image says the same as an appearance with opacities; an image without a box says
nothing, since of several films of a study only one was marked.

Column names and the folders are from public code; the wording of the scheme is from
memory and was not checked. The table has no views: the challenge is of frontal films.
Patients are not named, so a study stands for one.
"""

from collections.abc import Iterator
from pathlib import Path

from inference.chexpert import NO_FINDING
from inference.datasets.record import (
    ABSENT,
    PRESENT,
    UNCERTAIN,
    DataSet,
    Notes,
    Record,
)
from inference.datasets.tables import Row, find_table, once, read_rows

STUDIES, IMAGES = "train_study_level.csv", "train_image_level.csv"
IMAGE_COLUMNS = ("id", "label", "StudyInstanceUID")

APPEARANCES: dict[str, dict[str, int]] = {
    "Negative for Pneumonia": {"Pneumonia": ABSENT, "Lung Opacity": ABSENT},
    "Typical Appearance": {
        "Pneumonia": PRESENT,
        "Lung Opacity": PRESENT,
        NO_FINDING: ABSENT,
    },
    "Indeterminate Appearance": {
        "Pneumonia": UNCERTAIN,
        "Lung Opacity": PRESENT,
        NO_FINDING: ABSENT,
    },
    "Atypical Appearance": {"Pneumonia": UNCERTAIN, NO_FINDING: ABSENT},
}


def read(root: Path, notes: Notes) -> Iterator[Record]:
    """Yield the films of the training set; the test set has no public labels."""
    studies = {
        _name(row, "_study"): _labels(row)
        for row in once(
            read_rows(find_table(root, STUDIES), ("id", *APPEARANCES)), "id"
        )
    }
    for row in read_rows(find_table(root, IMAGES), IMAGE_COLUMNS):
        image, study = _name(row, "_image"), row.required("StudyInstanceUID")
        if study not in studies:
            raise ValueError(f"{row.place}: the study {study} is not in {STUDIES}.")
        labels = dict(studies[study])
        if row["label"].startswith("opacity"):
            labels["Lung Opacity"] = PRESENT
        yield Record(
            image=_found(root / "train" / study, f"{image}.dcm"),
            labels=labels,
            view="frontal",
            split="train",
            patient=study,
            study=study,
            place=row.place,
        )


def _labels(row: Row) -> dict[str, int]:
    said = [name for name in APPEARANCES if row.flag(name)]
    if len(said) != 1:
        raise ValueError(
            f"{row.place}: {len(said)} appearances are marked; a study has one."
        )
    return APPEARANCES[said[0]]


def _name(row: Row, ending: str) -> str:
    name = row.required("id")
    if not name.endswith(ending):
        raise ValueError(
            f"{row.place}: the column id holds {name[:40]!r}, which does not end in "
            f"{ending}."
        )
    return name.removesuffix(ending)


def _found(study: Path, name: str) -> Path:
    """The file in whichever series of the study has it; the table names no series."""
    return next(study.glob(f"*/{name}"), study / "SERIES" / name)


DATA_SET = DataSet(
    name="rsna-covid",
    title="SIIM-FISABIO-RSNA COVID-19",
    origin="https://www.kaggle.com/c/siim-covid19-detection",
    terms="rules of the challenge, non-commercial research",
    files="train_study_level.csv, train_image_level.csv, train/STUDY/SERIES/IMAGE.dcm",
    splits=("train",),
    read=read,
)
