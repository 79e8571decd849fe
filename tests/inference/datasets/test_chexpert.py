"""CheXpert: labels as published; uncertain ones as the reader chooses."""

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

HEADER = f"Path,Sex,Age,Frontal/Lateral,AP/PA,{FINDING_COLUMNS}"
ARCHIVE = "CheXpert-v1.0-small"
IMAGES = {
    "train/patient00001/study1/view1_frontal.jpg": "Frontal,AP,"
    + marks(No_Finding="1.0"),
    "train/patient00001/study2/view1_frontal.jpg": "Frontal,PA,"
    + marks(Edema="1.0", Pneumothorax="0.0", Pneumonia="-1.0"),
    "train/patient00001/study2/view2_lateral.jpg": f"Lateral,,{marks(Edema='1.0')}",
    "train/patient00002/study1/view1_frontal.jpg": "Frontal,AP,"
    + marks(Atelectasis="-1.0", Pneumothorax="0.0"),
    "train/patient00003/study1/view1_frontal.jpg": f"Frontal,AP,{marks(Edema='0.0')}",
}


@pytest.fixture
def root(tmp_path):
    lines = [f"{ARCHIVE}/{path},Female,60,{rest}" for path, rest in IMAGES.items()]
    write(tmp_path / "train.csv", HEADER, *lines)
    for path in IMAGES:
        picture(tmp_path / path)
    return tmp_path


def test_frontal_images_come_with_their_labels_and_no_guess(root, capsys):
    normal, sick, doubtful, silent = read("chexpert", root)
    assert normal["labels"] == {"No Finding": 1}
    assert sick["labels"] == {"Edema": 1, "Pneumothorax": 0}
    assert sick["uncertain"] == ["Pneumonia"]
    assert doubtful["labels"] == {"Pneumothorax": 0}
    # The labeler did not call it normal, and names nothing: it is neither.
    assert silent["uncertain"] == ["No Finding"]
    assert (
        normal["patient"] == "patient00001" and sick["study"] == "patient00001/study2"
    )
    said = capsys.readouterr()
    assert "1 images left out: lateral view" in said.err
    assert "There is no valid.csv" in said.err
    table = {line.split("  ")[0]: line.split()[-1] for line in said.out.splitlines()}
    counts = [table[one] for one in ("images", "normal", "abnormal", "neither")]
    assert counts == ["4", "1", "1", "2"]


@pytest.mark.parametrize(
    ("choice", "pneumonia", "atelectasis"), [("positive", 1, 1), ("negative", 0, 0)]
)
def test_uncertain_labels_become_what_was_chosen(root, choice, pneumonia, atelectasis):
    _, sick, doubtful, silent = read("chexpert", root, "--uncertain", choice)
    assert sick["labels"]["Pneumonia"] == pneumonia
    assert doubtful["labels"]["Atelectasis"] == atelectasis
    assert "uncertain" not in sick
    # That nobody called a study normal is nothing that could be decided.
    assert silent == {**silent, "labels": {"Edema": 0}, "uncertain": ["No Finding"]}


def test_lateral_views_come_where_they_are_asked_for(root):
    assert [one["view"] for one in read("chexpert", root, "--lateral")].count(
        "lateral"
    ) == 1


def test_all_three_splits_are_read_from_inside_the_archive(root):
    inside = root / "CheXpert-v1.0"
    inside.mkdir()
    (root / "train").rename(inside / "train")
    table = (root / "train.csv").read_bytes()
    (root / "train.csv").unlink()
    (inside / "train.csv.gz").write_bytes(gzip.compress(table))
    row = "CheXpert-v1.0/valid/patient64541/study1/view1_frontal.jpg,Male,70,Frontal,AP"
    write(inside / "valid.csv", HEADER, f"{row},{marks(No_Finding='0.0', Edema='1.0')}")
    tests = [
        f"test/patient64741/study1/view1_{view}.jpg,{marks(No_Finding=1)}"
        for view in ("frontal", "lateral")
    ]
    write(inside / "test_labels.csv", f"Path,{FINDING_COLUMNS}", *tests)
    picture(inside / "valid/patient64541/study1/view1_frontal.jpg")
    picture(inside / "test/patient64741/study1/view1_frontal.jpg")
    lines = read("chexpert", root, "--split", "valid", "test")
    assert [one["split"] for one in lines] == ["valid", "test"]
    assert len(read("chexpert", root)) == 6


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("Frontal,PA", "Sideways,PA", "the column Frontal/Lateral holds 'Sideways'"),
        (",-1.0", ",2", "the column Pneumonia holds '2'"),
        (
            f"{ARCHIVE}/train/patient00001/study2/view1",
            "view1",
            "the column Path holds",
        ),
    ],
)
def test_a_cell_that_makes_no_sense_is_refused(root, capsys, before, after, sentence):
    table = root / "train.csv"
    table.write_text(table.read_text().replace(before, after, 1))
    assert f"train.csv, line 3: {sentence}" in refusal(capsys, "chexpert", root)
