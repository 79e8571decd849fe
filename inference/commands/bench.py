"""`python -m inference bench`: how fast a checkpoint writes, and what memory allows."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    from inference.cxr_llava import CxrLlavaForReportGeneration

DEMONSTRATION = Path(__file__).resolve().parent.parent / "demonstration"
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
    from inference.throughput import device_name, measure, memory_bandwidth

    try:
        device = chosen_device(arguments.device)
        model = _model(arguments, device)
        bandwidth, source = memory_bandwidth(device)
        room = model.config.context_length - arguments.prompt - 1
        if min(*arguments.batch, arguments.prompt, arguments.repeat) < 1:
            raise ValueError("Batches, prompt and repeat are whole numbers from 1.")
        if not 1 < arguments.new_tokens <= room:
            raise ValueError(f"Ask for 2 to {room} new tokens.")
    except ValueError as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    sys.stdout.write(
        f"{device_name(device)}, {str(model.dtype).removeprefix('torch.')}, "
        f"{model.config.vision.patches} image and {arguments.prompt} text tokens, "
        f"{arguments.new_tokens} written; memory {bandwidth:,.0f} GB/s ({source})\n"
        "batch  prefill tok/s  decode tok/s  reports/s  GB a step  of the roofline\n"
    )
    for batch in arguments.batch:
        measured = measure(
            model,
            batch=batch,
            prompt=arguments.prompt,
            new_tokens=arguments.new_tokens,
            repeat=arguments.repeat,
        )
        share = measured.decode_rate / (batch * bandwidth / measured.step_gigabytes)
        sys.stdout.write(
            f"{batch:5d}  {measured.prefill_rate:13,.0f}  "
            f"{measured.decode_rate:12,.0f}  {measured.reports_rate:9.2f}  "
            f"{measured.step_gigabytes:9.3f}  {share:14.0%}\n"
        )
        sys.stdout.flush()
    return 0


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
