"""MIMIC-CXR: four tables' worth of one study, and its report's two sections."""

import gzip

import pytest

from tests.inference.datasets.layouts import (
    FINDING_COLUMNS,
    marks,
    picture,
    read,
    refusal,
    write,
)

METADATA = (
    "dicom_id,subject_id,study_id,PerformedProcedureStepDescription,ViewPosition,Rows,"
    "Columns,StudyDate,StudyTime"
)
IMAGES = {
    "1a": ("10000032", "50414267", "PA", "train"),
    "1b": ("10000032", "50414267", "LATERAL", "train"),
    "2a": ("10000764", "57375967", "AP", "validate"),
    "3a": ("11000011", "51000000", "", "test"),
    "4a": ("11000011", "51000001", "AP", "test"),
}
REPORT = """\
                                 FINAL REPORT
 EXAMINATION:  CHEST (PA AND LAT)

 INDICATION:  ___F with new onset ascites  // eval for infection

 COMPARISON:  None.

 FINDINGS:

 There is no focal consolidation.  Bilateral nodular opacities that
 most likely represent nipple shadows.

 IMPRESSION:

 No acute cardiopulmonary process.
"""


@pytest.fixture
def root(tmp_path):
    rows = [
        f"{name},{patient},{study},CHEST,{view},2544,3056,21800506,213014.531"
        for name, (patient, study, view, _) in IMAGES.items()
    ]
    table = write(tmp_path / "plain.csv", METADATA, *rows)
    (tmp_path / "mimic-cxr-2.0.0-metadata.csv.gz").write_bytes(
        gzip.compress(table.read_bytes())
    )
    table.unlink()
    write(
        tmp_path / "mimic-cxr-2.0.0-split.csv",
        "dicom_id,study_id,subject_id,split",
        *(f"{n},{s},{p},{split}" for n, (p, s, _, split) in IMAGES.items()),
    )
    write(
        tmp_path / "mimic-cxr-2.0.0-chexpert.csv",
        f"subject_id,study_id,{FINDING_COLUMNS}",
        f"10000032,50414267,{marks(No_Finding='1.0')}",
        f"10000764,57375967,{marks(Edema='1.0', Pneumonia='-1.0')}",
        f"11000011,51000000,{marks(Edema='1.0')}",
    )
    for name, (patient, study, _, _) in IMAGES.items():
        folder = tmp_path / "files" / f"p{patient[:2]}" / f"p{patient}" / f"s{study}"
        picture(folder / f"{name}.jpg")
    write(tmp_path / "files/p10/p10000032/s50414267.txt", REPORT)
    write(
        tmp_path / "mimic-cxr-reports/files/p10/p10000764/s57375967.txt",
        " IMPRESSION:  Mild edema.",
    )
    write(tmp_path / "files/p11/p11000011/s51000001.txt", "Seen again.")
    return tmp_path


def test_images_come_with_labels_split_and_the_two_sections(root, capsys):
    first, second, third = read("mimic-cxr", root)
    assert first["report"] == (
        "There is no focal consolidation. Bilateral nodular opacities that most likely "
        "represent nipple shadows. No acute cardiopulmonary process."
    )
    assert first["labels"] == {"No Finding": 1}
    assert first["image"] == "files/p10/p10000032/s50414267/1a.jpg"
    assert (second["split"], second["report"]) == ("valid", "Mild edema.")
    assert second["uncertain"] == ["Pneumonia"]
    assert third["labels"] == {} and "report" not in third
    said = capsys.readouterr().err
    assert "1 images left out: view not known" in said
    assert "Reports without findings and impression: 1." in said
    assert "Images of a study without labels: 1." in said


def test_dicom_files_of_the_same_name_are_taken_too(root):
    for path in list(root.glob("files/**/*.jpg")):
        path.rename(path.with_suffix(".dcm"))
    lines = read("mimic-cxr", root, "--split", "train")
    assert [one["image"] for one in lines] == ["files/p10/p10000032/s50414267/1a.dcm"]


@pytest.mark.parametrize(
    ("table", "before", "after", "sentence"),
    [
        ("split", "validate", "val", "line 4: the column split holds 'val'"),
        ("split", "2a,", "9z,", "line 4: 2a has no row in the table of splits"),
        ("chexpert", "57375967", "50414267", "line 3: 50414267 came before"),
    ],
)
def test_tables_that_do_not_fit_each_other_are_refused(
    root, capsys, table, before, after, sentence
):
    path = root / f"mimic-cxr-2.0.0-{table}.csv"
    path.write_text(path.read_text().replace(before, after))
    assert sentence in refusal(capsys, "mimic-cxr", root)


def test_a_table_that_is_not_there_is_named(root, capsys):
    (root / "mimic-cxr-2.0.0-split.csv").unlink()
    assert "There is no mimic-cxr-2.*-split.csv (or .gz)" in refusal(
        capsys, "mimic-cxr", root
    )
