"""How fast a model writes, and how fast its device's memory would let it write.

Every decoding step reads the language model's weights once and the keys and values of
every sequence, so the bytes that a step moves over the memory's bandwidth are the
shortest time it can take (the roofline).
"""

# transformers is only partly annotated.
# mypy: allow-untyped-calls

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from inference.cxr_llava import IMAGE_TOKEN_ID, CxrLlavaForReportGeneration

# GB/s as the makers give them; of any other device the bandwidth is measured.
PEAK_BANDWIDTH = {"H200": 4800, "H100": 3350, "A100": 2039}


@dataclass(frozen=True)
class Measured:
    """Rates per second of one batch size, and the gigabytes that one step moves."""

    prefill_rate: float
    decode_rate: float
    reports_rate: float
    step_gigabytes: float


def measure(
    model: CxrLlavaForReportGeneration,
    *,
    batch: int,
    prompt: int,
    new_tokens: int,
    repeat: int,
) -> Measured:
    """Write answers to random prompts, `repeat` times, and take the quickest.

    prompt: text ids of each, the image counted as one.
    """
    inputs = _inputs(model, batch, prompt)
    fixed: dict[str, Any] = {}
    if model.device.type == "cuda":
        fixed["cache_implementation"] = "static"

    def write(tokens: int) -> Callable[[], Any]:
        return lambda: model.generate(
            **inputs,
            do_sample=False,
            min_new_tokens=tokens,
            max_new_tokens=tokens,
            **fixed,
        )

    # One new token is the prefill: image, prompt and the first choice.
    prefill = _best(write(1), model, repeat)
    whole = _best(write(new_tokens), model, repeat)
    length = prompt - 1 + model.config.vision.patches
    step = max(whole - prefill, 1e-9) / (new_tokens - 1)
    return Measured(
        prefill_rate=batch * length / prefill,
        decode_rate=batch / step,
        reports_rate=batch / whole,
        step_gigabytes=_step_bytes(model, batch, length + new_tokens / 2) / 1e9,
    )


def _best(work: Callable[[], Any], model: Any, repeat: int) -> float:
    """Seconds of the quickest of several runs, after one that compiles and warms."""
    times = []
    for _ in range(repeat + 1):
        _wait_for(model.device)
        started = time.perf_counter()
        work()
        _wait_for(model.device)
        times.append(time.perf_counter() - started)
    return min(times[1:])


def _wait_for(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _step_bytes(
    model: CxrLlavaForReportGeneration, batch: int, context: float
) -> float:
    """Bytes that one decoding step reads: weights, then keys and values."""
    text = model.config.get_text_config()
    size = model.lm_head.weight.element_size()
    layers = sum(one.numel() for one in model.llama.layers.parameters())
    weights = (layers + model.lm_head.weight.numel()) * size
    heads = text.num_key_value_heads or text.num_attention_heads
    head = text.hidden_size // text.num_attention_heads
    cache = 2 * text.num_hidden_layers * heads * head * size * context * batch
    return float(weights + cache)


def _inputs(
    model: CxrLlavaForReportGeneration, batch: int, prompt: int
) -> dict[str, Any]:
    """Random pixels and ids, the image in the middle of each prompt."""
    made = torch.Generator().manual_seed(0)
    vocabulary = model.config.get_text_config().vocab_size
    ids = torch.randint(3, vocabulary, (batch, prompt), generator=made)
    ids[:, prompt // 2] = IMAGE_TOKEN_ID
    side = model.config.vision.image_size
    pixels = torch.randn((batch, 1, side, side), generator=made)
    return {
        "input_ids": ids.to(model.device),
        "attention_mask": torch.ones_like(ids).to(model.device),
        "pixel_values": pixels.to(model.device),
    }


def device_name(device: torch.device) -> str:
    """Return what the device is called in a table."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"CPU, {torch.get_num_threads()} threads"


def memory_bandwidth(device: torch.device) -> tuple[float, str]:
    """Bandwidth in GB/s, and whether it is the maker's or was measured."""
    for name, peak in PEAK_BANDWIDTH.items():
        if name in device_name(device):
            return float(peak), "the maker's figure"
    source = torch.ones(1 << 26, device=device)  # 256 MB, more than any cache holds
    target = torch.empty_like(source)
    best = min(_copy_seconds(target, source) for _ in range(5))
    return 2 * source.numel() * source.element_size() / best / 1e9, "measured"


def _copy_seconds(target: torch.Tensor, source: torch.Tensor) -> float:
    _wait_for(source.device)
    started = time.perf_counter()
    target.copy_(source)
    _wait_for(source.device)
    return time.perf_counter() - started
