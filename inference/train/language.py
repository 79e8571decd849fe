"""Stages align (2A) and instruct (2B): from patch tokens to the words of an answer.

Align trains the projector alone, instruct everything but the image encoder. Both read
conversations exactly as the processor renders them; only the last answer of each
counts in the loss. The encoder is frozen, so an image's tokens are computed once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from inference.cxr_llava import (
    IMAGE_TOKEN_ID,
    CxrLlavaForReportGeneration,
    CxrLlavaProcessor,
)
from inference.prompts import Message
from inference.train.data import Rows, TrainingData

IGNORED = -100
END = 2
KEPT_BYTES = 4 << 30


class TokenSource:
    """Patch tokens of a frozen encoder, kept in half precision once computed.

    For as many studies as there is `room` for; the others are computed each time, and
    rounded alike.
    """

    def __init__(
        self,
        data: TrainingData,
        model: CxrLlavaForReportGeneration,
        room: int = KEPT_BYTES,
    ) -> None:
        """Reserve nothing yet: memory grows with what is asked for, up to `room`."""
        self.data, self.tower, self.room = data, model.vision_tower, room
        self.kept: dict[int, torch.Tensor] = {}

    def values(self, rows: Rows) -> torch.Tensor:
        """Patch tokens [B, P, W] without gradient, on the model's device."""
        wanted = [int(row) for row in rows]
        missing = [row for row in wanted if row not in self.kept]
        fresh = dict(zip(missing, self._computed(missing), strict=True))
        # Float before stacking: autocast knows no half precision on a processor.
        tokens = [
            (fresh[row] if row in fresh else self.kept[row]).float() for row in wanted
        ]
        for row, one in fresh.items():
            if self.room >= one.nbytes:
                self.room -= one.nbytes
                self.kept[row] = one.clone()
        return torch.stack(tokens).to(self.tower.conv1.weight.device)

    def _computed(self, rows: list[int]) -> list[torch.Tensor]:
        if not rows:
            return []
        with torch.no_grad():
            pixels = self.data.pixels(np.array(rows))
            tokens = self.tower(pixels.to(self.tower.conv1.weight.device))
            return list(tokens.to("cpu", torch.float16))


@dataclass(frozen=True)
class Answers:
    """Conversations after their image, padded on the right.

    ids: [B, T], the rest of the question and then the answer. targets: the same where
    a token belongs to the answer, else -100.
    """

    before: list[int]
    ids: torch.Tensor
    targets: torch.Tensor


def encode_answers(
    processor: CxrLlavaProcessor, conversations: Sequence[list[Message]]
) -> Answers:
    """Tokenise conversations whose last turn is the answer to be learned."""
    tokenizer = processor.tokenizer
    rows: list[list[int]] = []
    answers: list[list[int]] = []
    before: list[int] = []
    for conversation in conversations:
        prompt = processor.encode_conversation(conversation[:-1])
        mark = prompt.index(IMAGE_TOKEN_ID)
        # The system message comes first, the same in all conversations.
        before = prompt[:mark]
        pieces = tokenizer.tokenize(conversation[-1]["content"])
        answer = np.atleast_1d(tokenizer.convert_tokens_to_ids(pieces))
        rows.append(prompt[mark + 1 :])
        answers.append([*map(int, answer), END])
    length = max(len(row) + len(said) for row, said in zip(rows, answers, strict=True))
    ids = torch.zeros((len(rows), length), dtype=torch.long)
    targets = torch.full_like(ids, IGNORED)
    for number, (row, said) in enumerate(zip(rows, answers, strict=True)):
        ids[number, : len(row) + len(said)] = torch.tensor(row + said)
        targets[number, len(row) : len(row) + len(said)] = torch.tensor(said)
    return Answers(before, ids, targets)


def answer_loss(
    model: CxrLlavaForReportGeneration, tokens: torch.Tensor, answers: Answers
) -> torch.Tensor:
    """Mean cross-entropy of the answers after prompt and image tokens [B, P, W].

    The text before the image is the same in every row, so the language model reads
    it once and shares its keys and values. Padding stands behind every row, where
    causal attention keeps it out of sight.
    """
    device, batch = tokens.device, len(tokens)
    embed = model.llama.embed_tokens
    before = torch.tensor([answers.before], device=device)
    cache = model.llama(input_ids=before, use_cache=True).past_key_values
    cache.batch_repeat_interleave(batch)
    # The last token of an answer is only predicted, never read.
    said = embed(answers.ids[:, :-1].to(device))
    image = model.mm_projector(tokens.to(model.mm_projector.weight.dtype))
    rows = torch.cat((image.to(said.dtype), said), dim=1)
    hidden = model.llama(
        inputs_embeds=rows, past_key_values=cache, use_cache=True
    ).last_hidden_state
    predicting = hidden[:, -answers.ids.shape[1] :]
    targets = answers.targets.to(device)
    counted = targets != IGNORED
    logits = model.lm_head(predicting[counted]).float()
    return functional.cross_entropy(logits, targets[counted])


def text_loss(
    model: CxrLlavaForReportGeneration, answers: Answers, device: torch.device
) -> torch.Tensor:
    """Cross-entropy of questions and answers as plain text, without an image."""
    ids = answers.ids.to(device)
    begin = torch.ones((len(ids), 1), dtype=torch.long, device=device)
    rows = torch.cat((begin, ids[:, :-1]), dim=1)
    hidden = model.llama(input_ids=rows, use_cache=False).last_hidden_state
    counted = answers.targets.to(device) != IGNORED
    logits = model.lm_head(hidden[counted]).float()
    return functional.cross_entropy(logits, ids[counted])
