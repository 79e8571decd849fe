"""Stage contrast (1B): image and finding keywords come to lie close together.

As in CLIP (Radford et al., 2021): the class token of an image, through the encoder's
own `proj`, against the text vectors of the keywords of all images of the batch.
Images with the same keywords share one text, so none of them is another's negative.
"""

from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from transformers import AutoModel, AutoTokenizer, BertConfig, BertModel

from inference.cxr_llava.tokenization import CxrLlavaTokenizer
from inference.train.data import ManifestData, Rows, TrainingData
from inference.train.settings import TextEncoderSettings

TEMPERATURE = 0.07  # where CLIP starts its own
HIGHEST_SCALE = 100.0
LONGEST_TEXT = 128


class TextEncoder(nn.Module):
    """Keywords to vectors of the encoder's contrastive space, [U, E], length 1."""

    def __init__(
        self, settings: TextEncoderSettings, vocabulary: Path, embed_dim: int
    ) -> None:
        """Load the text model, or make a small one over the vocabulary in a folder.

        Raises ValueError where there is no text model at the path.
        """
        super().__init__()
        self.trained = settings.trained or not settings.path
        if settings.path:
            self._load(settings.path)
        else:
            tokenizer = CxrLlavaTokenizer.from_pretrained(vocabulary)
            self.tokenizer = tokenizer
            self.text = BertModel(_small_bert(settings, tokenizer.vocab_size))
        self.text.requires_grad_(self.trained)
        width = int(self.text.config.hidden_size)
        self.projection = nn.Linear(width, embed_dim, bias=False)
        self.log_scale = nn.Parameter(torch.tensor(1 / TEMPERATURE).log())

    def _load(self, path: str) -> None:
        try:
            self.tokenizer = AutoTokenizer.from_pretrained(path)
            self.text = AutoModel.from_pretrained(path)
        except (OSError, ValueError) as problem:
            raise ValueError(
                f"There is no text model of transformers at {path}: give a folder or "
                "hub id, or leave `path` in table [text_encoder] empty."
            ) from problem

    @property
    def scale(self) -> torch.Tensor:
        """What similarities are multiplied with, bounded as in CLIP."""
        return self.log_scale.exp().clamp(max=HIGHEST_SCALE)

    def forward(self, texts: list[str]) -> torch.Tensor:
        """Return one vector for each text, the mean over its tokens projected."""
        rows = [self.tokenizer.encode(text)[:LONGEST_TEXT] for text in texts]
        device = self.log_scale.device
        length = max(len(row) for row in rows)
        ids = torch.zeros((len(rows), length), dtype=torch.long, device=device)
        mask = torch.zeros_like(ids)
        for number, row in enumerate(rows):
            ids[number, : len(row)] = torch.tensor(row)
            mask[number, : len(row)] = 1
        hidden = self.text(input_ids=ids, attention_mask=mask).last_hidden_state
        weights = mask[..., None].to(hidden.dtype)
        mean = (hidden * weights).sum(dim=1) / weights.sum(dim=1)
        return functional.normalize(self.projection(mean).float(), dim=-1)


def _small_bert(settings: TextEncoderSettings, vocabulary: int) -> BertConfig:
    return BertConfig(
        vocab_size=vocabulary,
        hidden_size=settings.width,
        num_hidden_layers=settings.layers,
        num_attention_heads=max(1, settings.width // 32),
        intermediate_size=2 * settings.width,
        max_position_embeddings=LONGEST_TEXT,
        type_vocab_size=1,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )


def with_keywords(data: TrainingData) -> TrainingData:
    """Only the studies of which something can be said. Raises ValueError."""
    if not isinstance(data, ManifestData):
        return data
    told = [row for row, (_, facts) in enumerate(data.studies) if facts.keywords]
    if not told:
        raise ValueError("No study of the manifest has a label to make keywords of.")
    return data.only(told)


def contrast_loss(
    encoder: TextEncoder,
    data: TrainingData,
    rows: Rows,
    class_vectors: torch.Tensor,
) -> torch.Tensor:
    """Symmetric cross-entropy between images [B, E] and the texts of their keywords."""
    rng = np.random.default_rng(0)  # facts are asked for their labels alone
    texts = [", ".join(data.facts(int(row), rng).keywords) for row in rows]
    distinct = sorted(set(texts))
    places = [distinct.index(text) for text in texts]
    images = functional.normalize(class_vectors.float(), dim=-1)
    similarity = encoder.scale * images @ encoder(distinct).T
    own = torch.tensor(places, device=similarity.device)
    to_text = functional.cross_entropy(similarity, own)
    # A text that several images share points at all of them alike.
    belongs = functional.one_hot(own, len(distinct)).T.to(similarity.dtype)
    shares = belongs / belongs.sum(dim=1, keepdim=True)
    to_image = functional.cross_entropy(similarity.T, shares)
    return (to_text + to_image) / 2
