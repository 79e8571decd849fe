"""The Llama tokenizer of the checkpoint, read with sentencepiece directly.

`transformers` 5 rebuilt its Llama tokenizer and gives other ids, so the slow semantics
of the reference (4.36.2) are written here, with both settings of its `legacy` flag:

- legacy: sentencepiece puts its dummy space before every stretch of text, also before
  one that follows a special token;
- not legacy: one space mark goes before the whole text, none after a special token.
"""

# transformers is only partly annotated.
# mypy: allow-untyped-calls

import shutil
from pathlib import Path
from typing import Any, cast

from sentencepiece import SentencePieceProcessor
from transformers import AutoTokenizer, PreTrainedTokenizer
from transformers.models.auto import tokenization_auto

from inference.cxr_llava.configuration import CxrLlavaConfig

SPACE_MARK = "\u2581"

# A serialised sentencepiece model followed by these bytes is the same model without the
# dummy space: field 3 (normaliser) of length 2 holding field 3 (add_dummy_prefix) = 0.
# Protocol buffers merge a message that occurs twice, the last value winning.
_NO_DUMMY_PREFIX = b"\x1a\x02\x18\x00"


class CxrLlavaTokenizer(PreTrainedTokenizer):
    """Text to ids and back, as the released model's own code does it.

    `legacy` absent from tokenizer_config.json means true.
    """

    vocab_files_names = {"vocab_file": "tokenizer.model"}
    model_input_names = ["input_ids", "attention_mask"]
    padding_side = "left"

    def __init__(
        self,
        vocab_file: str,
        legacy: bool | None = None,
        add_bos_token: bool = True,
        add_eos_token: bool = False,
        use_default_system_prompt: bool = False,
        **kwargs: Any,
    ) -> None:
        self.vocab_file = vocab_file
        self.legacy = True if legacy is None else bool(legacy)
        self.add_bos_token = add_bos_token
        self.add_eos_token = add_eos_token
        self.use_default_system_prompt = use_default_system_prompt
        content = Path(vocab_file).read_bytes()
        self.sentencepiece = SentencePieceProcessor(
            model_proto=content if self.legacy else content + _NO_DUMMY_PREFIX
        )
        named = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
        super().__init__(
            legacy=self.legacy,
            add_bos_token=add_bos_token,
            add_eos_token=add_eos_token,
            use_default_system_prompt=use_default_system_prompt,
            **{**named, "pad_token": "<unk>", **kwargs},
        )

    @property
    def vocab_size(self) -> int:
        """Return the number of sentencepiece pieces."""
        return int(self.sentencepiece.get_piece_size())

    def get_vocab(self) -> dict[str, int]:
        """Return every piece with its id."""
        pieces = self.sentencepiece.id_to_piece(list(range(self.vocab_size)))
        return {piece: index for index, piece in enumerate(pieces)}

    def tokenize(
        self,
        text: str,
        pair: str | None = None,
        add_special_tokens: bool = False,
        **kwargs: Any,
    ) -> list[str]:
        """Return the pieces of a text in which special tokens may stand literally."""
        if self.legacy or not text:
            return list(super().tokenize(text, **kwargs))
        marked = SPACE_MARK + text.replace(SPACE_MARK, " ")
        tokens: list[str] = super().tokenize(marked, **kwargs)
        if (
            len(tokens) > 1
            and tokens[0] == SPACE_MARK
            and tokens[1] in self.all_special_tokens
        ):
            return tokens[1:]
        return tokens

    def encode_piece(self, text: str) -> list[int]:
        """Return the ids of one stretch of text, its beginning and end included."""
        ids = cast(list[int], self.convert_tokens_to_ids(self.tokenize(text)))
        return self.build_inputs_with_special_tokens(ids)

    def build_inputs_with_special_tokens(
        self, token_ids_0: list[int], token_ids_1: list[int] | None = None
    ) -> list[int]:
        """Return the ids with the beginning and end that the checkpoint asks for."""
        begin = [self.bos_token_id] if self.add_bos_token else []
        end = [self.eos_token_id] if self.add_eos_token else []
        first = begin + list(token_ids_0) + end
        return first if token_ids_1 is None else first + begin + list(token_ids_1) + end

    def convert_tokens_to_string(self, tokens: list[str]) -> str:
        """Join pieces to text; the space mark of the first piece is dropped."""
        if not tokens:
            return ""
        pieces = [tokens[0].removeprefix(SPACE_MARK), *tokens[1:]]
        special = set(self.all_special_tokens)
        text, run, after_special = "", list[str](), False
        for index, piece in enumerate(pieces):
            if piece not in special:
                run.append(piece)
                after_special = False
                continue
            if self.legacy and index and not after_special:
                text += " "
            text += self._joined(run) + piece
            run, after_special = [], True
        return text + self._joined(run)

    def save_vocabulary(
        self, save_directory: str, filename_prefix: str | None = None
    ) -> tuple[str, ...]:
        """Write tokenizer.model into a folder and return its path."""
        prefix = "" if filename_prefix is None else f"{filename_prefix}-"
        target = Path(save_directory) / f"{prefix}tokenizer.model"
        if Path(self.vocab_file).resolve() != target.resolve():
            shutil.copyfile(self.vocab_file, target)
        return (str(target),)

    def _tokenize(self, text: str, **kwargs: Any) -> list[str]:
        if self.legacy or not text.startswith((SPACE_MARK, " ")):
            return list(self.sentencepiece.encode(text, out_type=str))
        # Without its dummy prefix sentencepiece strips a leading space. Behind an
        # unknown-token mark, which is cut off again, the space survives.
        mark = str(self.unk_token)
        skip = len(self.sentencepiece.encode(mark, out_type=str))
        return list(self.sentencepiece.encode(mark + text, out_type=str))[skip:]

    def _convert_token_to_id(self, token: str) -> int:
        return int(self.sentencepiece.piece_to_id(token))

    def _convert_id_to_token(self, index: int) -> str:
        return str(self.sentencepiece.id_to_piece(index))

    def _joined(self, pieces: list[str]) -> str:
        return str(self.sentencepiece.decode(pieces)) if pieces else ""


AutoTokenizer.register(CxrLlavaConfig, slow_tokenizer_class=CxrLlavaTokenizer)
# A released checkpoint names LlamaTokenizer, which AutoTokenizer would take at its word
# and which gives other ids today. transformers keeps a list of such models.
tokenization_auto.TOKENIZER_MAPPING_NAMES[CxrLlavaConfig.model_type] = (
    CxrLlavaTokenizer.__name__
)
tokenization_auto.MODELS_WITH_INCORRECT_HUB_TOKENIZER_CLASS.add(
    CxrLlavaConfig.model_type
)
