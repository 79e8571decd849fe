"""NIH ChestX-ray14: what is not named is absent; images lie in twelve folders."""

import pytest

from inference.chexpert import FINDINGS
from tests.inference.datasets.layouts import labels, picture, read, refusal, write

HEADER = (
    "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,"
    "View Position,OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y],"
)
ROWS = {
    "00000001_000.png": "No Finding",
    "00000001_001.png": "Infiltration|Effusion",
    "00000002_000.png": "Hernia",
    "00000003_000.png": "Consolidation|Pleural_Thickening",
}


@pytest.fixture
def root(tmp_path):
    lines = [
        f"{name},{said},0,{int(name[:8])},58,M,PA,2682,2749,0.143,0.143,"
        for name, said in ROWS.items()
    ]
    write(tmp_path / "Data_Entry_2017_v2020.csv", HEADER, *lines)
    for number, name in enumerate(ROWS, 1):
        picture(tmp_path / f"images_{number:03}" / "images" / name)
    write(tmp_path / "train_val_list.txt", *list(ROWS)[:3])
    write(tmp_path / "test_list.txt", list(ROWS)[3])
    return tmp_path


def test_named_findings_are_present_and_the_others_absent(root, capsys):
    lines = read("nih", root)
    found = labels(lines)
    assert found["00000001_000.png"]["No Finding"] == 1
    assert found["00000001_000.png"]["Edema"] == 0
    sick = found["00000001_001.png"]
    present = [name for name, mark in sick.items() if mark]
    assert sorted(present) == ["Lung Opacity", "Pleural Effusion"]
    # The same files give the same bytes.
    assert list(sick) == [name for name in FINDINGS if name in sick]
    # A hernia has no name among the fourteen, but its film is not normal.
    assert set(found["00000002_000.png"].values()) == {0}
    # Consolidation is an opacity, so nothing is said against one.
    assert "Lung Opacity" not in found["00000003_000.png"]
    assert found["00000003_000.png"]["Pleural Other"] == 1
    # NIH labels no fractures and no devices: both stay unknown.
    assert "Fracture" not in sick and "Support Devices" not in sick
    assert [one["split"] for one in lines] == ["train"] * 3 + ["test"]
    table = capsys.readouterr().out.splitlines()
    rows = {line.split("  ")[0]: line.split()[-2:] for line in table}
    assert rows["normal"] == ["1", "0"] and rows["abnormal"] == ["2", "1"]


def test_a_label_that_is_not_in_the_table_is_named_and_not_guessed(root, capsys):
    table = root / "Data_Entry_2017_v2020.csv"
    table.write_text(table.read_text().replace("Hernia", "Effusion|Situs inversus"))
    found = labels(read("nih", root))["00000002_000.png"]
    # Beside a label of unknown meaning nothing is called absent.
    assert found == {"Pleural Effusion": 1, "No Finding": 0}
    assert "'Situs inversus', 1 times" in capsys.readouterr().err


def test_without_the_lists_there_is_no_split(root, capsys):
    (root / "test_list.txt").unlink()
    assert {one["split"] for one in read("nih", root)} == {"whole"}
    assert "no splits" in capsys.readouterr().err


def test_an_image_that_no_list_has_is_refused(root, capsys):
    write(root / "test_list.txt", "other.png")
    said = refusal(capsys, "nih", root)
    assert "v2020.csv, line 5: 00000003_000.png is in neither of the two lists" in said
