"""NIH ChestX-ray14: labels mined from reports, 1024-pixel PNG, every image frontal.

An image has all its labels in one cell, so what is not named is absent. Emphysema,
Fibrosis and Hernia have no CheXpert name: they only say that an image is not normal.

The columns and all label names were checked against a copy of the published table
(Data_Entry_2017_v2020.csv, 112,120 rows); the two lists of files are from public code.
"""

from collections.abc import Iterator
from pathlib import Path

from inference.datasets.labels import LabelTable
from inference.datasets.record import WHOLE, DataSet, Notes, Record
from inference.datasets.tables import find_table, read_rows

TABLES = ("Data_Entry_2017_v2020.csv", "Data_Entry_2017.csv")
LISTS = {"train": "train_val_list.txt", "test": "test_list.txt"}
COLUMNS = ("Image Index", "Finding Labels", "Patient ID")

LABELS = LabelTable(
    present={
        "Atelectasis": ("Atelectasis",),
        "Cardiomegaly": ("Cardiomegaly",),
        "Consolidation": ("Consolidation",),
        "Edema": ("Edema",),
        "Effusion": ("Pleural Effusion",),
        "Infiltration": ("Lung Opacity",),
        "Mass": ("Lung Lesion",),
        "Nodule": ("Lung Lesion",),
        "Pleural_Thickening": ("Pleural Other",),
        "Pneumonia": ("Pneumonia",),
        "Pneumothorax": ("Pneumothorax",),
    },
    normal="No Finding",
    others=("Emphysema", "Fibrosis", "Hernia"),
)


def read(root: Path, notes: Notes) -> Iterator[Record]:
    """Yield the images of the table, each from the folder that holds it."""
    images = {
        path.name: path
        for pattern in ("images_*/images/*.png", "images/*.png", "*.png")
        for path in root.glob(pattern)
    }
    splits = _splits(root, notes)
    for row in read_rows(find_table(root, *TABLES), COLUMNS):
        name = row.required("Image Index")
        if splits and name not in splits:
            raise ValueError(f"{row.place}: {name} is in neither of the two lists.")
        yield Record(
            image=images.get(name, root / "images" / name),
            labels=LABELS.read(row.required("Finding Labels").split("|"), notes),
            view="frontal",
            split=splits.get(name, WHOLE),
            patient=row.required("Patient ID"),
            # An image is a study of its own; its number is part of its name.
            study=name.partition(".")[0],
            place=row.place,
        )


def _splits(root: Path, notes: Notes) -> dict[str, str]:
    """The split of each image name; empty where the lists are not there."""
    if not all((root / name).is_file() for name in LISTS.values()):
        notes.said.append(
            "There is no train_val_list.txt and test_list.txt: no splits."
        )
        return {}
    splits: dict[str, str] = {}
    for split, name in LISTS.items():
        try:
            words = (root / name).read_text(encoding="utf-8").split()
        except (OSError, UnicodeDecodeError) as problem:
            raise ValueError(f"{root / name} cannot be read: {problem}.") from problem
        splits.update(dict.fromkeys(words, split))
    return splits


DATA_SET = DataSet(
    name="nih",
    title="NIH ChestX-ray14",
    origin="https://nihcc.app.box.com/v/ChestXray-NIHCC",
    terms="free use with attribution to the NIH Clinical Center",
    files="Data_Entry_2017_v2020.csv, images_001/images/*.png to images_012, "
    "train_val_list.txt, test_list.txt",
    splits=("train", "test"),
    read=read,
)
