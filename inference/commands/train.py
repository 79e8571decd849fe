"""`python -m inference train STAGE --config FILE.toml`: run one training stage.

Several processes: `accelerate launch -m inference train STAGE --config FILE.toml`.
"""

import argparse
import logging
import shutil
import sys
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator

from inference.cxr_llava import CxrLlavaForReportGeneration, CxrLlavaProcessor
from inference.cxr_llava.loading import load_model, read_config
from inference.train.adapters import merged, with_adapters
from inference.train.building import new_model, save_model
from inference.train.data import ManifestData, PhantomData, TrainingData
from inference.train.manifest import read_manifest
from inference.train.pool import build_pool
from inference.train.settings import StageSettings, read_settings
from inference.train.stages import STAGES, Stage

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

    Raises ValueError for settings or data at fault.
    """
    settings = read_settings(config)
    if settings.threads:
        torch.set_num_threads(settings.threads)
    accelerator = Accelerator(mixed_precision=settings.optimiser.mixed_precision)
    folder = settings.output / CHECKPOINT
    with accelerator.main_process_first():
        model = _start_model(settings, folder)
        processor = CxrLlavaProcessor.from_pretrained(_written(model, folder))
        data = _data(settings, model)
    logger.info("Stage %s on %d studies", stage, data.count)
    model.train()
    if settings.start is None and settings.model and settings.model.text_steps:
        beginner = Stage(model, processor, data, settings, accelerator)
        beginner.write(settings.model.text_steps)
    _train(stage, Stage(model, processor, data, settings, accelerator), folder)
    if accelerator.is_main_process:
        # Later stages go on from full precision; the last one is what gets used.
        kind = torch.bfloat16 if stage == "instruct" else torch.float32
        save_model(model, folder, kind)
    accelerator.wait_for_everyone()
    return folder


def _train(stage: str, work: Stage, folder: Path) -> None:
    if stage == "classify":
        work.classify()
    elif stage == "contrast":
        work.contrast(folder)
    elif stage == "align":
        work.align()
    elif work.settings.lora is None:
        work.instruct(work.model.llama)
    else:
        adapted = with_adapters(work.model.llama, work.settings.lora)
        work.instruct(adapted)
        work.model.llama = merged(adapted)


def _start_model(settings: StageSettings, folder: Path) -> CxrLlavaForReportGeneration:
    """The float32 model to begin from, its vocabulary files put into `folder`."""
    start = settings.start
    if start is None and settings.model is not None:
        return new_model(settings.model, folder, settings.seed)
    if start is None or not (start / "config.json").is_file():
        raise ValueError(f"There is no checkpoint in {start}.")
    folder.mkdir(parents=True, exist_ok=True)
    for name in TOKENIZER_FILES:
        if (start / name).is_file():
            shutil.copyfile(start / name, folder / name)
    return load_model(start, read_config(start), torch.device("cpu"), torch.float32)


def _written(model: CxrLlavaForReportGeneration, folder: Path) -> Path:
    """The folder with the model's configuration in it, which the processor reads."""
    model.config.save_pretrained(folder)
    return folder


def _data(settings: StageSettings, model: Any) -> TrainingData:
    """The phantoms of a stage, drawn where they are missing, or its manifests."""
    if settings.files is not None:
        studies = [
            study for path in settings.files.manifest for study in read_manifest(path)
        ]
        return ManifestData(studies, model.config)
    wanted = settings.phantoms
    if wanted is None:
        raise ValueError("The settings name neither phantoms nor files.")
    pool = build_pool(
        wanted.folder,
        first=wanted.first,
        count=wanted.count,
        drawn=wanted.drawn,
        size=model.config.vision.image_size,
        workers=wanted.workers,
    )
    return PhantomData(pool, model.config)
