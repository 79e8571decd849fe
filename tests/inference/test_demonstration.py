"""The bundled checkpoint: small, whole, quick, and its text follows the image."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open

from inference.commands.evaluate import BUNDLED
from inference.cxr_llava import CxrLlavaForReportGeneration, CxrLlavaProcessor
from inference.phantom.phantom import draw
from inference.phantom.phrases import stated_findings
from inference.train.evaluate import (
    Evaluation,
    evaluate,
    fresh_phantoms,
    images_of,
    write_reports,
)

COUNT = 200
FIRST = 900_000_000
LARGEST = 12_000_000
FILES = {
    "README.md",
    "config.json",
    "generation_config.json",
    "model.safetensors",
    "special_tokens_map.json",
    "tokenizer.model",
    "tokenizer_config.json",
}


@pytest.fixture(scope="module")
def checkpoint():
    """Model and processor as anyone would load them."""
    model = CxrLlavaForReportGeneration.from_pretrained(BUNDLED, dtype=torch.float32)
    return model, CxrLlavaProcessor.from_pretrained(BUNDLED)


@pytest.fixture(scope="module")
def outcome(checkpoint) -> tuple[Evaluation, list[str]]:
    """Figures and reports on fresh phantoms."""
    return evaluate(*checkpoint, fresh_phantoms(FIRST, COUNT, 160), 25)


def test_the_folder_is_whole_and_small():
    files = {path.name: path.stat().st_size for path in Path(BUNDLED).iterdir()}
    assert set(files) == FILES
    assert sum(files.values()) <= LARGEST


def test_weights_are_halved_and_tied_ones_stored_once():
    with safe_open(BUNDLED / "model.safetensors", framework="pt") as stored:
        names = set(stored.keys())
        kinds = {stored.get_tensor(name).dtype for name in names}
    assert kinds == {torch.bfloat16}
    assert "lm_head.weight" not in names


def test_the_loader_ties_input_and_output_words(checkpoint):
    model, _ = checkpoint
    assert model.lm_head.weight is model.llama.embed_tokens.weight


@pytest.mark.slow
def test_reports_state_what_was_drawn(outcome):
    figures, _ = outcome
    assert figures.phantoms == COUNT
    assert figures.macro_f1 >= 0.90
    assert min(figures.f1.values()) >= 0.60


@pytest.mark.slow
def test_reports_of_other_images_are_no_better_than_chance(outcome):
    figures, _ = outcome
    assert figures.shuffled_macro_f1 <= figures.chance_macro_f1 + 0.05
    assert figures.shuffled_macro_f1 < figures.macro_f1 / 2


@pytest.mark.slow
def test_reports_differ_between_images_and_end(outcome):
    figures, texts = outcome
    assert figures.distinct_reports >= 90
    assert all(text.endswith(".") for text in texts)


@pytest.mark.slow
def test_a_report_takes_less_than_two_seconds(outcome):
    figures, _ = outcome
    assert figures.seconds_alone < 2
    assert figures.seconds_in_batch < 2


def test_a_report_is_the_same_alone_and_at_the_size_of_a_film(checkpoint):
    model, processor = checkpoint
    phantoms = [draw(FIRST + number, size=768) for number in range(4)]
    images = images_of(phantoms)
    together = write_reports(model, processor, images, 4)
    alone = write_reports(model, processor, images, 1)
    kinds = [stated_findings(text) for text in together]
    assert kinds == [stated_findings(text) for text in alone]
    assert len(set(together)) > 1


def test_no_weight_is_lost(checkpoint):
    model, _ = checkpoint
    for name, tensor in model.state_dict().items():
        assert bool(torch.isfinite(tensor).all()), name
    assert np.isclose(model.vision_tower.ln_post.weight.detach().numpy().mean(), 1, 0.5)
