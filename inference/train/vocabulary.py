"""A small sentencepiece vocabulary, trained on reports of our own and the prompts.

The files beside tokenizer.model are those of the public v2 checkpoint layout.
"""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import sentencepiece

from inference.cxr_llava.chat import render
from inference.phantom.findings import sample_findings
from inference.phantom.text import paragraph
from inference.prompts import (
    IMAGE_MARK,
    differential_conversation,
    report_conversation,
)

SPECIAL_TOKENS = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}


def corpus(seed: int, reports: int) -> Iterator[str]:
    """Drawn reports, and the prompts so often that they end up in few pieces."""
    rng = np.random.default_rng([seed, 11])
    for _ in range(reports):
        yield paragraph(sample_findings(rng), rng)
    for conversation in (report_conversation(), differential_conversation()):
        text = render(conversation).replace("<s>", "")
        for _ in range(reports // 4):
            for line in text.replace(IMAGE_MARK, "\n").splitlines():
                if line.strip():
                    yield line.strip()


def train_vocabulary(folder: Path, *, size: int, seed: int, reports: int) -> None:
    """Train `size` pieces, the 256 bytes among them, and write all tokenizer files."""
    folder.mkdir(parents=True, exist_ok=True)
    stream = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=corpus(seed, reports),
        model_writer=stream,
        model_type="bpe",
        vocab_size=size,
        byte_fallback=True,
        character_coverage=1.0,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        allow_whitespace_only_pieces=True,
        split_digits=True,
        num_threads=1,
        minloglevel=2,
    )
    (folder / "tokenizer.model").write_bytes(stream.getvalue())
    _write_json(
        folder / "tokenizer_config.json",
        {
            **SPECIAL_TOKENS,
            "pad_token": "<unk>",
            "add_bos_token": True,
            "add_eos_token": False,
            "clean_up_tokenization_spaces": False,
            "legacy": False,
            "model_max_length": 2048,
            "tokenizer_class": "LlamaTokenizer",
            "use_default_system_prompt": False,
        },
    )
    _write_json(
        folder / "special_tokens_map.json", {**SPECIAL_TOKENS, "pad_token": "<unk>"}
    )


def _write_json(path: Path, content: dict[str, object]) -> None:
    """Write JSON with a final newline, as editors leave it."""
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
