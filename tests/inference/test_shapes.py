"""Other shapes than the reference's, against plain torch and transformers' own LLaMA.

Each checkpoint is random weights in the public layout, written to a folder.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from inference.cxr_llava import IMAGE_TOKEN_ID, CxrLlavaForReportGeneration
from inference.cxr_llava.loading import load_model, read_config
from tests.inference.plain_torch import random_weights, reference_logits

VISION = {"image_size": 48, "patch_size": 16, "width": 64, "layers": 2}
LLAMA = {
    "hidden_size": 32,
    "intermediate_size": 56,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
    "vocab_size": 97,
    "hidden_act": "silu",
    "bos_token_id": 1,
    "eos_token_id": 2,
    "tie_word_embeddings": False,
    "rope_scaling": None,
}
SHAPES = {
    "nothing_named": ({}, {}),
    "large_eps": ({}, {"rms_norm_eps": 1e-2}),
    "llama_2_eps": ({}, {"rms_norm_eps": 1e-5}),
    "short_rope": ({}, {"rope_theta": 100.0}),
    "long_rope": ({}, {"rope_theta": 1_000_000.0}),
    "fewer_positions_than_the_prompt": ({}, {"max_position_embeddings": 12}),
    "scaled_rope": ({}, {"rope_scaling": {"type": "linear", "factor": 4.0}}),
    "grouped_heads": ({}, {"num_key_value_heads": 2}),
    "one_key_value_head": ({}, {"num_key_value_heads": 1, "rope_theta": 500.0}),
    "biased_attention": ({}, {"attention_bias": True}),
    "tied_head": ({}, {"tie_word_embeddings": True}),
    "small_patches": ({"image_size": 40, "patch_size": 8}, {}),
    "patches_that_leave_a_border": ({"image_size": 50}, {}),
    "wide_heads": ({"width": 96, "head_width": 32, "mlp_ratio": 2.5}, {}),
    "one_patch": ({"image_size": 16, "layers": 1}, {"num_hidden_layers": 1}),
}
STEPS = 6


def configuration(vision: dict, llama: dict) -> dict:
    return {
        "model_type": "CXR-LLAVA",
        "clip_embed_dim": 24,
        "clip_vision_cfg": {**VISION, **vision},
        "image_preprocess_cfg": {"mean": 0.5, "std": 0.25},
        "llama": {**LLAMA, **llama},
        "torch_dtype": "float32",
    }


@dataclass
class Checkpoint:
    """What lies in a folder, as numbers too."""

    folder: Path
    config: dict
    weights: dict[str, torch.Tensor]

    def logits(self, image: torch.Tensor, ids: list[int]) -> torch.Tensor:
        return reference_logits(self.config, self.weights, image, ids)


@pytest.fixture(scope="module", params=SHAPES)
def checkpoint(request, tmp_path_factory):
    """A checkpoint of each shape; nothing here needs its tokenizer."""
    config = configuration(*SHAPES[request.param])
    weights = random_weights(config)
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "config.json").write_text(json.dumps(config))
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    return Checkpoint(folder, config, weights)


def prompts(config: dict) -> tuple[list[list[int]], torch.Tensor]:
    """Three prompts of different lengths, and an image for each."""
    chance = torch.Generator().manual_seed(3)
    rows = []
    for before, after in ((2, 9), (5, 3), (1, 20)):
        row = torch.randint(
            3, config["llama"]["vocab_size"], (before + after,), generator=chance
        ).tolist()
        rows.append([*row[:before], IMAGE_TOKEN_ID, *row[before:]])
    side = config["clip_vision_cfg"]["image_size"]
    return rows, torch.randn((len(rows), 1, side, side), generator=chance)


def test_logits_are_those_of_plain_torch_and_llama(checkpoint):
    folder = checkpoint.folder
    model = load_model(folder, read_config(folder), torch.device("cpu"), torch.float32)
    rows, pixels = prompts(checkpoint.config)
    with torch.inference_mode():
        for row, image in zip(rows, pixels[:, None], strict=True):
            ours = model(input_ids=torch.tensor([row]), pixel_values=image).logits[0]
            wanted = checkpoint.logits(image, row)
            torch.testing.assert_close(ours, wanted, rtol=0, atol=1e-4)


def test_a_padded_batch_writes_what_the_plain_model_writes(checkpoint):
    model = CxrLlavaForReportGeneration.from_pretrained(checkpoint.folder)
    rows, pixels = prompts(checkpoint.config)
    longest = max(len(row) for row in rows)
    ids = torch.tensor([[0] * (longest - len(row)) + row for row in rows])
    mask = torch.tensor([[0] * (longest - len(row)) + [1] * len(row) for row in rows])
    with torch.inference_mode():
        found = model.generate(
            input_ids=ids,
            attention_mask=mask,
            pixel_values=pixels,
            do_sample=False,
            max_new_tokens=STEPS,
            eos_token_id=-1,
        ).tolist()
        for row, image, answer in zip(rows, pixels[:, None], found, strict=True):
            wanted = list(row)
            for _ in range(STEPS):
                wanted.append(int(checkpoint.logits(image, wanted)[-1].argmax()))
            assert answer == wanted[len(row) :]


def test_what_the_checkpoint_names_is_what_is_computed():
    """Each of these must matter, or the tests above would prove nothing."""
    plain = configuration({}, {})
    weights = random_weights(plain)
    rows, pixels = prompts(plain)
    before = reference_logits(plain, weights, pixels[:1], rows[0])
    for name in ("large_eps", "short_rope", "long_rope", "scaled_rope"):
        config = configuration(*SHAPES[name])
        after = reference_logits(config, weights, pixels[:1], rows[0])
        assert (after - before).abs().max() > 1e-2, name
