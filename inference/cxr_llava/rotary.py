"""Positions of the language model, exact whatever type its weights have."""

# transformers is only partly annotated.
# mypy: allow-untyped-calls

from collections.abc import Callable

import torch
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding

FREQUENCY_BUFFERS = ("inv_freq", "original_inv_freq")


class Float32RotaryEmbedding(LlamaRotaryEmbedding):
    """LLaMA's rotary embedding whose frequencies stay float32 when a model is cast.

    Casting `inv_freq` to bfloat16 moves angles by up to 1.35 rad at distance 1,100.
    The reference computes them in float32 and rounds only the cosine and sine.
    """

    def _apply(
        self, fn: Callable[[torch.Tensor], torch.Tensor], recurse: bool = True
    ) -> "Float32RotaryEmbedding":
        exact = {name: getattr(self, name) for name in FREQUENCY_BUFFERS}
        super()._apply(fn, recurse)
        for name, before in exact.items():
            cast = getattr(self, name)
            if cast.dtype != before.dtype and not before.is_meta:
                setattr(self, name, before.to(cast.device))
        return self
