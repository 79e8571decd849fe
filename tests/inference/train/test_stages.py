"""Every stage runs from the command, changes what it should, and survives a kill."""

import csv
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from transformers import BertConfig, BertModel, BertTokenizerFast

from inference.__main__ import main
from inference.cxr_llava import CxrLlavaForReportGeneration, CxrLlavaProcessor
from inference.train.settings import read_settings
from tests.inference.train.stages import ENCODER, configuration

ROOT = Path(__file__).resolve().parents[3]
STAGES = ("classify", "contrast", "align", "instruct")
DIALOGUES = "[dialogues]\nquestions = 0.4\nlabels = 0.3\n"


def run(stage: str, config: Path) -> int:
    return main(["train", stage, "--config", str(config)])


def trained(tmp_path: Path, pool: Path, stage: str, start: str = "", **rest):
    """Run a stage; returns its checkpoint folder and weights."""
    config = configuration(tmp_path, pool, output=stage, start=start, **rest)
    assert run(stage, config) == 0
    folder = tmp_path / stage / "checkpoint"
    model = CxrLlavaForReportGeneration.from_pretrained(folder, dtype=torch.float32)
    return str(folder), model.state_dict()


def changed(before, after):
    """The parts of the model that differ; what is bfloat16 is compared as such."""
    return {
        name.split(".")[0]
        for name in before
        if not torch.equal(before[name].bfloat16(), after[name].bfloat16())
    }


def test_each_stage_trains_what_the_paper_says_and_the_last_one_writes(
    tmp_path, pool_folder
):
    folder, classified = trained(tmp_path, pool_folder, "classify", more=ENCODER)
    folder, contrasted = trained(
        tmp_path, pool_folder, "contrast", folder, more=ENCODER
    )
    folder, aligned = trained(tmp_path, pool_folder, "align", folder)
    folder, instructed = trained(
        tmp_path, pool_folder, "instruct", folder, more=DIALOGUES
    )
    assert changed(classified, contrasted) == {"vision_tower"}
    assert not torch.equal(
        classified["vision_tower.proj"], contrasted["vision_tower.proj"]
    )
    assert changed(contrasted, aligned) == {"mm_projector"}
    assert changed(aligned, instructed) == {"mm_projector", "llama", "lm_head"}
    assert all(bool(torch.isfinite(one).all()) for one in instructed.values())
    model = CxrLlavaForReportGeneration.from_pretrained(folder)
    assert model.dtype == torch.bfloat16
    assert CxrLlavaProcessor.from_pretrained(folder).image_processor.image_size == 64


def test_a_language_model_that_starts_from_nothing_first_learns_to_write(
    tmp_path, pool_folder
):
    _, before = trained(tmp_path / "a", pool_folder, "classify")
    _, after = trained(tmp_path / "b", pool_folder, "classify", text_steps=2)
    assert changed(before, after) == {"llama", "lm_head"}


def test_adapters_change_the_language_model_and_leave_the_public_layout(
    tmp_path, pool_folder
):
    folder, before = trained(tmp_path, pool_folder, "classify")
    lora = "[lora]\nrank = 2\nalpha = 4\n"
    _, after = trained(tmp_path, pool_folder, "instruct", folder, more=lora)
    assert set(after) == set(before)
    assert changed(before, after) == {"mm_projector", "llama"}
    names = {name for name in before if not torch.equal(before[name], after[name])}
    assert "llama.layers.0.self_attn.q_proj.weight" in names
    assert "llama.embed_tokens.weight" not in changed(before, after)


def test_any_text_model_of_transformers_can_be_the_text_encoder(tmp_path, pool_folder):
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "no", "finding", "edema", ","]
    text = tmp_path / "text"
    text.mkdir()
    (text / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    BertTokenizerFast(vocab_file=str(text / "vocab.txt")).save_pretrained(text)
    shape = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    BertModel(BertConfig(vocab_size=8, **shape)).save_pretrained(text)
    folder, before = trained(tmp_path, pool_folder, "classify")
    table = f'[text_encoder]\npath = "{text}"\n'
    _, after = trained(tmp_path, pool_folder, "contrast", folder, more=table)
    assert changed(before, after) == {"vision_tower"}


@pytest.mark.slow
def test_a_killed_run_ends_with_the_same_weights_and_curve(tmp_path, pool_folder):
    stage, steps = "classify", 100
    whole = configuration(
        tmp_path, pool_folder, output="whole", steps=steps, save_every=13
    )
    assert run(stage, whole) == 0
    cut = configuration(tmp_path, pool_folder, output="cut", steps=steps, save_every=13)
    words = ["train", stage, "--config", str(cut)]
    snapshot = tmp_path / "cut" / f"{stage}.snapshot.pt"
    with subprocess.Popen(
        [sys.executable, "-m", "inference", *words],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        deadline = time.monotonic() + 120
        while not snapshot.exists() and time.monotonic() < deadline:
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
    assert 0 < torch.load(snapshot, weights_only=True)["step"] < steps
    assert main(words) == 0
    for name in ("checkpoint/model.safetensors", f"{stage}.csv"):
        assert (tmp_path / "cut" / name).read_bytes() == (
            tmp_path / "whole" / name
        ).read_bytes()
    assert list((tmp_path / "cut" / "tensorboard" / stage).iterdir())


@pytest.mark.slow
def test_two_processes_share_every_batch(tmp_path, pool_folder):
    one = configuration(tmp_path, pool_folder, output="one", steps=20)
    two = configuration(tmp_path, pool_folder, output="two", steps=20)
    assert run("classify", one) == 0
    done = subprocess.run(
        [
            *(sys.executable, "-m", "accelerate.commands.launch"),
            *("--cpu", "--num_processes", "2", "--num_machines", "1"),
            *("--mixed_precision", "no", "--dynamo_backend", "no"),
            *("--main_process_port", "0", "-m"),
            *("inference", "train", "classify", "--config", str(two)),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]

    def curve(name: str) -> float:
        with (tmp_path / name / "classify.csv").open(newline="") as stream:
            return float(list(csv.DictReader(stream))[-1]["loss"])

    assert curve("two") == pytest.approx(curve("one"), abs=2e-3)


def test_a_manifest_of_real_files_trains_the_same_stages(tmp_path, pool_folder):
    from PIL import Image

    lines = []
    for number in range(6):
        Image.new("L", (80, 90), 20 * number).save(tmp_path / f"{number}.png")
        sick = number % 2
        lines.append(
            {
                "image": f"{number}.png",
                "labels": {"No Finding": 1 - sick, "Edema": sick},
                "report": "Pulmonary edema." if sick else "No acute disease.",
            }
        )
    # Unlabelled studies teach nothing about normal and abnormal, silent ones no words.
    lines.append({"image": "0.png", "report": "No acute disease."})
    lines.append({"image": "1.png", "labels": {"Edema": 1}})
    manifest = tmp_path / "studies.jsonl"
    manifest.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    start = ""
    for stage in STAGES:
        config = configuration(
            tmp_path, pool_folder, output=stage, start=start, files=f'"{manifest}"'
        )
        assert run(stage, config) == 0
        start = str(tmp_path / stage / "checkpoint")


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("seed = 4\n", "", "The key `seed` is missing"),
        ("seed = 4\n", "seed = 4\nspeed = 4\n", "The key `speed` in"),
        ("[optimiser]", "[optimizer]", "has no table [optimiser]"),
        ("seed = 4", "seed = ", "is not valid TOML"),
        ('start = ""', 'start = "nowhere"', "There is no checkpoint in nowhere"),
        ("[phantoms]", "[files]\nmanifest='x'\n[phantoms]", "not both"),
        ("accumulate = 1", "accumulate = 3", "multiple of `accumulate`"),
        ("clip = 1.0", 'clip = 1.0\nmixed_precision = "int4"', "`mixed_precision`"),
        ("[phantoms]", "[files]\nmanifest=[]\n[phantoms]", "or a list of paths"),
        ("[phantoms]", "[files]\nmanifest=['a', 3]\n[phantoms]", "a list of paths"),
    ],
)
def test_faulty_settings_are_named(
    tmp_path, pool_folder, capsys, before, after, sentence
):
    config = configuration(tmp_path, pool_folder, output="faulty")
    config.write_text(config.read_text().replace(before, after))
    assert run("classify", config) == 2
    assert sentence in capsys.readouterr().err


def test_a_snapshot_of_other_settings_is_refused(tmp_path, pool_folder, capsys):
    config = configuration(tmp_path, pool_folder, output="shape")
    assert run("classify", config) == 0
    config.write_text(
        config.read_text().replace("vision_layers = 1", "vision_layers=2")
    )
    assert run("classify", config) == 2
    assert "does not fit these settings" in capsys.readouterr().err


@pytest.mark.parametrize("stage", STAGES)
def test_the_published_settings_can_be_read(stage):
    folder = ROOT / "inference" / "train" / "configs"
    settings = read_settings(folder / f"demonstration-{stage}.toml")
    assert settings.output == Path(".data/train") / stage
    assert (settings.start is None) == (stage == "classify")
