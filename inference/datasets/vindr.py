"""VinDr-CXR: 28 labels by radiologists; three per training film, one consensus (test).

A label counts as present where at least two of the radiologists set it, as absent where
none did, and as uncertain where one of several did. What is not set is absent. Labels
without a CheXpert name only say that a film is not normal. Interstitial disease and
infiltration go to Lung Opacity, as the CheXpert labeler has it.

Column names are from public code. The two tables name the last disease differently
("Other diseases", "Other disease"). Every film is postero-anterior; patients are not
named, so a film stands for one.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from inference.datasets.labels import LabelTable
from inference.datasets.record import DataSet, Notes, Record
from inference.datasets.tables import Row, read_rows, table_if_any

TABLES = {"train": "image_labels_train.csv", "test": "image_labels_test.csv"}
PLACES = ("annotations/", "")
ENOUGH = 2

PRESENT = {
    "Atelectasis": ("Atelectasis",),
    "Cardiomegaly": ("Cardiomegaly",),
    "Clavicle fracture": ("Fracture",),
    "Consolidation": ("Consolidation",),
    "Edema": ("Edema",),
    "ILD": ("Lung Opacity",),
    "Infiltration": ("Lung Opacity",),
    "Lung Opacity": ("Lung Opacity",),
    "Lung tumor": ("Lung Lesion",),
    "Nodule/Mass": ("Lung Lesion",),
    "Pleural effusion": ("Pleural Effusion",),
    "Pleural thickening": ("Pleural Other",),
    "Pneumonia": ("Pneumonia",),
    "Pneumothorax": ("Pneumothorax",),
    "Rib fracture": ("Fracture",),
}
LABELS = LabelTable(
    present=PRESENT,
    # What one of three radiologists set is looked up under this name.
    uncertain={f"{name}?": names for name, names in PRESENT.items()},
    normal="No finding",
    others=(
        "Aortic enlargement",
        "COPD",
        "Calcification",
        "Emphysema",
        "Enlarged PA",
        "Lung cavity",
        "Lung cyst",
        "Mediastinal shift",
        "Other disease",
        "Other diseases",
        "Other lesion",
        "Pulmonary fibrosis",
        "Tuberculosis",
    ),
)
COLUMNS = ("image_id", LABELS.normal, *PRESENT)


def read(root: Path, notes: Notes) -> Iterator[Record]:
    """Yield the films of both tables."""
    found = {
        split: table_if_any(root, *(place + name for place in PLACES))
        for split, name in TABLES.items()
    }
    if not any(found.values()):
        raise ValueError(f"There is no annotations/{TABLES['train']} in {root}.")
    for split, table in found.items():
        if table is None:
            notes.said.append(f"There is no {TABLES[split]}: no split {split}.")
            continue
        films: dict[str, list[Row]] = {}
        for row in read_rows(table, COLUMNS):
            films.setdefault(row.required("image_id"), []).append(row)
        for name, rows in films.items():
            yield Record(
                image=root / split / f"{name}.dicom",
                labels=LABELS.read(_agreed(rows), notes),
                view="frontal",
                split=split,
                patient=name,
                study=name,
                place=rows[0].place,
            )


def _agreed(rows: list[Row]) -> list[str]:
    """The labels of one film; a name with ? where its readers did not agree."""
    votes: Counter[str] = Counter()
    for row in rows:
        names = [name for name in row.cells if name not in ("image_id", "rad_id")]
        votes.update(name for name in names if row[name] and row.flag(name))
    needed = min(ENOUGH, len(rows))
    agreed = [name for name, count in votes.items() if count >= needed]
    doubted = [
        f"{name}?"
        for name, count in votes.items()
        if count < needed and name in PRESENT
    ]
    return agreed + doubted


DATA_SET = DataSet(
    name="vindr",
    title="VinDr-CXR",
    origin="https://physionet.org/content/vindr-cxr/",
    terms="PhysioNet credentialed access and data use agreement",
    files="annotations/image_labels_train.csv, annotations/image_labels_test.csv, "
    "train/*.dicom, test/*.dicom",
    splits=("train", "test"),
    read=read,
)
