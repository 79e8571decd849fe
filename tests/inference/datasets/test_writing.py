"""The command: what is taken, counted, missing, dealt anew; whole files or none."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from inference.__main__ import main
from inference.datasets.catalogue import DATA_SETS
from tests.inference.datasets.layouts import (
    FINDING_COLUMNS,
    marks,
    picture,
    read,
    refusal,
    write,
)

ROOT = Path(__file__).resolve().parents[3]
COUNT = 40


@pytest.fixture
def root(tmp_path):
    """CheXpert's layout: forty patients, each with one frontal image."""
    names = [f"train/patient{n:05}/study1/view1_frontal.jpg" for n in range(COUNT)]
    write(
        tmp_path / "train.csv",
        f"Path,Sex,Age,Frontal/Lateral,AP/PA,{FINDING_COLUMNS}",
        *(f"CheXpert-v1.0/{name},F,60,Frontal,AP,{marks(Edema=1)}" for name in names),
    )
    for name in names:
        picture(tmp_path / name)
    return tmp_path


def patients(lines) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for line in lines:
        found.setdefault(line["split"], set()).add(line["patient"])
    return found


def test_missing_images_are_counted_and_five_are_named(root, capsys):
    gone = sorted(root.glob("train/*/*/*.jpg"))[:7]
    for path in gone:
        path.unlink()
    assert len(read("chexpert", root)) == COUNT - 7
    said = capsys.readouterr().err
    assert "7 images are missing, such as:" in said
    assert said.count("view1_frontal.jpg") == 5 and str(gone[0]) in said


def test_strict_writes_nothing_where_an_image_is_missing(root, capsys):
    next(root.glob("train/*/*/*.jpg")).unlink()
    said = refusal(capsys, "chexpert", root, "--strict")
    assert "1 images are missing" in said and "Nothing was written" in said


def test_images_that_cannot_be_read_are_found_where_asked(root, capsys):
    broken = next(root.glob("train/patient00003/*/*.jpg"))
    broken.write_bytes(b"\xff\xd8\xff nothing")
    assert len(read("chexpert", root)) == COUNT
    assert len(read("chexpert", root, "--check-images")) == COUNT - 1
    said = capsys.readouterr().err
    assert "1 images are unreadable" in said and "cannot be read as a picture" in said
    (root / "out.jsonl").unlink()
    assert "unreadable" in refusal(
        capsys, "chexpert", root, "--check-images", "--strict"
    )


def test_a_refusal_leaves_the_manifest_of_before(root, capsys):
    read("chexpert", root)
    before = (root / "out.jsonl").read_bytes()
    with (root / "train.csv").open("a") as stream:
        stream.write("half a row\n")
    words = ["--root", str(root), "--out", str(root / "out.jsonl")]
    assert main(["data", "chexpert", *words]) == 2
    assert "train.csv, line 42: there are 1 cells" in capsys.readouterr().err
    assert (root / "out.jsonl").read_bytes() == before
    assert not list(root.glob("*.part"))


def test_an_image_that_comes_twice_is_refused(root, capsys):
    table = root / "train.csv"
    table.write_text(table.read_text() + table.read_text().splitlines()[1] + "\n")
    said = refusal(capsys, "chexpert", root)
    assert "train.csv, line 42: the image view1_frontal.jpg came before" in said
    assert "in train.csv, line 2." in said


def test_patients_are_dealt_anew_by_seed_and_never_twice(root):
    once = patients(read("chexpert", root, "--resplit", "60,20,20"))
    again = patients(read("chexpert", root, "--resplit", "60,20,20"))
    other = patients(read("chexpert", root, "--resplit", "60,20,20", "--seed", "1"))
    assert once == again != other
    assert set(once) == {"train", "valid", "test"}
    assert sum(map(len, once.values())) == COUNT == len(set.union(*once.values()))
    assert len(once["train"]) > len(once["valid"])
    valid = read("chexpert", root, "--resplit", "60,20,20", "--split", "valid")
    assert patients(valid) == {"valid": once["valid"]}


def test_counts_can_be_kept_as_a_table(root):
    path = root / "counts.csv"
    read("chexpert", root, "--counts", str(path))
    with path.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    counts = {(row["finding"], row["measure"]): int(row["count"]) for row in rows}
    assert {(row["data_set"], row["split"]) for row in rows} == {("chexpert", "train")}
    assert counts["", "images"] == counts["", "abnormal"] == COUNT
    assert counts["Edema", "present"] == COUNT and counts["Edema", "absent"] == 0
    assert counts["Fracture", "unknown"] == COUNT
    assert len(rows) == 8 + 14 * 4


def test_images_outside_the_manifests_folder_are_named_whole(root, tmp_path):
    out = tmp_path / "elsewhere" / "out.jsonl"
    words = ["--root", str(root), "--out", str(out)]
    assert main(["data", "chexpert", *words]) == 0
    first = json.loads(out.read_text().splitlines()[0])
    assert Path(first["image"]).is_absolute() and Path(first["image"]).is_file()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["chexpert", "--root", "nowhere"], "There is no folder nowhere."),
        (["nih", "--root", ".", "--split", "valid"], "has no split valid"),
        (["indiana", "--root", ".", "--split", "train"], "it publishes none"),
        (["chexpert", "--root", "."], "no train.csv, valid.csv or test_labels.csv in"),
    ],
)
def test_what_cannot_work_is_told(tmp_path, monkeypatch, capsys, words, sentence):
    monkeypatch.chdir(tmp_path)
    assert main(["data", *words, "--out", "out.jsonl"]) == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize("shares", ["1,2", "1,2,-1", "0,0,0", "a,b,c"])
def test_shares_are_three_parts(tmp_path, capsys, shares):
    words = ["--root", str(tmp_path), "--out", str(tmp_path / "o"), "--resplit", shares]
    with pytest.raises(SystemExit):
        main(["data", "nih", *words])
    assert "--resplit" in capsys.readouterr().err


def test_the_reference_has_a_row_for_every_data_set():
    text = (ROOT / "docs" / "reference" / "data-sets.md").read_text()
    for name, data_set in DATA_SETS.items():
        row = next(line for line in text.splitlines() if line.startswith(f"| `{name}`"))
        assert data_set.files.split(",")[0].split("/")[0].split(" ")[0] in row


def test_help_lists_the_data_sets_and_needs_no_torch():
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "inference", "data", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "credentialed access" in done.stdout and "NLMCXR_png" in done.stdout
    assert "torch" not in done.stderr
