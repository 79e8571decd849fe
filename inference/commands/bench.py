"""`python -m inference bench`: how fast a checkpoint writes, and what memory allows.

Every decoding step reads the language model's weights once and the keys and values of
every sequence, so the bytes that a step moves over the memory's bandwidth are the
shortest time it can take (the roofline).
"""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

    from inference.cxr_llava import CxrLlavaForReportGeneration

DEMONSTRATION = Path(__file__).resolve().parent.parent / "demonstration"
# GB/s as the makers give them; of any other device the bandwidth is measured.
PEAK_BANDWIDTH = {"H200": 4800, "H100": 3350, "A100": 2039}
RELEASED_VISION = {"image_size": 512, "layers": 24, "patch_size": 16, "width": 1024}
RELEASED_LLAMA = {
    "hidden_size": 4096,
    "intermediate_size": 11008,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 32,
    "vocab_size": 32000,
    "max_position_embeddings": 4096,
    "bos_token_id": 1,
    "eos_token_id": 2,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what is measured."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--checkpoint", default=str(DEMONSTRATION), help="folder or id")
    which.add_argument(
        "--random-7b",
        action="store_true",
        help="the released model's shape with random weights",
    )
    parser.add_argument(
        "--batch", type=int, nargs="+", default=[1, 16], help="sizes to measure"
    )
    parser.add_argument(
        "--prompt", type=int, default=96, help="text tokens of a prompt"
    )
    parser.add_argument("--new-tokens", type=int, default=80, help="tokens to write")
    parser.add_argument("--repeat", type=int, default=3, help="the best of so many")
    parser.add_argument("--device", help="cpu, cuda or cuda:1 (default: a GPU if any)")


def run(arguments: argparse.Namespace) -> int:
    """Measure every batch size and print one table."""
    from inference.cxr_llava.loading import chosen_device

    try:
        device = chosen_device(arguments.device)
        model = _model(arguments, device)
        bandwidth, source = _bandwidth(device)
        room = model.config.context_length - arguments.prompt - 1
        if min(arguments.batch) < 1 or not 1 < arguments.new_tokens <= room:
            raise ValueError(
                f"Ask for batches of 1 or more and 2 to {room} new tokens."
            )
    except ValueError as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    sys.stdout.write(
        f"{_name(device)}, {str(model.dtype).removeprefix('torch.')}, "
        f"{model.config.vision.patches} image and {arguments.prompt} text tokens, "
        f"{arguments.new_tokens} written; memory {bandwidth:,.0f} GB/s ({source})\n"
        "batch  prefill tok/s  decode tok/s  reports/s  GB a step  of the roofline\n"
    )
    for batch in arguments.batch:
        measured = _measure(model, batch, arguments)
        share = measured.decode_rate / (batch * bandwidth / measured.step_gigabytes)
        sys.stdout.write(
            f"{batch:5d}  {measured.prefill_rate:13,.0f}  "
            f"{measured.decode_rate:12,.0f}  {measured.reports_rate:9.2f}  "
            f"{measured.step_gigabytes:9.3f}  {share:14.0%}\n"
        )
        sys.stdout.flush()
    return 0


@dataclass(frozen=True)
class Measured:
    """Rates per second of one batch size, and the gigabytes that one step moves."""

    prefill_rate: float
    decode_rate: float
    reports_rate: float
    step_gigabytes: float


def _measure(
    model: "CxrLlavaForReportGeneration", batch: int, arguments: argparse.Namespace
) -> Measured:
    inputs = _inputs(model, batch, arguments.prompt)
    new = arguments.new_tokens
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
    prefill = _best(write(1), model, arguments.repeat)
    whole = _best(write(new), model, arguments.repeat)
    length = arguments.prompt - 1 + model.config.vision.patches
    step = max(whole - prefill, 1e-9) / (new - 1)
    return Measured(
        prefill_rate=batch * length / prefill,
        decode_rate=batch / step,
        reports_rate=batch / whole,
        step_gigabytes=_step_bytes(model, batch, length + new / 2) / 1e9,
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


def _wait_for(device: "torch.device") -> None:
    import torch

    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _step_bytes(
    model: "CxrLlavaForReportGeneration", batch: int, context: float
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
    model: "CxrLlavaForReportGeneration", batch: int, prompt: int
) -> dict[str, Any]:
    """Random pixels and ids, the image in the middle of each prompt."""
    import torch

    from inference.cxr_llava import IMAGE_TOKEN_ID

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


def _model(
    arguments: argparse.Namespace, device: "torch.device"
) -> "CxrLlavaForReportGeneration":
    from inference.cxr_llava.fetching import local_folder
    from inference.cxr_llava.loading import (
        chosen_dtype,
        load_model,
        read_config,
    )

    if arguments.random_7b:
        return _random_7b(device)
    folder = local_folder(arguments.checkpoint)
    config = read_config(folder)
    return load_model(folder, config, device, chosen_dtype(config, device))


def _random_7b(device: "torch.device") -> "CxrLlavaForReportGeneration":
    """The released shape in bfloat16; its weights are noise small enough to be finite.

    Raises ValueError where it does not fit into memory.
    """
    import torch
    from transformers.initialization import no_init_weights

    from inference.cxr_llava import CxrLlavaConfig, CxrLlavaForReportGeneration

    config = CxrLlavaConfig(clip_vision_cfg=RELEASED_VISION, llama=RELEASED_LLAMA)
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16)
    try:
        with no_init_weights(), device:
            model = CxrLlavaForReportGeneration(config)
        for weights in model.parameters():
            weights.data.normal_(std=0.02)
    except (torch.OutOfMemoryError, RuntimeError) as problem:
        raise ValueError(
            f"The 7B shape needs about 15 GB, more than {device} has free."
        ) from problem
    finally:
        torch.set_default_dtype(before)
    return model.eval()


def _name(device: "torch.device") -> str:
    import torch

    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"CPU, {torch.get_num_threads()} threads"


def _bandwidth(device: "torch.device") -> tuple[float, str]:
    """Bandwidth in GB/s, and whether it is the maker's or was measured."""
    import torch

    for name, peak in PEAK_BANDWIDTH.items():
        if name in _name(device):
            return float(peak), "the maker's figure"
    source = torch.ones(1 << 26, device=device)  # 256 MB, more than any cache holds
    target = torch.empty_like(source)
    best = min(_copy_seconds(target, source) for _ in range(5))
    return 2 * source.numel() * source.element_size() / best / 1e9, "measured"


def _copy_seconds(target: "torch.Tensor", source: "torch.Tensor") -> float:
    _wait_for(source.device)
    started = time.perf_counter()
    target.copy_(source)
    _wait_for(source.device)
    return time.perf_counter() - started
