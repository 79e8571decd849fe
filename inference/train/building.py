"""A new, untrained model in the public v2 layout, with its vocabulary beside it."""

import json
from pathlib import Path

import numpy as np
import torch

from inference.cxr_llava import CxrLlavaConfig, CxrLlavaForReportGeneration
from inference.train.settings import ModelSettings
from inference.train.vocabulary import train_vocabulary

POSITION_SCALE = 0.5
VOCABULARY_STUDIES = 2000


def new_config(settings: ModelSettings) -> CxrLlavaConfig:
    """The configuration of a small model: tied embeddings, everything else as v2."""
    return CxrLlavaConfig(
        architectures=["CXRLLAVAModel"],
        clip_embed_dim=32,
        clip_vision_cfg={
            "image_size": settings.image_size,
            "layers": settings.vision_layers,
            "patch_size": settings.patch_size,
            "width": settings.vision_width,
        },
        llama={
            "architectures": ["LlamaForCausalLM"],
            "hidden_size": settings.hidden_size,
            "intermediate_size": settings.mlp_size,
            "num_hidden_layers": settings.hidden_layers,
            "num_attention_heads": settings.heads,
            "num_key_value_heads": settings.heads,
            "max_position_embeddings": 2048,
            "rms_norm_eps": 1e-5,
            "rope_theta": 10000.0,
            "bos_token_id": 1,
            "eos_token_id": 2,
            "tie_word_embeddings": True,
            "vocab_size": settings.vocabulary,
        },
        tie_word_embeddings=True,
    )


def new_model(
    settings: ModelSettings, folder: Path, seed: int
) -> CxrLlavaForReportGeneration:
    """An untrained float32 model; its vocabulary is trained into `folder`."""
    train_vocabulary(
        folder, size=settings.vocabulary, seed=seed, studies=VOCABULARY_STUDIES
    )
    generator_state = torch.get_rng_state()
    torch.manual_seed(seed)
    model = CxrLlavaForReportGeneration(new_config(settings)).float()
    torch.set_rng_state(generator_state)
    side = settings.image_size // settings.patch_size
    start = grid_positions(side, settings.vision_width) * POSITION_SCALE
    with torch.no_grad():
        model.vision_tower.positional_embedding[1:] = start
    return model


def grid_positions(side: int, width: int) -> torch.Tensor:
    """Sine-cosine positions [side * side, width] of a grid, half for row and column.

    A random start leaves the encoder blind to place for the first thousands of steps.
    """
    frequencies = 1.0 / 100 ** (np.arange(width // 4) / (width // 4))
    angles = np.arange(side)[:, None] * frequencies[None, :]
    axis = np.concatenate((np.sin(angles), np.cos(angles)), axis=1)
    rows = np.repeat(axis, side, axis=0)
    columns = np.tile(axis, (side, 1))
    return torch.tensor(np.concatenate((rows, columns), axis=1), dtype=torch.float32)


def save_model(
    model: CxrLlavaForReportGeneration, folder: Path, dtype: torch.dtype
) -> None:
    """Write the model in the public layout; the vocabulary is already there."""
    copy = CxrLlavaForReportGeneration(model.config)
    copy.load_state_dict(model.state_dict())
    # transformers wraps `to` in a way that hides its signature.
    copy.to(dtype).save_pretrained(folder)  # type: ignore[arg-type]
    generation = {"_from_model_config": True, "transformers_version": "4.36.2"}
    (folder / "generation_config.json").write_text(
        json.dumps(generation, indent=2) + "\n", encoding="utf-8"
    )
