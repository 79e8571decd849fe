"""CXR-LLaVA v2 as a `transformers` model.

A vision transformer, one linear projector and LLaMA. LLaMA itself is the one of
`transformers`; only what is particular to CXR-LLaVA is written here. State-dict keys
are those of the released checkpoint: a bare LLaMA under `llama`, its `lm_head` beside.
"""

# transformers is only partly annotated.
# mypy: allow-untyped-calls, allow-untyped-decorators

import copy
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForImageTextToText,
    GenerationConfig,
    GenerationMixin,
    LlamaModel,
    StoppingCriteria,
    StoppingCriteriaList,
)
from transformers import initialization as init
from transformers.cache_utils import Cache
from transformers.modeling_outputs import CausalLMOutputWithPast
from transformers.modeling_utils import PreTrainedModel, slice_logits_to_keep
from transformers.utils.generic import can_return_tuple

from inference.cxr_llava.configuration import CxrLlavaConfig
from inference.cxr_llava.rotary import Float32RotaryEmbedding
from inference.cxr_llava.splicing import plan_splice, position_ids_of
from inference.cxr_llava.stopping import RowBudget
from inference.cxr_llava.vision import VisionAttention, VisionTransformer

DEFAULT_MAX_NEW_TOKENS = 512
DEFAULT_PAD_TOKEN_ID = 0  # <unk>, as in the checkpoint's special_tokens_map.json
DEFAULT_END_TOKEN_ID = 2  # </s>
NO_RADIOGRAPH = (
    "CXR-LLaVA needs a conversation and its radiograph: give input_ids and "
    "pixel_values, as the processor returns them."
)


class CxrLlavaForReportGeneration(PreTrainedModel, GenerationMixin):
    """Radiograph and conversation to text.

    Where the reference has plain bugs, this raises ValueError instead: a turn without
    an image (the reference crashes) and a prompt that leaves no room for an answer
    (the reference writes a single token).
    """

    config_class = CxrLlavaConfig
    config: CxrLlavaConfig
    input_modalities = ["image", "text"]
    supports_gradient_checkpointing = True
    _no_split_modules = ["LlamaDecoderLayer", "VisionTransformer"]
    _skip_keys_device_placement = ["past_key_values"]
    _tied_weights_keys = {"lm_head.weight": "llama.embed_tokens.weight"}
    _supports_sdpa = True
    _supports_flash_attn = True
    _supports_flex_attn = True
    _supports_attention_backend = True
    _can_compile_fullgraph = True

    def __init__(self, config: CxrLlavaConfig) -> None:
        super().__init__(config)
        text = config.get_text_config()
        vision = config.vision
        self.vision_tower = VisionTransformer(vision, config.clip_embed_dim)
        self.mm_projector = nn.Linear(vision.width, text.hidden_size)
        self.llama = LlamaModel(text)
        self.llama.rotary_emb = Float32RotaryEmbedding(config=text)
        self.lm_head = nn.Linear(text.hidden_size, text.vocab_size, bias=False)
        self.loss_type = "ForCausalLM"
        self.post_init()

    def get_input_embeddings(self) -> nn.Module:
        """Return LLaMA's token embedding."""
        embedding: nn.Module = self.llama.embed_tokens
        return embedding

    def set_input_embeddings(self, value: nn.Module) -> None:
        """Take another token embedding, say one with more rows."""
        self.llama.embed_tokens = value  # type: ignore[assignment]

    def get_image_features(self, pixel_values: torch.Tensor) -> torch.Tensor:
        """Return the rows that the language model reads, [B, P, H]."""
        features: torch.Tensor = self.mm_projector(self.vision_tower(pixel_values))
        return features

    def splice(
        self,
        input_ids: torch.Tensor,
        pixel_values: torch.Tensor,
        attention_mask: torch.Tensor | None = None,
        labels: torch.Tensor | None = None,
    ) -> dict[str, torch.Tensor | None]:
        """Return the batch with the image in it: embeddings [B, L, H], the rest [B, L].

        L is T-1+P. Image rows carry the label -100, which the loss leaves out.
        """
        if len(pixel_values) != len(input_ids):
            raise ValueError(
                f"{len(pixel_values)} radiographs were given for {len(input_ids)} "
                "conversations: each conversation needs its own."
            )
        plan = plan_splice(input_ids, self.config.vision.patches)
        text_rows = self.llama.embed_tokens(input_ids.clamp(min=0))
        image_rows = self.get_image_features(pixel_values)
        if attention_mask is None:
            attention_mask = torch.ones_like(input_ids)
        mask = plan.text(attention_mask, 1)
        return {
            # A device map may compute the two kinds of rows on different devices.
            "inputs_embeds": plan.rows(
                text_rows.to(input_ids.device), image_rows.to(input_ids.device)
            ),
            "attention_mask": mask,
            "position_ids": position_ids_of(mask),
            "labels": None if labels is None else plan.text(labels, -100),
        }

    @can_return_tuple
    def forward(
        self,
        input_ids: torch.Tensor | None = None,
        pixel_values: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        position_ids: torch.Tensor | None = None,
        past_key_values: Cache | None = None,
        inputs_embeds: torch.Tensor | None = None,
        labels: torch.Tensor | None = None,
        use_cache: bool | None = None,
        logits_to_keep: int | torch.Tensor = 0,
        **kwargs: Any,
    ) -> CausalLMOutputWithPast:
        """Return logits [B, T-1+P, V] in the model's own dtype, and the loss if asked.

        Give ids with pixel values for a prompt, ids with a cache to continue one, or
        embeddings that are already spliced. `labels` has the shape of the ids.
        """
        if pixel_values is not None and input_ids is not None:
            spliced = self.splice(input_ids, pixel_values, attention_mask, labels)
            input_ids, inputs_embeds = None, spliced["inputs_embeds"]
            attention_mask, labels = spliced["attention_mask"], spliced["labels"]
            position_ids = spliced["position_ids"]
        elif inputs_embeds is None and past_key_values is None:
            raise ValueError(NO_RADIOGRAPH)
        outputs = self.llama(
            input_ids=input_ids,
            attention_mask=attention_mask,
            position_ids=position_ids,
            past_key_values=past_key_values,
            inputs_embeds=inputs_embeds,
            use_cache=use_cache,
            **kwargs,
        )
        hidden = slice_logits_to_keep(outputs.last_hidden_state, logits_to_keep)
        logits = self.lm_head(hidden)
        loss = None
        if labels is not None:
            loss = self.loss_function(
                logits=logits,
                labels=labels,
                vocab_size=self.config.get_text_config().vocab_size,
            )
        return CausalLMOutputWithPast(
            loss=loss,
            logits=logits,
            past_key_values=outputs.past_key_values,
            hidden_states=outputs.hidden_states,
            attentions=outputs.attentions,
        )

    @torch.no_grad()
    def generate(  # type: ignore[override]
        self,
        input_ids: torch.Tensor | None = None,
        pixel_values: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        generation_config: GenerationConfig | None = None,
        stopping_criteria: Sequence[StoppingCriteria] | None = None,
        **kwargs: Any,
    ) -> Any:
        """Return new ids only, [B, N], ended rows filled with the padding id.

        Takes what `generate` of transformers takes. `max_new_tokens` is 512 unless
        given, and never more than each prompt leaves of the context length; a prompt
        that leaves nothing raises ValueError. `max_length` counts the prompt too, its
        image rows and padding among it.
        """
        if input_ids is None or pixel_values is None:
            raise ValueError(NO_RADIOGRAPH)
        config = self._completed(generation_config or self.generation_config)
        if generation_config is None:
            config.max_length = None  # a checkpoint's own is not what the caller asked
        model_kwargs = config.update(**kwargs)
        if attention_mask is None:
            attention_mask = torch.ones_like(input_ids)
        asked = config.max_new_tokens or self._up_to(config.max_length, input_ids)
        budgets = self.room_for_answer(attention_mask).clamp(max=asked)
        config.max_new_tokens, config.max_length = int(budgets.max()), None
        criteria = StoppingCriteriaList(stopping_criteria or [])
        if bool((budgets < config.max_new_tokens).any()):
            criteria.append(RowBudget(budgets))
        spliced = self.splice(input_ids, pixel_values, attention_mask)
        return super().generate(  # type: ignore[misc]  # its self is a protocol
            inputs_embeds=spliced["inputs_embeds"],
            attention_mask=spliced["attention_mask"],
            generation_config=config,
            stopping_criteria=criteria,
            **model_kwargs,
        )

    def room_for_answer(self, attention_mask: torch.Tensor) -> torch.Tensor:
        """Return [B] the new tokens that each prompt, a row of the mask, leaves.

        Like the reference, this counts the image as one token of the context length.
        Raises ValueError where a prompt leaves none.
        """
        lengths = attention_mask.sum(dim=1)
        budgets = self.config.context_length - lengths - 1
        if bool((budgets <= 0).any()):
            raise ValueError(
                f"The conversation is too long: its {int(lengths.max())} tokens leave "
                f"no room for an answer, since both together may have "
                f"{self.config.context_length - 1}. Shorten the question or the "
                "history."
            )
        return budgets

    def _up_to(self, max_length: int | None, input_ids: torch.Tensor) -> int:
        """Return the number of new tokens that end at a length of prompt and answer."""
        if max_length is None:
            return DEFAULT_MAX_NEW_TOKENS
        prompt = input_ids.shape[1] - 1 + self.config.vision.patches
        if max_length <= prompt:
            raise ValueError(
                f"max_length is {max_length}, but the prompt alone has {prompt} rows, "
                "its image rows among them: give max_new_tokens instead."
            )
        return max_length - prompt

    def _completed(self, config: GenerationConfig) -> GenerationConfig:
        """Return a copy with what the checkpoint's generation_config.json leaves out.

        Released checkpoints name no end, padding or top-k there.
        """
        text = self.config.get_text_config()
        completed = copy.deepcopy(config)
        if completed.eos_token_id is None:
            end = text.eos_token_id
            completed.eos_token_id = DEFAULT_END_TOKEN_ID if end is None else end
        if completed.pad_token_id is None:
            completed.pad_token_id = DEFAULT_PAD_TOKEN_ID
        if completed.top_k is None:
            completed.top_k = 50
        return completed

    def _init_weights(self, module: nn.Module) -> None:
        """Initialise a module for training from scratch."""
        super()._init_weights(module)
        if isinstance(module, VisionTransformer):
            scale = module.class_embedding.shape[-1] ** -0.5
            init.normal_(module.class_embedding, std=scale)
            init.normal_(module.positional_embedding, std=scale)
            init.normal_(module.proj, std=scale)
        elif isinstance(module, VisionAttention):
            init.xavier_uniform_(module.in_proj_weight)
            init.zeros_(module.in_proj_bias)


AutoConfig.register(CxrLlavaConfig.model_type, CxrLlavaConfig)
AutoModel.register(CxrLlavaConfig, CxrLlavaForReportGeneration)
AutoModelForImageTextToText.register(CxrLlavaConfig, CxrLlavaForReportGeneration)
