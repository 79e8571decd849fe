"""Low-rank adapters on LLaMA (LoRA, Hu et al., 2021), by `peft`, merged at the end.

The checkpoint that is written has the public layout: nobody who loads it needs to know
that it was trained through adapters.
"""

import warnings
from typing import Any

from torch import nn

from inference.train.settings import LoraSettings

TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def with_adapters(llama: Any, settings: LoraSettings) -> nn.Module:
    """Put adapters into LLaMA; everything but them is frozen."""
    # peft takes seconds to import, and only runs with adapters need it.
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules=TARGETS,
    )
    with warnings.catch_warnings():
        # peft asks transformers by a name that transformers has since changed.
        warnings.simplefilter("ignore", FutureWarning)
        adapted: nn.Module = get_peft_model(llama, config)
    return adapted


def merged(adapted: Any) -> Any:
    """LLaMA with the adapters added into its own weights."""
    return adapted.merge_and_unload()
