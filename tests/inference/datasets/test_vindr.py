"""VinDr-CXR: three radiologists vote on each training film."""

import pytest

from inference.datasets.vindr import LABELS, PRESENT
from tests.inference.datasets.layouts import labels, picture, read, refusal, write

OTHERS = [name for name in LABELS.others if name != "Other disease"]
NAMES = [*PRESENT, *OTHERS, "No finding"]


def row(image: str, *present: str, reader: str = "") -> str:
    cells = ["1" if name in present else "0" for name in NAMES]
    return ",".join([image, *([reader] if reader else []), *cells])


@pytest.fixture
def root(tmp_path):
    votes = {
        "aa": (["No finding"], ["No finding"], ["No finding"]),
        "bb": (["Nodule/Mass", "ILD"], ["Nodule/Mass"], ["Edema"]),
        "cc": (["Aortic enlargement"], ["Aortic enlargement"], ["No finding"]),
    }
    write(
        tmp_path / "annotations" / "image_labels_train.csv",
        ",".join(["image_id", "rad_id", *NAMES]),
        *(
            row(image, *present, reader=f"R{number}")
            for image, readers in votes.items()
            for number, present in enumerate(readers, 8)
        ),
    )
    header = ",".join(["image_id", *NAMES]).replace("Other diseases", "Other disease")
    write(
        tmp_path / "annotations" / "image_labels_test.csv",
        header,
        row("dd", "Pleural effusion", "Rib fracture"),
    )
    for split, names in (("train", ("aa", "bb", "cc")), ("test", ("dd",))):
        for name in names:
            film = picture(tmp_path / split / f"{name}.png")
            film.rename(film.with_suffix(".dicom"))
    return tmp_path


def test_two_of_three_make_a_label_and_one_makes_a_doubt(root, capsys):
    lines = read("vindr", root)
    found = labels(lines)
    assert found["aa.dicom"]["No Finding"] == 1 and found["aa.dicom"]["Edema"] == 0
    assert found["bb.dicom"]["Lung Lesion"] == 1
    assert lines[1]["uncertain"] == ["Lung Opacity", "Edema"]
    assert "Edema" not in found["bb.dicom"] and "Fracture" in found["bb.dicom"]
    # An enlarged aorta has no CheXpert name; the film is not normal all the same.
    assert found["cc.dicom"]["No Finding"] == 0
    present = {name for name, mark in found["dd.dicom"].items() if mark}
    assert present == {"Pleural Effusion", "Fracture"}
    assert [one["split"] for one in lines] == ["train"] * 3 + ["test"]
    assert "not guessed" not in capsys.readouterr().err


def test_one_split_alone_can_be_read(root):
    assert [one["image"] for one in read("vindr", root, "--split", "test")] == [
        "test/dd.dicom"
    ]
    (root / "annotations" / "image_labels_train.csv").unlink()
    assert len(read("vindr", root)) == 1


def test_a_missing_column_is_named_with_its_file(root, capsys):
    table = root / "annotations" / "image_labels_test.csv"
    table.write_text(table.read_text().replace("Pneumothorax", "Pneumo"))
    said = refusal(capsys, "vindr", root)
    assert "image_labels_test.csv, line 1: the column Pneumothorax is missing" in said
