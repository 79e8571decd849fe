"""A small sentencepiece vocabulary, trained on dialogues about drawn phantoms.

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
from inference.prompts import (
    IMAGE_MARK,
    differential_conversation,
    label_conversation,
    report_conversation,
)
from inference.train.data import phantom_facts
from inference.train.dialogues import conversation

SPECIAL_TOKENS = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}


def corpus(seed: int, studies: int) -> Iterator[str]:
    """Answers, and the prompts so often that they end up in few pieces."""
    rng = np.random.default_rng([seed, 11])
    for number in range(studies):
        facts = phantom_facts(sample_findings(rng), rng)
        for kind in ("report", "question", "labels" if number % 4 == 0 else "report"):
            *_, question, answer = conversation(facts, kind, rng)
            yield answer["content"]
            if kind == "question":
                yield question["content"].replace(IMAGE_MARK, "").strip()
    for asked in (
        report_conversation(),
        differential_conversation(),
        label_conversation(),
    ):
        text = render(asked).replace("<s>", "")
        for _ in range(studies // 8):
            for line in text.replace(IMAGE_MARK, "\n").splitlines():
                if line.strip():
                    yield line.strip()


def train_vocabulary(folder: Path, *, size: int, seed: int, studies: int) -> None:
    """Train `size` pieces, the 256 bytes among them, and write all tokenizer files."""
    folder.mkdir(parents=True, exist_ok=True)
    stream = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=corpus(seed, studies),
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
