"""Training: every stage runs from the command, and a killed run goes on as before."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from inference.__main__ import main
from inference.cxr_llava import CxrLlavaForReportGeneration, CxrLlavaProcessor
from inference.phantom.findings import FINE_LABELS
from inference.phantom.phantom import draw
from inference.train import loop
from inference.train.evaluate import chance_level, f1_scores, shuffled
from inference.train.pool import build_pool, fine_targets, small_image
from inference.train.settings import OptimiserSettings, read_settings

ROOT = Path(__file__).resolve().parents[2]
SHAPE = """
[model]
image_size = 64
patch_size = 8
vision_width = 64
vision_layers = 1
hidden_size = 32
hidden_layers = 1
heads = 2
mlp_size = 32
vocabulary = 512
"""


@pytest.fixture(scope="module")
def pool_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("phantoms")
    build_pool(folder, first=50, count=24, drawn=64, size=64, workers=1)
    return folder


def configuration(
    folder, pool, *, output, start="", steps=3, save_every=2, text_steps=0
):
    path = folder / f"{output}.toml"
    path.write_text(
        f"""
seed = 4
threads = 2
output = "{folder / output}"
start = "{start}"
save_every = {save_every}
text_steps = {text_steps}

[phantoms]
folder = "{pool}"
first = 50
count = 24
drawn = 64
workers = 1
{"" if start else SHAPE}
[optimiser]
batch = 4
steps = {steps}
warm_up = 2
learning_rate = 0.001
weight_decay = 0.05
clip = 1.0
""",
        encoding="utf-8",
    )
    return path


def weights_of(folder):
    return (folder / "model.safetensors").read_bytes()


def test_the_stages_follow_each_other_to_a_checkpoint_that_writes(
    tmp_path, pool_folder
):
    start = ""
    for stage in ("classify", "align", "instruct"):
        config = configuration(
            tmp_path,
            pool_folder,
            output=stage,
            start=start,
            text_steps=2 if stage == "align" else 0,
        )
        assert main(["train", stage, "--config", str(config)]) == 0
        start = str(tmp_path / stage / "checkpoint")
    model = CxrLlavaForReportGeneration.from_pretrained(start)
    assert model.dtype == torch.bfloat16
    processor = CxrLlavaProcessor.from_pretrained(start)
    assert processor.image_processor.image_size == 64
    tensors = model.state_dict()
    assert all(bool(torch.isfinite(tensor).all()) for tensor in tensors.values())


def test_a_stage_trains_only_what_it_should(tmp_path, pool_folder):
    def run(stage, start=""):
        config = configuration(tmp_path, pool_folder, output=stage, start=start)
        assert main(["train", stage, "--config", str(config)]) == 0
        folder = tmp_path / stage / "checkpoint"
        model = CxrLlavaForReportGeneration.from_pretrained(folder, dtype=torch.float32)
        return str(folder), model.state_dict()

    folder, classified = run("classify")
    folder, aligned = run("align", folder)
    _, instructed = run("instruct", folder)
    assert changed(classified, aligned) == {"mm_projector"}
    # The last stage stores bfloat16, so compare what is exact in it.
    rounded = {name: one.bfloat16().float() for name, one in aligned.items()}
    assert changed(rounded, instructed) == {"mm_projector", "llama", "lm_head"}


def changed(before, after):
    return {
        name.split(".")[0]
        for name in before
        if not torch.equal(before[name], after[name])
    }


@pytest.mark.slow
def test_a_killed_run_ends_with_the_same_weights(tmp_path, pool_folder):
    whole = configuration(tmp_path, pool_folder, output="whole", steps=150)
    assert main(["train", "classify", "--config", str(whole)]) == 0
    cut = configuration(tmp_path, pool_folder, output="cut", steps=150)
    words = ["train", "classify", "--config", str(cut)]
    snapshot = tmp_path / "cut" / "classify.snapshot.pt"
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
    assert 0 < torch.load(snapshot, weights_only=True)["step"] < 150
    assert not (tmp_path / "cut" / "checkpoint" / "model.safetensors").exists()
    assert main(words) == 0
    assert weights_of(tmp_path / "cut" / "checkpoint") == weights_of(
        tmp_path / "whole" / "checkpoint"
    )


@pytest.mark.parametrize("parts", [1, 2])
def test_a_resumed_run_has_the_same_losses(tmp_path, parts):
    settings = OptimiserSettings(
        batch=4, steps=9, warm_up=2, learning_rate=0.01, weight_decay=0.0, clip=1.0
    )

    def run(folder, stop_at=None):
        torch.manual_seed(1)
        layer = nn.Linear(5, 1)
        table = torch.randn((16, 5), generator=torch.Generator().manual_seed(2))

        def loss_of_part(part):
            if part.step == stop_at:
                raise KeyboardInterrupt
            rows = part.of(loop.batch_rows(3, part.step, 4, 16))
            return (layer(table[torch.from_numpy(rows)]) - 1).square().mean()

        return loop.train(
            "toy",
            {"layer": layer},
            loss_of_part,
            settings,
            tmp_path / folder,
            save_every=3,
            parts=parts,
        )

    whole = run("whole")
    with pytest.raises(KeyboardInterrupt):
        run("cut", stop_at=5)
    assert run("cut") == whole[3:]
    assert run("cut") == []


def test_parts_of_a_step_make_up_the_whole_step(tmp_path):
    settings = OptimiserSettings(
        batch=4, steps=6, warm_up=2, learning_rate=0.01, weight_decay=0.1, clip=9.0
    )
    found = []
    for parts in (1, 2, 4):
        torch.manual_seed(1)
        layer = nn.Linear(5, 1)
        table = torch.randn((16, 5), generator=torch.Generator().manual_seed(2))

        def loss_of_part(part, layer=layer, table=table):
            rows = part.of(loop.batch_rows(3, part.step, 4, 16))
            return (layer(table[torch.from_numpy(rows)]) - 1).square().mean()

        folder = tmp_path / str(parts)
        losses = loop.train(
            "toy",
            {"layer": layer},
            loss_of_part,
            settings,
            folder,
            save_every=9,
            parts=parts,
        )
        found.append(losses)
    assert found[1] == pytest.approx(found[0], rel=1e-4)
    assert found[2] == pytest.approx(found[0], rel=1e-4)


def test_every_phantom_comes_once_in_each_round():
    rows = np.concatenate([loop.batch_rows(7, step, 5, 12) for step in range(12)])
    for number in range(5):
        assert sorted(rows[12 * number : 12 * number + 12]) == list(range(12))


def test_a_pool_holds_what_was_drawn(pool_folder):
    pool = build_pool(pool_folder, first=50, count=24, drawn=64, size=64, workers=1)
    assert pool.images.shape == (24, 64, 64)
    for row in (0, 11, 23):
        phantom = draw(50 + row, size=64)
        labels, patches = fine_targets(phantom)
        assert np.array_equal(pool.images[row], small_image(phantom, 64))
        assert np.array_equal(pool.labels[row], labels)
        assert np.array_equal(pool.patches[row], patches)
        assert pool.findings[row] == phantom.findings
        shown = {finding.label for finding in phantom.findings}
        assert {FINE_LABELS[one] for one in np.nonzero(labels)[0]} == shown


def test_a_stage_that_does_not_exist_is_refused(tmp_path, pool_folder, capsys):
    config = configuration(tmp_path, pool_folder, output="contrast")
    assert main(["train", "contrast", "--config", str(config)]) == 2
    assert "not implemented" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("seed = 4\n", "", "The key `seed` is missing"),
        ("seed = 4\n", "seed = 4\nspeed = 4\n", "The key `speed` in"),
        ("[optimiser]", "[optimizer]", "has no table [optimiser]"),
        ("seed = 4", "seed = ", "is not valid TOML"),
        ('start = ""', 'start = "nowhere"', "There is no checkpoint in nowhere"),
    ],
)
def test_faulty_settings_are_named(
    tmp_path, pool_folder, capsys, before, after, sentence
):
    config = configuration(tmp_path, pool_folder, output="faulty")
    config.write_text(config.read_text().replace(before, after))
    assert main(["train", "classify", "--config", str(config)]) == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize("stage", ["classify", "align", "instruct"])
def test_the_published_settings_can_be_read(stage):
    folder = ROOT / "inference" / "train" / "configs"
    settings = read_settings(folder / f"demonstration-{stage}.toml")
    assert settings.output == Path(".data/train") / stage
    assert (settings.start is None) == (stage == "classify")


def test_scores_are_those_of_the_definition():
    drawn = np.array([[1, 1], [1, 0], [0, 0], [0, 0]], dtype=bool)
    stated = np.array([[1, 0], [0, 0], [1, 0], [0, 0]], dtype=bool)
    assert f1_scores(drawn, stated).tolist() == [0.5, 0.0]
    # Shares 1/2 and 1/2 give 1/2 by chance, shares 1/4 and 0 give nothing.
    assert chance_level(drawn, stated) == pytest.approx(0.25)
    rows = np.arange(7)[:, None].repeat(2, axis=1)
    assert not (shuffled(rows, 1) == rows).any()
