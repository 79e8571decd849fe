"""Images and conversations to the batch that the model takes, and ids back to text."""

# transformers is only partly annotated.
# mypy: allow-untyped-calls

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from PIL import Image
from transformers import AutoProcessor, BatchFeature, ProcessorMixin

from inference.cxr_llava.chat import render
from inference.cxr_llava.configuration import IMAGE_TOKEN_ID, CxrLlavaConfig
from inference.cxr_llava.image_processing import CxrLlavaImageProcessor
from inference.cxr_llava.stopping import EndText
from inference.cxr_llava.streaming import TextStream
from inference.cxr_llava.tokenization import CxrLlavaTokenizer
from inference.prompts import IMAGE_MARK

Conversation = Sequence[Mapping[str, Any]]


class CxrLlavaProcessor(ProcessorMixin):
    """Prepare radiographs and conversations for `CxrLlavaForReportGeneration`."""

    image_processor: CxrLlavaImageProcessor
    tokenizer: CxrLlavaTokenizer

    def __init__(
        self,
        image_processor: CxrLlavaImageProcessor,
        tokenizer: CxrLlavaTokenizer,
        chat_template: str | None = None,
    ) -> None:
        super().__init__(image_processor, tokenizer, chat_template=chat_template)

    def __call__(
        self,
        images: Image.Image | Sequence[Image.Image],
        conversations: Conversation | Sequence[Conversation],
        **kwargs: Any,
    ) -> BatchFeature:
        """Return pixel_values [B, 1, S, S] and input_ids, attention_mask [B, T].

        Pixels are float32. Ids are int64, left-padded, -200 for the image. One
        radiograph belongs to each conversation. Raises ValueError for a 16-bit image, a
        turn order that is not user/assistant/..., or a conversation without exactly one
        `<image>`.
        """
        several = [images] if isinstance(images, Image.Image) else list(images)
        talks = _as_batch(conversations)
        if len(several) != len(talks):
            raise ValueError(
                f"{len(several)} radiographs were given for {len(talks)} "
                "conversations: each conversation needs its own."
            )
        rows = [self.encode_conversation(talk) for talk in talks]
        for row in rows:
            if row.count(IMAGE_TOKEN_ID) != 1:
                raise ValueError(
                    "Every conversation must show exactly one radiograph: write "
                    f"{IMAGE_MARK} once, in the first question."
                )
        batch = self.pad_rows(rows)
        batch["pixel_values"] = self.image_processor(several)["pixel_values"]
        return BatchFeature(batch)

    def render(self, conversation: Conversation) -> str:
        """Return the prompt text of one conversation."""
        return render(conversation, self.tokenizer.use_default_system_prompt)

    def encode_conversation(self, conversation: Conversation) -> list[int]:
        """Return the ids of one conversation, -200 for each `<image>`."""
        return self.encode_text(self.render(conversation))

    def encode_text(self, text: str) -> list[int]:
        """Return the ids of a rendered prompt.

        Each stretch between `<image>` marks is tokenised as a text of its own; its BOS
        goes, except the very first. The text itself begins with `<s>`, so ids begin
        with two BOS, as in the reference.
        """
        bos = self.tokenizer.bos_token_id
        ids: list[int] = []
        for index, piece in enumerate(text.split(IMAGE_MARK)):
            with_bos = self.tokenizer.encode_piece(piece)
            if index:
                ids.append(IMAGE_TOKEN_ID)
                with_bos = with_bos[1:] if with_bos[:1] == [bos] else with_bos
            ids.extend(with_bos)
        return ids

    def pad_rows(self, rows: Sequence[Sequence[int]]) -> dict[str, torch.Tensor]:
        """Return input_ids and attention_mask [B, T], padded on the left."""
        length = max(len(row) for row in rows)
        pad = self.tokenizer.pad_token_id
        ids = torch.full((len(rows), length), 0 if pad is None else pad)
        mask = torch.zeros_like(ids)
        for index, row in enumerate(rows):
            ids[index, length - len(row) :] = torch.tensor(row)
            mask[index, length - len(row) :] = 1
        return {"input_ids": ids, "attention_mask": mask}

    def decode(
        self, ids: Sequence[int] | torch.Tensor, skip_special_tokens: bool = True
    ) -> str:
        """Return the text of new ids in one go."""
        numbers = [int(number) for number in ids]
        return str(
            self.tokenizer.decode(numbers, skip_special_tokens=skip_special_tokens)
        )

    def streamed_text(self, ids: Sequence[int]) -> str:
        """Return the text of new ids as the reference streams it, piece by piece.

        It differs from `decode` after a newline, where the reference starts afresh.
        """
        stream = TextStream(self.decode)
        return "".join(stream.put(number) for number in ids) + stream.end()

    def stopping_criterion(self) -> EndText:
        """Return what ends an answer that spells `</s>` in letters."""
        return EndText(self.decode, self.tokenizer.get_vocab())

    def batch_decode(
        self,
        rows: Sequence[Sequence[int]] | torch.Tensor,
        skip_special_tokens: bool = True,
    ) -> list[str]:
        """Return the text of each row of new ids."""
        return [self.decode(row, skip_special_tokens) for row in rows]

    @classmethod
    def _get_arguments_from_pretrained(
        cls,
        pretrained_model_name_or_path: Any,
        processor_dict: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> list[Any]:
        """Load both parts: a v2 checkpoint keeps the pixel settings in config.json."""
        kwargs.pop("_from_auto", None)
        saved = (processor_dict or {}).get("image_processor")
        if saved is None:
            config = CxrLlavaConfig.from_pretrained(
                pretrained_model_name_or_path, **kwargs
            )
            image_processor = image_processor_of(config)
        else:
            image_processor = CxrLlavaImageProcessor(**saved)
        tokenizer = CxrLlavaTokenizer.from_pretrained(
            pretrained_model_name_or_path, **kwargs
        )
        return [image_processor, tokenizer]


def image_processor_of(config: CxrLlavaConfig) -> CxrLlavaImageProcessor:
    """Return the image processor that a model configuration asks for."""
    pixels = config.image_preprocess_cfg or {}
    return CxrLlavaImageProcessor(
        image_size=config.vision.image_size,
        mean=float(pixels["mean"]),
        std=float(pixels["std"]),
    )


def _as_batch(
    conversations: Conversation | Sequence[Conversation],
) -> list[Conversation]:
    """Return a list of conversations also where one alone was given."""
    if conversations and isinstance(conversations[0], Mapping):
        return [conversations]  # type: ignore[list-item]
    return list(conversations)  # type: ignore[arg-type]


AutoProcessor.register(CxrLlavaConfig, CxrLlavaProcessor)
