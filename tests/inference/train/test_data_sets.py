"""From the published files of two data sets to trained stages, in small.

BrixIA comes as DICOM with scores, MIMIC-CXR as JPEG with labels and reports. The films
are drawn phantoms; a scripted chat endpoint writes the dialogues.
"""

import json
from pathlib import Path

import pytest
import torch
from PIL import Image

from inference.__main__ import main
from inference.chexpert import FINDINGS
from inference.cxr_llava import CxrLlavaForReportGeneration
from inference.phantom.dicom import dataset_of
from inference.phantom.phantom import draw, render_8bit
from inference.train.data import CHEXPERT_NAMES
from inference.train.manifest import read_manifest
from tests.inference.chat_server import ChatServer, pairs, says
from tests.inference.train.stages import configuration

STUDIES = 6


@pytest.fixture
def brixia(tmp_path) -> Path:
    root = tmp_path / "brixia"
    (root / "dicom_clean").mkdir(parents=True)
    rows = ["Filename;StudyId;BrixiaScore;BrixiaScoreGlobal;ConsensusTestset;Subject"]
    for seed in range(STUDIES):
        film = dataset_of(draw(seed, size=64))
        if seed % 2:
            film.PhotometricInterpretation = "MONOCHROME1"
        film.save_as(root / "dicom_clean" / f"{seed}.dcm", enforce_file_format=True)
        score = 3 * (seed % 3)
        rows.append(f"{seed}.dcm;{seed};00000{score};{score};0;{seed}")
    (root / "metadata_global_v2.csv").write_text("\n".join(rows) + "\n")
    return root


@pytest.fixture
def mimic(tmp_path) -> Path:
    root = tmp_path / "mimic"
    tables = {
        "metadata": ["dicom_id,subject_id,study_id,ViewPosition"],
        "split": ["dicom_id,study_id,subject_id,split"],
        "chexpert": ["subject_id,study_id," + ",".join(FINDINGS)],
    }
    for seed in range(STUDIES):
        patient, study, phantom = (
            f"1000{seed:04}",
            f"5000{seed:04}",
            draw(seed, size=64),
        )
        folder = root / "files" / "p10" / f"p{patient}"
        (folder / f"s{study}").mkdir(parents=True)
        Image.fromarray(render_8bit(phantom)).save(folder / f"s{study}" / "a.jpg")
        (folder / f"s{study}" / "a.jpg").rename(folder / f"s{study}" / f"{seed}.jpg")
        shown = {CHEXPERT_NAMES[finding.kind] for finding in phantom.findings}
        shown |= set() if shown else {"No Finding"}
        cells = ",".join("1.0" if name in shown else "" for name in FINDINGS)
        said = " and ".join(sorted(shown))
        (folder / f"s{study}.txt").write_text(
            f" INDICATION: Cough.\n\n FINDINGS:\n {said}.\n\n IMPRESSION: {said}.\n"
        )
        tables["metadata"].append(f"{seed},{patient},{study},AP")
        tables["split"].append(f"{seed},{study},{patient},train")
        tables["chexpert"].append(f"{patient},{study},{cells}")
    for name, lines in tables.items():
        path = root / f"mimic-cxr-2.0.0-{name}.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return root


def manifest(name: str, root: Path) -> Path:
    out = root.parent / f"{name}.jsonl"
    assert main(["data", name, "--root", str(root), "--out", str(out)]) == 0
    return out


def run(folder: Path, stage: str, files: str, start: str = "", more: str = "") -> str:
    """Train a stage for three steps; returns its checkpoint folder."""
    config = configuration(
        folder, folder, output=stage, start=start, files=files, more=more
    )
    assert main(["train", stage, "--config", str(config)]) == 0
    snapshot = torch.load(folder / stage / f"{stage}.snapshot.pt", weights_only=True)
    assert snapshot["step"] == 3
    return str(folder / stage / "checkpoint")


def weights(folder: str) -> dict[str, torch.Tensor]:
    model = CxrLlavaForReportGeneration.from_pretrained(folder, dtype=torch.float32)
    state: dict[str, torch.Tensor] = model.state_dict()
    return state


def test_two_data_sets_train_an_encoder_and_reports_with_dialogues_a_model(
    tmp_path, brixia, mimic
):
    scored, reported = manifest("brixia", brixia), manifest("mimic-cxr", mimic)
    assert len(read_manifest(scored)) == len(read_manifest(reported)) == STUDIES
    talking = tmp_path / "talking.jsonl"
    with ChatServer(lambda body, number: says(pairs(2))) as server:
        words = ["--manifest", str(reported), "--out", str(talking), "--model", "m"]
        ask = ["--base-url", server.url, "--per-study", "2"]
        assert main(["dialogues", *words, *ask]) == 0
    assert all(len(facts.questions) == 2 for _, facts in read_manifest(talking))
    both = json.dumps([str(scored), str(talking)])
    classified = run(tmp_path, "classify", both)
    instructed = run(
        tmp_path,
        "instruct",
        both,
        start=classified,
        more="[dialogues]\nquestions = 0.5\n",
    )
    before, after = weights(classified), weights(instructed)
    changed = {
        name.split(".")[0]
        for name in before
        if not torch.equal(before[name].bfloat16(), after[name].bfloat16())
    }
    assert changed == {"mm_projector", "llama", "lm_head"}
