"""The one door to CXR-LLaVA: load a checkpoint, write reports, say how it was done.

What an engine writes depends on the image, the checkpoint, the conversation and the
decoding settings, and on nothing else that the caller does: `inference.identity` names
those four. Sampling therefore starts from its seed anew for every image.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import torch
from PIL import Image

from inference.cxr_llava.loading import (
    chosen_device,
    chosen_dtype,
    load_model,
    load_processor,
    local_folder,
    read_config,
)
from inference.cxr_llava.modeling import CxrLlavaForReportGeneration
from inference.cxr_llava.processing import Conversation, CxrLlavaProcessor
from inference.cxr_llava.stopping import cut_at_end
from inference.identity import DecodingSettings, checkpoint_revision, folder_sha256
from inference.prompts import report_conversation

__all__ = ["DecodingSettings", "GeneratedReport", "ReportEngine", "load_engine"]

LIBRARIES = ("torch", "transformers", "pillow")


@dataclass(frozen=True)
class GeneratedReport:
    """One answer.

    text           as the reference streams it; released weights often end on a space
    prompt_tokens  ids of the conversation, the image counted as one
    new_tokens     ids written, the end token among them
    finish         "stop" where the model ended it, "length" where the room ran out
    seconds        wall time; of a batch, each answer's equal share
    batch          how many were computed together
    """

    text: str
    prompt_tokens: int
    new_tokens: int
    finish: Literal["stop", "length"]
    seconds: float
    batch: int


def load_engine(checkpoint: str | Path, *, device: str | None = None) -> "ReportEngine":
    """Load a checkpoint folder or hub id (`owner/name`, `owner/name@revision`).

    Without a device: a GPU if there is one. Computes in float32 on a CPU, on a GPU in
    the type of the checkpoint. Raises ValueError where there is no such checkpoint, it
    is not CXR-LLaVA v2, not whole, or the hub cannot be reached.
    """
    where = chosen_device(device)
    folder = local_folder(checkpoint)
    config = read_config(folder)
    processor = load_processor(folder, config)
    model = load_model(folder, config, where, chosen_dtype(config, where))
    return ReportEngine(checkpoint, folder, model, processor)


class ReportEngine:
    """A loaded checkpoint. Not for several threads at once."""

    def __init__(
        self,
        checkpoint: str | Path,
        folder: Path,
        model: CxrLlavaForReportGeneration,
        processor: CxrLlavaProcessor,
    ) -> None:
        self.checkpoint = str(checkpoint)
        self.folder = folder
        self.model = model
        self.processor = processor
        # What has once been too much for the memory is not tried again.
        self.largest_batch: int | None = None

    @property
    def revision(self) -> str:
        """Return what identifies the checkpoint's content, for `fingerprint`."""
        return checkpoint_revision(self.checkpoint)

    def write_reports(
        self, images: Sequence[Image.Image], *, settings: DecodingSettings
    ) -> list[GeneratedReport]:
        """Write a report on each image, all of them in one batch."""
        talks = [report_conversation() for _ in images]
        return self.answer(images, talks, settings=settings)

    def answer(
        self,
        images: Sequence[Image.Image],
        conversations: Sequence[Conversation],
        *,
        settings: DecodingSettings,
    ) -> list[GeneratedReport]:
        """Answer each conversation about its image.

        Greedy answers are computed in one batch, sampled ones each by itself. Raises
        ValueError for a 16-bit image, turns that do not alternate, a conversation
        without exactly one `<image>`, or one too long to leave room for an answer.
        """
        images, talks = list(images), list(conversations)
        if not images and not talks:
            return []
        if not settings.samples or len(images) != len(talks):
            return self._answer_batch(images, talks, settings)
        return [
            self._answer_batch([image], [talk], settings)[0]
            for image, talk in zip(images, talks, strict=True)
        ]

    def provenance(
        self,
        *,
        settings: DecodingSettings,
        conversation: Sequence[Mapping[str, Any]] | None = None,
    ) -> dict[str, Any]:
        """Return as JSON-able values what a report rests on besides its image.

        Without a conversation: that of `write_reports`.
        """
        asked = report_conversation() if conversation is None else conversation
        device = self.model.device
        name = torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"
        return {
            "checkpoint": self.checkpoint,
            "revision": self.revision,
            "weights_sha256": folder_sha256(self.folder, weights_only=True),
            "prompt": [dict(message) for message in asked],
            "decoding": settings.canonical(),
            "dtype": str(self.model.dtype).removeprefix("torch."),
            "device": f"{device} ({name})",
            "libraries": {library: version(library) for library in LIBRARIES},
        }

    def _answer_batch(
        self,
        images: list[Image.Image],
        conversations: list[Conversation],
        settings: DecodingSettings,
    ) -> list[GeneratedReport]:
        started = time.perf_counter()
        batch = self.processor(images=images, conversations=conversations)
        prompts = batch["attention_mask"].sum(dim=1).tolist()
        room = self.model.room_for_answer(batch["attention_mask"]).tolist()
        rows = self._generate(dict(batch), settings)
        share = (time.perf_counter() - started) / len(rows)
        reports = []
        for row, prompt, most in zip(rows, prompts, room, strict=True):
            ids, ended = cut_at_end(row[:most], self.processor.decode)
            reports.append(
                GeneratedReport(
                    text=self.processor.streamed_text(ids),
                    prompt_tokens=prompt,
                    new_tokens=len(ids),
                    finish="stop" if ended else "length",
                    seconds=share,
                    batch=len(rows),
                )
            )
        return reports

    def _generate(
        self, batch: dict[str, Any], settings: DecodingSettings
    ) -> list[list[int]]:
        """Return the new ids of each row, padding after their end included."""
        device = self.model.device
        chance = ("temperature", "top_k", "top_p") if settings.samples else ()
        # A cache of fixed shape lets transformers compile the decoding step on a GPU.
        fixed: dict[str, Any] = {}
        if device.type == "cuda":
            fixed["cache_implementation"] = "static"
        with torch.random.fork_rng([device] if device.type == "cuda" else []):
            torch.manual_seed(settings.seed)
            rows: list[list[int]] = self.model.generate(
                **{name: values.to(device) for name, values in batch.items()},
                max_new_tokens=settings.max_new_tokens,
                do_sample=settings.samples,
                stopping_criteria=[self.processor.stopping_criterion()],
                **{name: getattr(settings, name) for name in chance},
                **fixed,
            ).tolist()
        return rows
