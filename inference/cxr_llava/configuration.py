"""The configuration of CXR-LLaVA v2: reads the public `config.json` unchanged.

The file holds a LLaMA sub-dictionary under `llama`, the image encoder under
`clip_vision_cfg` and one scalar mean and standard deviation for the pixels.
"""

# transformers is only partly annotated.
# mypy: allow-untyped-calls

import math
from dataclasses import dataclass
from typing import Any, cast

from huggingface_hub.dataclasses import strict
from transformers import LlamaConfig, PretrainedConfig
from transformers.configuration_utils import SubConfigSpec

IMAGE_TOKEN_ID = -200
"""Stands for the radiograph among token ids. It is no row of the vocabulary."""

DEFAULT_MAX_POSITIONS = 2048
"""What the reference assumes where the configuration names no length."""

# What transformers 4.36.2, the reference, filled in for a key absent from `llama`.
# Llama-2 files differ in rms_norm_eps (1e-5 or 1e-6), so the file always goes first.
_LLAMA_DEFAULTS: dict[str, Any] = {
    "rms_norm_eps": 1e-6,
    "rope_theta": 10000.0,
    "max_position_embeddings": DEFAULT_MAX_POSITIONS,
}


# Parts of other encoders that the released code's settings could name.
_FOREIGN_PARTS = (
    "attentional_pool",
    "input_patchnorm",
    "ls_init_value",
    "timm_model_name",
)


@dataclass(frozen=True)
class VisionSettings:
    """The image encoder's shape. Pixels are square, sizes in pixels or channels."""

    image_size: int
    patch_size: int
    width: int
    layers: int
    heads: int
    mlp_width: int

    @property
    def patches(self) -> int:
        """Return the number of patch tokens, which the language model sees."""
        return (self.image_size // self.patch_size) ** 2


@strict
class CxrLlavaConfig(PretrainedConfig):
    """Configuration of `CxrLlavaForReportGeneration`.

    `clip_vision_cfg` needs image_size, patch_size, width and layers; head_width (64)
    and mlp_ratio (4) may be given. Raises ValueError where the shape cannot be built.
    """

    model_type = "CXR-LLAVA"
    sub_configs_defaults = {"llama": SubConfigSpec(LlamaConfig)}

    llama: dict[str, Any] | PretrainedConfig | None = None
    clip_vision_cfg: dict[str, Any] | None = None
    image_preprocess_cfg: dict[str, Any] | None = None
    clip_embed_dim: int = 128
    tie_word_embeddings: bool = False

    def __post_init__(self, **kwargs: Any) -> None:
        """Fill what the file leaves out and follow the language model on tying."""
        if self.llama is None or isinstance(self.llama, dict):
            self.llama = LlamaConfig(**_with_llama_defaults(self.llama or {}))
        defaults = {"image_size": 512, "layers": 24, "patch_size": 16, "width": 1024}
        self.clip_vision_cfg = {**defaults, **(self.clip_vision_cfg or {})}
        pixels = {"mean": 0.5518136078431373, "std": 0.3821719215686275}
        self.image_preprocess_cfg = {**pixels, **(self.image_preprocess_cfg or {})}
        _check_scale(self.image_preprocess_cfg)
        self.tie_word_embeddings = bool(self.llama.tie_word_embeddings)
        super().__post_init__(**kwargs)

    @property
    def vision(self) -> VisionSettings:
        """Return the image encoder's shape."""
        given = self.clip_vision_cfg or {}
        width, head_width = int(given["width"]), int(given.get("head_width", 64))
        image_size, patch_size = int(given["image_size"]), int(given["patch_size"])
        foreign = [name for name in _FOREIGN_PARTS if given.get(name)]
        if foreign:
            raise ValueError(
                f"The image encoder has {foreign[0]}, which CXR-LLaVA v2 has not."
            )
        if width < head_width or width % head_width:
            raise ValueError(
                f"The image encoder's width {width} is not a multiple of its head "
                f"width {head_width}."
            )
        if image_size < patch_size:
            raise ValueError(
                f"The image size {image_size} is below the patch size {patch_size}."
            )
        return VisionSettings(
            image_size=image_size,
            patch_size=patch_size,
            width=width,
            layers=int(given["layers"]),
            heads=width // head_width,
            mlp_width=int(width * float(given.get("mlp_ratio", 4.0))),
        )

    @property
    def context_length(self) -> int:
        """Return the length that prompt and answer share, the image counted as one.

        The reference looks this up on the outer configuration, where v2 has none.
        """
        length = getattr(self, "max_position_embeddings", None)
        return DEFAULT_MAX_POSITIONS if length is None else int(length)

    def get_text_config(self, *_: Any, **__: Any) -> LlamaConfig:
        """Return the language model's configuration (`transformers` asks for it)."""
        return cast(LlamaConfig, self.llama)

    def to_dict(self) -> dict[str, Any]:
        """Return the configuration in the public layout, with `rope_theta` by name."""
        content: dict[str, Any] = super().to_dict()
        rope = content["llama"].get("rope_parameters") or {}
        if "rope_theta" in rope:
            content["llama"]["rope_theta"] = rope["rope_theta"]
        return content


def _check_scale(pixels: dict[str, Any]) -> None:
    mean, deviation = pixels["mean"], pixels["std"]
    numbers = all(type(one) in (int, float) for one in (mean, deviation))
    if not numbers or not math.isfinite(mean) or not 0 < deviation < math.inf:
        raise ValueError(
            f"image_preprocess_cfg gives the pixels mean {mean!r} and std "
            f"{deviation!r}, where a number and a number above 0 are needed."
        )


def _with_llama_defaults(llama: dict[str, Any]) -> dict[str, Any]:
    """Return the sub-dictionary with the reference's values for absent keys."""
    filled = {**_LLAMA_DEFAULTS, **llama}
    if llama.get("rope_parameters"):
        filled.pop("rope_theta")
    return filled
