"""Indiana's reader on Open-i's own files, and real films as training shows them."""

import json
import os
import shutil
import tarfile
from pathlib import Path

import numpy as np
import pytest

from inference.__main__ import main
from inference.radiographs import open_for_training
from inference.rendering import render_dicom
from readerstudy.cases.dicom import read_dicom
from readerstudy.cases.frames import render_8bit
from readerstudy.cases.radiograph import Refused

DATA = Path(os.environ["READERSTUDY_TEST_DATA"])


@pytest.fixture
def openi(tmp_path) -> Path:
    """The published layout: reports, two of the images, the table of projections."""
    with tarfile.open(DATA / "indiana" / "reports_dev.tgz") as archive:
        archive.extractall(tmp_path, filter="data")
    shutil.copytree(DATA / "indiana" / "images", tmp_path / "NLMCXR_png")
    shutil.copy(DATA / "indiana" / "indiana_projections.csv", tmp_path)
    return tmp_path


def test_real_reports_become_a_manifest_and_every_term_is_known(openi, capsys):
    out = openi / "out.jsonl"
    assert main(["data", "indiana", "--root", str(openi), "--out", str(out)]) == 0
    said = capsys.readouterr()
    assert "not guessed" not in said.err
    assert "images are missing" in said.err
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert [line["study"] for line in lines] == ["25", "54"]
    first = lines[0]
    present = {name for name, mark in first["labels"].items() if mark}
    assert present == {"Lung Opacity", "Pleural Effusion"}
    assert first["report"].startswith("The heart is within normal limits in size.")
    assert first["report"].endswith("to ensure complete resolution.")
    for line in lines:
        assert open_for_training(openi / line["image"]).mode == "L"


def test_real_films_look_alike_in_a_study_and_in_training():
    compared = 0
    for path in sorted((DATA / "dicom_cxr").glob("*.dcm")):
        try:
            there = render_8bit(read_dicom(path.read_bytes()).frame)
        except Refused:
            continue
        difference = render_dicom(path).astype(int) - there
        assert np.abs(difference).max() <= 1, path.name
        compared += 1
    assert compared == 9


@pytest.mark.parametrize("folder", ["dicom_malformed", "dicom_charset"])
def test_a_malformed_file_is_rendered_or_refused_in_a_sentence(folder):
    for path in sorted((DATA / folder).glob("*.dcm")):
        try:
            assert render_dicom(path).ndim == 2
        except ValueError as problem:
            assert str(problem).endswith("."), path.name
