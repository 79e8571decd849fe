"""Stages align and instruct: from patch tokens to the words of a report.

Align trains the projector alone, instruct everything but the image encoder. Both read
the report prompt exactly as the processor renders it; only the answer counts in the
loss. Answers are worded anew at every step.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from inference.cxr_llava import (
    IMAGE_TOKEN_ID,
    CxrLlavaForReportGeneration,
    CxrLlavaProcessor,
)
from inference.phantom.findings import Finding
from inference.phantom.text import paragraph
from inference.prompts import report_conversation
from inference.train.building import freeze
from inference.train.images import TokenSource
from inference.train.loop import Part, batch_rows, train
from inference.train.pool import Pool
from inference.train.settings import StageSettings

IGNORED = -100
END = 2


@dataclass(frozen=True)
class Answers:
    """Tokenised answers, padded on the right: ids and targets [B, T]."""

    ids: torch.Tensor
    targets: torch.Tensor


def encode_answer(processor: CxrLlavaProcessor, text: str) -> list[int]:
    """Ids of an answer as it follows the prompt, with the end token."""
    tokenizer = processor.tokenizer
    pieces = tokenizer.tokenize(text)
    return [*map(int, np.atleast_1d(tokenizer.convert_tokens_to_ids(pieces))), END]


def word_answers(
    processor: CxrLlavaProcessor,
    findings: list[tuple[Finding, ...]],
    rng: np.random.Generator,
) -> Answers:
    """One freshly worded report for each set of findings."""
    encoded = [encode_answer(processor, paragraph(shown, rng)) for shown in findings]
    length = max(len(ids) for ids in encoded)
    ids = torch.zeros((len(encoded), length), dtype=torch.long)
    targets = torch.full_like(ids, IGNORED)
    for row, answer in enumerate(encoded):
        ids[row, : len(answer)] = torch.tensor(answer)
        targets[row, : len(answer)] = torch.tensor(answer)
    return Answers(ids, targets)


def answer_loss(
    model: CxrLlavaForReportGeneration,
    prompt: list[int],
    tokens: torch.Tensor,
    answers: Answers,
) -> torch.Tensor:
    """Mean cross-entropy of the answers after prompt and image tokens [B, P, W].

    The text before the image is the same in every row, so the language model reads
    it once and shares its keys and values.
    """
    mark = prompt.index(IMAGE_TOKEN_ID)
    batch = len(tokens)
    embed = model.llama.embed_tokens
    before = torch.tensor([prompt[:mark]])
    after = torch.tensor([prompt[mark + 1 :]]).expand(batch, -1)
    cache = model.llama(input_ids=before, use_cache=True).past_key_values
    cache.batch_repeat_interleave(batch)
    # The last token of an answer is only predicted, never read.
    spoken = answers.ids[:, :-1]
    rows = torch.cat((model.mm_projector(tokens), embed(after), embed(spoken)), dim=1)
    hidden = model.llama(
        inputs_embeds=rows, past_key_values=cache, use_cache=True
    ).last_hidden_state
    predicting = hidden[:, -answers.ids.shape[1] :]
    counted = answers.targets != IGNORED
    logits = model.lm_head(predicting[counted])
    return functional.cross_entropy(logits, answers.targets[counted])


def text_loss(model: CxrLlavaForReportGeneration, answers: Answers) -> torch.Tensor:
    """Cross-entropy of reports as plain text, for the language model alone."""
    begin = torch.ones((len(answers.ids), 1), dtype=torch.long)
    rows = torch.cat((begin, answers.ids[:, :-1]), dim=1)
    hidden = model.llama(input_ids=rows, use_cache=False).last_hidden_state
    counted = answers.targets != IGNORED
    return functional.cross_entropy(
        model.lm_head(hidden[counted]), answers.targets[counted]
    )


def align(
    model: CxrLlavaForReportGeneration,
    processor: CxrLlavaProcessor,
    pool: Pool,
    settings: StageSettings,
) -> list[float]:
    """Train the projector alone; returns the losses.

    The paper starts from LLaMA-2, which can write. A language model that starts from
    nothing first reads `text_steps` batches of reports without images.
    """
    if settings.text_steps:
        _learn_to_write(model, processor, pool, settings)
    freeze(model)
    model.mm_projector.requires_grad_(True)
    modules: dict[str, nn.Module] = {"mm_projector": model.mm_projector}
    return _train_reports("align", modules, model, processor, pool, settings)


def instruct(
    model: CxrLlavaForReportGeneration,
    processor: CxrLlavaProcessor,
    pool: Pool,
    settings: StageSettings,
) -> list[float]:
    """Train projector and language model, the encoder frozen; returns the losses."""
    freeze(model.vision_tower)
    modules: dict[str, nn.Module] = {
        "mm_projector": model.mm_projector,
        "llama": model.llama,
        "lm_head": model.lm_head,
    }
    return _train_reports("instruct", modules, model, processor, pool, settings)


def _learn_to_write(
    model: CxrLlavaForReportGeneration,
    processor: CxrLlavaProcessor,
    pool: Pool,
    settings: StageSettings,
) -> None:
    """Train the language model on reports alone."""

    def loss_of_part(part: Part) -> torch.Tensor:
        rng = np.random.default_rng([settings.seed, 5, part.step, part.number])
        size = settings.optimiser.batch // part.parts
        rows = rng.integers(len(pool.findings), size=size)
        chosen = [pool.findings[row] for row in rows]
        return text_loss(model, word_answers(processor, chosen, rng))

    optimiser = replace(settings.optimiser, steps=settings.text_steps)
    modules: dict[str, nn.Module] = {"llama": model.llama, "lm_head": model.lm_head}
    train(
        "text",
        modules,
        loss_of_part,
        optimiser,
        settings.output,
        save_every=settings.save_every,
        parts=settings.threads,
    )


def _train_reports(
    name: str,
    modules: dict[str, nn.Module],
    model: CxrLlavaForReportGeneration,
    processor: CxrLlavaProcessor,
    pool: Pool,
    settings: StageSettings,
) -> list[float]:
    """The common part of both stages: image tokens in, reports out."""
    source = TokenSource(pool, model)
    prompt = processor.encode_conversation(report_conversation())

    def loss_of_part(part: Part) -> torch.Tensor:
        batch = settings.optimiser.batch
        rows = part.of(batch_rows(settings.seed, part.step, batch, len(pool.images)))
        rng = np.random.default_rng([settings.seed, 6, part.step, part.number])
        answers = word_answers(processor, [pool.findings[row] for row in rows], rng)
        return answer_loss(model, prompt, source.values(rows), answers)

    return train(
        name,
        modules,
        loss_of_part,
        settings.optimiser,
        settings.output,
        save_every=settings.save_every,
        parts=settings.threads,
    )
