"""Any image-text-to-text model of transformers as a writer of reports.

What the library knows how to load and whose processor has a chat template: MedGemma,
LLaVA, Qwen-VL and the like. Code out of a checkpoint is never run; a model that brings
its own goes behind a command instead.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from inference.identity import (
    WRITING_ENDINGS,
    canonical_sha256,
    checkpoint_revision,
    folder_sha256,
)
from inference.prompts import REPORT_QUESTION
from inference.writers.writing import Failed, Key, Outcome, Picture, Written

PROMPT = REPORT_QUESTION.strip()
LIBRARIES = ("torch", "transformers", "pillow")


@dataclass(frozen=True)
class ImageTextMaking:
    """Everything that a report depends on besides its image and the checkpoint's files.

    checkpoint  a folder, or a hub id: owner/name or owner/name@revision
    system      said before the prompt; empty: nothing is
    """

    checkpoint: str
    prompt: str = PROMPT
    system: str = ""
    max_new_tokens: int = 512

    @property
    def revision(self) -> str:
        """What identifies the checkpoint's content.

        Raises ValueError where there is none.
        """
        return checkpoint_revision(self.checkpoint, endings=WRITING_ENDINGS)

    @property
    def fingerprint(self) -> str:
        """The SHA-256 that names this making; raises ValueError as `revision` does."""
        made = asdict(self) | {"checkpoint": self.revision, "do_sample": False}
        return canonical_sha256({"kind": "transformers", **made})


class ImageTextWriter:
    """A loaded model that writes one report after the other, greedily."""

    def __init__(
        self, making: ImageTextMaking, folder: Path, model: Any, processor: Any
    ) -> None:
        self.making = making
        self.folder = folder
        self.model = model
        self.processor = processor
        # Hashed when it was loaded: what changes later is not what writes.
        self.revision = making.revision
        self.weights_sha256 = folder_sha256(folder, weights_only=True)
        self._fingerprint = making.fingerprint

    @property
    def fingerprint(self) -> str:
        """Name checkpoint, prompt and settings."""
        return self._fingerprint

    def provenance(self) -> dict[str, Any]:
        """Return what reports rest on besides their images."""
        import torch

        device = self.model.device
        name = torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"
        prompts = [("system", self.making.system), ("user", self.making.prompt)]
        return {
            "kind": "transformers",
            "checkpoint": self.making.checkpoint,
            "revision": self.revision,
            "weights_sha256": self.weights_sha256,
            "prompt": [
                {"role": role, "content": words} for role, words in prompts if words
            ],
            "decoding": {
                "do_sample": False,
                "max_new_tokens": self.making.max_new_tokens,
            },
            "dtype": str(self.model.dtype).removeprefix("torch."),
            "device": f"{device} ({name})",
            "libraries": {library: version(library) for library in LIBRARIES},
        }

    def write(self, pictures: Sequence[Picture[Key]]) -> Iterator[Outcome[Key]]:
        """Write a report on each picture, in their order."""
        for picture in pictures:
            try:
                image = picture.open()
            except ValueError as problem:
                yield Failed(picture.key, str(problem))
                continue
            started = time.monotonic()
            text, making = self._written(image)
            making["seconds"] = round(time.monotonic() - started, 3)
            yield Written(picture.key, text, making)

    def _written(self, image: Any) -> tuple[str, dict[str, Any]]:
        import torch

        inputs = self.processor.apply_chat_template(
            self._conversation(image),
            add_generation_prompt=True,
            tokenize=True,
            return_dict=True,
            return_tensors="pt",
        ).to(self.model.device, dtype=self.model.dtype)
        asked = inputs["input_ids"].shape[1]
        with torch.inference_mode():
            ids = self.model.generate(
                **inputs, do_sample=False, max_new_tokens=self.making.max_new_tokens
            )[0][asked:].tolist()
        ended = bool(ids) and ids[-1] in _ends(self.model.generation_config)
        making = {
            "prompt_tokens": asked,
            "new_tokens": len(ids),
            "finish": "stop" if ended else "length",
        }
        return self.processor.decode(ids, skip_special_tokens=True), making

    def _conversation(self, image: Any) -> list[Mapping[str, Any]]:
        asked = [
            {"type": "image", "image": image.convert("RGB")},
            {"type": "text", "text": self.making.prompt},
        ]
        talk: list[Mapping[str, Any]] = [{"role": "user", "content": asked}]
        if self.making.system:
            told = [{"type": "text", "text": self.making.system}]
            talk.insert(0, {"role": "system", "content": told})
        return talk


def _ends(config: Any) -> set[int]:
    """The ids by which the model ends an answer."""
    end = config.eos_token_id
    return set(end) if isinstance(end, list) else {end}


def load_writer(
    making: ImageTextMaking, *, device: str | None = None
) -> ImageTextWriter:
    """Load the model of a making.

    Without a device: a GPU if there is one. Computes in float32 on a CPU, on a GPU in
    the type of the checkpoint. Raises ValueError, in a sentence, where that cannot be.
    """
    import torch
    from transformers import AutoModelForImageTextToText, AutoProcessor

    from inference.cxr_llava.fetching import local_folder
    from inference.cxr_llava.loading import chosen_device

    where = chosen_device(device)
    folder = local_folder(
        making.checkpoint, wanted=[f"*{each}" for each in WRITING_ENDINGS]
    )
    try:
        processor = AutoProcessor.from_pretrained(folder, local_files_only=True)
        model = AutoModelForImageTextToText.from_pretrained(
            folder,
            local_files_only=True,
            use_safetensors=True,
            dtype="auto" if where.type == "cuda" else torch.float32,
        )
    except (OSError, ValueError, KeyError, ImportError) as problem:
        said = " ".join(str(problem).split())[:200]
        raise ValueError(
            f"{making.checkpoint} is no image-text-to-text model that transformers can "
            f"load by itself ({said}). A model with code of its own needs a command."
        ) from problem
    if not getattr(processor, "chat_template", None):
        raise ValueError(
            f"{making.checkpoint} has no chat template, so how it wants to be asked is "
            "not known. Put it behind a command."
        )
    return ImageTextWriter(making, folder, model.eval().to(where), processor)
