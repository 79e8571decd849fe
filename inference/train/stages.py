"""The four stages of the paper, each a loss over parts of a seeded batch.

1A classify   image encoder: normal or abnormal
1B contrast   image encoder: images against finding keywords
2A align      projector alone, on reports
2B instruct   projector and language model, on reports and further questions
"""

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator
from safetensors.torch import load_model, save_model
from torch import nn

from inference.cxr_llava import CxrLlavaForReportGeneration, CxrLlavaProcessor
from inference.train.classify import EncoderHeads, encoder_loss, with_known_label
from inference.train.contrast import TextEncoder, contrast_loss, with_keywords
from inference.train.data import ManifestData, TrainingData
from inference.train.dialogues import conversation
from inference.train.language import (
    Answers,
    TokenSource,
    answer_loss,
    encode_answers,
    text_loss,
)
from inference.train.loop import LossOfPart, Part, Run, batch_rows
from inference.train.settings import OptimiserSettings, StageSettings

STAGES = ("classify", "contrast", "align", "instruct")
HEADS_FILE = "heads.safetensors"

logger = logging.getLogger(__name__)


class Stage:
    """One stage with all that its losses need."""

    def __init__(
        self,
        model: CxrLlavaForReportGeneration,
        processor: CxrLlavaProcessor,
        data: TrainingData,
        settings: StageSettings,
        accelerator: Accelerator,
    ) -> None:
        self.model = model.to(accelerator.device)  # type: ignore[arg-type]
        self.processor, self.data = processor, data
        self.settings, self.accelerator = settings, accelerator

    def write(self, steps: int) -> None:
        """Teach a new language model to write, on questions and answers alone.

        No stage of the paper, which starts from LLaMA-2.
        """
        self._only_with_reports()

        def loss_of_part(part: Part) -> torch.Tensor:
            _, answers = self._answers(part)
            return text_loss(self.model, answers, self.accelerator.device)

        modules: dict[str, nn.Module] = {
            "llama": self.model.llama,
            "lm_head": self.model.lm_head,
        }
        optimiser = replace(self.settings.optimiser, steps=steps)
        self._run("write", modules, loss_of_part, optimiser)

    def classify(self) -> None:
        """Train the image encoder to tell normal from abnormal (Figure 1A)."""
        self.data = with_known_label(self.data)
        heads = self._heads()

        def loss_of_part(part: Part) -> torch.Tensor:
            rows = self._rows(part)
            tokens = self.model.vision_tower.all_tokens(self._pixels(rows))
            return encoder_loss(heads, self.data, rows, self.settings.encoder, tokens)

        modules = {"vision_tower": self.model.vision_tower, "heads": heads}
        self._run("classify", modules, loss_of_part)
        save_model(heads, str(self.settings.output / HEADS_FILE))

    def contrast(self, vocabulary: Path) -> None:
        """Train the image encoder against finding keywords (Figure 1B)."""
        self.data = with_keywords(self.data)
        heads, extra = self._heads(), self.settings.encoder
        encoder = TextEncoder(
            self.settings.text_encoder, vocabulary, self.model.config.clip_embed_dim
        ).to(self.accelerator.device)
        tower = self.model.vision_tower

        def loss_of_part(part: Part) -> torch.Tensor:
            rows = self._rows(part)
            tokens = tower.all_tokens(self._pixels(rows))
            vectors = tokens[:, 0] @ tower.proj
            loss = contrast_loss(encoder, self.data, rows, vectors)
            if extra.site_weight or extra.patch_weight:
                loss = loss + encoder_loss(heads, self.data, rows, extra, tokens)
            return loss

        modules = {"vision_tower": tower, "heads": heads, "text": encoder}
        self._run("contrast", modules, loss_of_part)

    def align(self) -> None:
        """Train the projector alone (Figure 1C)."""
        self._only_with_reports()
        self.model.requires_grad_(False)
        self.model.mm_projector.requires_grad_(True)
        self._train_answers("align", {"mm_projector": self.model.mm_projector})

    def instruct(self, language_model: nn.Module) -> None:
        """Train all but the image encoder, or adapters instead (Figure 1D).

        language_model: LLaMA itself, or LLaMA under adapters of `peft`.
        """
        self._only_with_reports()
        self.model.vision_tower.requires_grad_(False)
        modules = {"mm_projector": self.model.mm_projector, "llama": language_model}
        if self.settings.lora is None:
            modules["lm_head"] = self.model.lm_head
        else:
            self.model.lm_head.requires_grad_(False)
        self._train_answers("instruct", modules)

    def _heads(self) -> EncoderHeads:
        """New heads, or those of the stage before, for as long as they are needed."""
        torch.manual_seed(self.settings.seed)
        heads = EncoderHeads(self.model.config.vision.width)
        before = self.settings.start and self.settings.start.parent / HEADS_FILE
        if before and before.is_file():
            load_model(heads, str(before))
        return heads.to(self.accelerator.device)

    def _rows(self, part: Part) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        batch = self.settings.optimiser.batch
        return part.of(
            batch_rows(self.settings.seed, part.step, batch, self.data.count)
        )

    def _pixels(self, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> torch.Tensor:
        return self.data.pixels(rows).to(self.accelerator.device)

    def _run(
        self,
        name: str,
        modules: dict[str, nn.Module],
        loss_of_part: LossOfPart,
        optimiser: OptimiserSettings | None = None,
    ) -> None:
        settings = self.settings
        run = Run(
            name,
            modules,
            optimiser or settings.optimiser,
            settings.output,
            self.accelerator,
        )
        if run.first:
            logger.info("Stage %s goes on from step %d", name, run.first)
        run.steps(loss_of_part, seed=settings.seed, save_every=settings.save_every)

    def _only_with_reports(self) -> None:
        if isinstance(self.data, ManifestData):
            told = [
                row for row, (_, facts) in enumerate(self.data.studies) if facts.report
            ]
            if not told:
                raise ValueError("No study of the manifest has a report to learn from.")
            self.data = self.data.only(told)

    def _train_answers(self, name: str, modules: dict[str, nn.Module]) -> None:
        source = TokenSource(self.data, self.model)

        def loss_of_part(part: Part) -> torch.Tensor:
            rows, answers = self._answers(part)
            return answer_loss(self.model, source.values(rows), answers)

        self._run(name, modules, loss_of_part)

    def _answers(
        self, part: Part
    ) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], Answers]:
        """Rows of a part and their conversations, all of one kind, so alike in length.

        The kind is drawn for the step, the wording for the part.
        """
        seed, shares = self.settings.seed, self.settings.dialogues
        chance = np.random.default_rng([seed, 5, part.step]).random()
        kind = "report"
        if chance < shares.labels:
            kind = "labels"
        elif chance < shares.labels + shares.questions:
            kind = "question"
        rows = self._rows(part)
        rng = np.random.default_rng([seed, 6, part.step, part.number])
        facts = [self.data.facts(int(row), rng) for row in rows]
        talks = [conversation(one, kind, rng) for one in facts]
        return rows, encode_answers(self.processor, talks)
