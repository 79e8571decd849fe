"""`python -m inference train STAGE --config FILE.toml`: run one training stage."""

import argparse
import logging
import shutil
import sys
from pathlib import Path

import torch

from inference.cxr_llava import CxrLlavaForReportGeneration, CxrLlavaProcessor
from inference.train.building import new_model, save_model
from inference.train.classify import classify
from inference.train.language import align, instruct
from inference.train.pool import Pool, build_pool
from inference.train.settings import StageSettings, read_settings

STAGES = ("classify", "contrast", "align", "instruct")
TOKENIZER_FILES = (
    "tokenizer.model",
    "tokenizer_config.json",
    "special_tokens_map.json",
)
CHECKPOINT = "checkpoint"

logger = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the stage and its settings."""
    parser.add_argument("stage", choices=STAGES, help="which stage to run")
    parser.add_argument(
        "--config", type=Path, required=True, help="settings of the stage, TOML"
    )


def run(arguments: argparse.Namespace) -> int:
    """Run the stage; a fault in the settings becomes a sentence and status 2."""
    try:
        folder = train_stage(arguments.stage, arguments.config)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"{folder}\n")
    return 0


def train_stage(stage: str, config: Path) -> Path:
    """Run one stage from a TOML file; returns the checkpoint folder that it wrote.

    Raises ValueError for settings at fault, or the one stage that does not exist here.
    """
    if stage == "contrast":
        raise ValueError(
            "Stage contrast is not implemented: the encoder goes from classify "
            "straight to align."
        )
    settings = read_settings(config)
    before = torch.get_num_threads()
    # The loop gives each thread a part of the batch, so none is left for operations.
    torch.set_num_threads(1)
    try:
        return _train(stage, settings)
    finally:
        torch.set_num_threads(before)


def _train(stage: str, settings: StageSettings) -> Path:
    """Build or load the model, train it and write the checkpoint."""
    folder = settings.output / CHECKPOINT
    model = _start_model(settings, folder)
    pool = _pool(settings, model.config.vision.image_size)
    logger.info("Stage %s on %d phantoms", stage, len(pool.images))
    model.train()
    if stage == "classify":
        classify(model, pool, settings)
    else:
        processor = CxrLlavaProcessor.from_pretrained(_written(model, folder))
        (align if stage == "align" else instruct)(model, processor, pool, settings)
    # Later stages go on from full precision; the last one is what gets used.
    kind = torch.bfloat16 if stage == "instruct" else torch.float32
    save_model(model, folder, kind)
    return folder


def _start_model(settings: StageSettings, folder: Path) -> CxrLlavaForReportGeneration:
    """The float32 model to begin from, its vocabulary files put into `folder`."""
    if settings.start is None:
        if settings.model is None:
            raise ValueError("A stage needs a checkpoint to start from or a [model].")
        return new_model(settings.model, folder, settings.seed)
    if not (settings.start / "config.json").is_file():
        raise ValueError(f"There is no checkpoint in {settings.start}.")
    folder.mkdir(parents=True, exist_ok=True)
    for name in TOKENIZER_FILES:
        shutil.copyfile(settings.start / name, folder / name)
    return CxrLlavaForReportGeneration.from_pretrained(
        settings.start, dtype=torch.float32
    )


def _written(model: CxrLlavaForReportGeneration, folder: Path) -> Path:
    """The folder with the model's configuration in it, which the processor reads."""
    model.config.save_pretrained(folder)
    return folder


def _pool(settings: StageSettings, image_size: int) -> Pool:
    """The phantoms of a stage, drawn where they are missing."""
    wanted = settings.phantoms
    return build_pool(
        wanted.folder,
        first=wanted.first,
        count=wanted.count,
        drawn=wanted.drawn,
        size=image_size,
        workers=wanted.workers,
    )
