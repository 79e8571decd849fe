"""MIMIC-CXR: labels and splits of MIMIC-CXR-JPG, reports of MIMIC-CXR, from Boston.

The labels are the CheXpert labeler's, one row a study, in the names of chexpert.py; a
blank is "not mentioned". A report is its FINDINGS and IMPRESSION (sections.py); a text
with neither heading gives none. Blanks of de-identification (___) stay as they are.

Both projects use the same folders: files/p10/p10000032/s50414267/ID.jpg (or .dcm), and
files/p10/p10000032/s50414267.txt for the report, which may also lie under
mimic-cxr-reports/ as its archive unpacks. Column names are from the data set's
description and public code; the credentialed files were not at hand.
"""

from collections.abc import Iterator
from pathlib import Path

from inference.chexpert import FINDINGS
from inference.datasets.record import DataSet, Notes, Record, View
from inference.datasets.sections import paragraph, sections
from inference.datasets.tables import Row, find_table, once, read_rows

METADATA = "mimic-cxr-2.*-metadata.csv"
LABELS = "mimic-cxr-2.*-chexpert.csv"
SPLITS = "mimic-cxr-2.*-split.csv"
METADATA_COLUMNS = ("dicom_id", "subject_id", "study_id", "ViewPosition")
SPLIT_NAMES = {"train": "train", "validate": "valid", "test": "test"}
SUFFIXES = (".jpg", ".dcm")

# Decubitus, oblique and swimmer's views are neither; most blanks have no other mark.
VIEWS: dict[str, View] = {
    "PA": "frontal",
    "AP": "frontal",
    "LATERAL": "lateral",
    "LL": "lateral",
    "XTABLE LATERAL": "lateral",
}


def read(root: Path, notes: Notes) -> Iterator[Record]:
    """Yield the images of the metadata table with the labels of their study."""
    labels = {
        row["study_id"]: row.findings()
        for row in once(
            read_rows(find_table(root, LABELS), ("study_id", *FINDINGS)), "study_id"
        )
    }
    splits = {
        row["dicom_id"]: _split(row)
        for row in once(
            read_rows(find_table(root, SPLITS), ("dicom_id", "split")), "dicom_id"
        )
    }
    reports = _Reports(root, notes)
    for row in read_rows(find_table(root, METADATA), METADATA_COLUMNS):
        name, study = row.required("dicom_id"), row.required("study_id")
        patient = row.required("subject_id")
        if name not in splits:
            raise ValueError(f"{row.place}: {name} has no row in the table of splits.")
        if study not in labels:
            notes.remarks["Images of a study without labels"] += 1
        folder = Path(f"p{patient[:2]}", f"p{patient}")
        yield Record(
            image=_image(root / "files" / folder / f"s{study}", name),
            labels=labels.get(study, {}),
            view=VIEWS.get(row["ViewPosition"], "unknown"),
            split=splits[name],
            patient=patient,
            study=study,
            place=row.place,
            report=reports.of(folder / f"s{study}.txt"),
        )


def _split(row: Row) -> str:
    name = row["split"]
    if name not in SPLIT_NAMES:
        raise ValueError(
            f"{row.place}: the column split holds {name[:20]!r}, not train, validate "
            "or test."
        )
    return SPLIT_NAMES[name]


def _image(folder: Path, name: str) -> Path:
    """The image as JPEG or as DICOM, whichever is there."""
    paths = [folder / f"{name}{suffix}" for suffix in SUFFIXES]
    return next((path for path in paths if path.is_file()), paths[0])


class _Reports:
    """The paragraph of each study's report; images of a study follow each other."""

    def __init__(self, root: Path, notes: Notes) -> None:
        self.folders = (root / "files", root / "mimic-cxr-reports" / "files")
        self.notes = notes
        self.last: tuple[Path, str] = (Path(), "")

    def of(self, name: Path) -> str:
        """The report under this name, empty where there is none."""
        if self.last[0] != name:
            self.last = (name, self._read(name))
        return self.last[1]

    def _read(self, name: Path) -> str:
        paths = (folder / name for folder in self.folders)
        path = next((path for path in paths if path.is_file()), None)
        if path is None:
            self.notes.remarks["Studies without a report file"] += 1
            return ""
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as problem:
            raise ValueError(
                f"The report {path} cannot be read: {problem}."
            ) from problem
        report = paragraph(*sections(text))
        if not report:
            self.notes.remarks["Reports without findings and impression"] += 1
        return report


DATA_SET = DataSet(
    name="mimic-cxr",
    title="MIMIC-CXR",
    origin="https://physionet.org/content/mimic-cxr-jpg/ and .../mimic-cxr/",
    terms="PhysioNet credentialed access and data use agreement",
    files="mimic-cxr-2.0.0-metadata.csv, -chexpert.csv and -split.csv (.gz as they "
    "come), files/p10/p10000032/s50414267/*.jpg or *.dcm, files/.../s50414267.txt",
    splits=("train", "valid", "test"),
    read=read,
)
