"""The image encoder: a vision transformer whose patch tokens all reach the language.

Module and parameter names are those of the released checkpoint. It keeps a fused
query-key-value projection, a LayerNorm before the blocks and one after them that is
applied to every token, and an unused projection of the class token.
"""

# transformers is only partly annotated.
# mypy: allow-untyped-calls

import torch
from torch import nn
from torch.nn import functional
from transformers.modeling_layers import GradientCheckpointingLayer

from inference.cxr_llava.configuration import VisionSettings


class VisionAttention(nn.Module):
    """Self-attention over all tokens, [B, N, W] to [B, N, W]."""

    def __init__(self, settings: VisionSettings) -> None:
        super().__init__()
        self.heads = settings.heads
        width = settings.width
        self.in_proj_weight = nn.Parameter(torch.empty(3 * width, width))
        self.in_proj_bias = nn.Parameter(torch.empty(3 * width))
        self.out_proj = nn.Linear(width, width)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Attend from every token to every token, scaled by 1/sqrt(head width)."""
        batch, count, width = tokens.shape
        fused = functional.linear(tokens, self.in_proj_weight, self.in_proj_bias)
        split = fused.view(batch, count, 3, self.heads, width // self.heads)
        query, key, value = split.permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(query, key, value)
        output: torch.Tensor = self.out_proj(mixed.transpose(1, 2).flatten(2))
        return output


class VisionMlp(nn.Module):
    """Two linear layers with the exact (erf) GELU between them."""

    def __init__(self, settings: VisionSettings) -> None:
        super().__init__()
        self.c_fc = nn.Linear(settings.width, settings.mlp_width)
        self.c_proj = nn.Linear(settings.mlp_width, settings.width)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Return the transformed tokens, [B, N, W]."""
        output: torch.Tensor = self.c_proj(functional.gelu(self.c_fc(tokens)))
        return output


class VisionBlock(GradientCheckpointingLayer):
    """One pre-norm block."""

    def __init__(self, settings: VisionSettings) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(settings.width)
        self.attn = VisionAttention(settings)
        self.ln_2 = nn.LayerNorm(settings.width)
        self.mlp = VisionMlp(settings)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Return the tokens after attention and MLP, [B, N, W]."""
        tokens = tokens + self.attn(self.ln_1(tokens))
        output: torch.Tensor = tokens + self.mlp(self.ln_2(tokens))
        return output


class VisionBlocks(nn.Module):
    """The stack of blocks, under the name that the checkpoint gives it."""

    def __init__(self, settings: VisionSettings) -> None:
        super().__init__()
        self.resblocks = nn.ModuleList(
            VisionBlock(settings) for _ in range(settings.layers)
        )

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Return the tokens after the last block, [B, N, W]."""
        for block in self.resblocks:
            tokens = block(tokens)
        return tokens


class VisionTransformer(nn.Module):
    """Radiographs to patch tokens.

    `proj` maps the class token to the space of contrastive training. Report generation
    never reads it; it stays so that a checkpoint loads and saves whole.
    """

    def __init__(self, settings: VisionSettings, embed_dim: int) -> None:
        super().__init__()
        width, patch = settings.width, settings.patch_size
        self.class_embedding = nn.Parameter(torch.empty(width))
        self.positional_embedding = nn.Parameter(
            torch.empty(settings.patches + 1, width)
        )
        self.proj = nn.Parameter(torch.empty(width, embed_dim))
        self.conv1 = nn.Conv2d(1, width, kernel_size=patch, stride=patch, bias=False)
        self.ln_pre = nn.LayerNorm(width)
        self.transformer = VisionBlocks(settings)
        self.ln_post = nn.LayerNorm(width)
        self.image_size = settings.image_size

    def all_tokens(self, pixel_values: torch.Tensor) -> torch.Tensor:
        """Return [B, 1+P, W] after `ln_post`, the class token first."""
        if pixel_values.dim() != 4 or pixel_values.shape[1:] != (
            1,
            self.image_size,
            self.image_size,
        ):
            raise ValueError(
                f"Pixel values must have the shape [batch, 1, {self.image_size}, "
                f"{self.image_size}], not {list(pixel_values.shape)}."
            )
        pixels = pixel_values.to(self.conv1.weight.dtype)
        patches = self.conv1(pixels).flatten(2).transpose(1, 2)
        first = self.class_embedding.expand(len(patches), 1, -1)
        tokens = torch.cat([first, patches], dim=1) + self.positional_embedding
        output: torch.Tensor = self.ln_post(self.transformer(self.ln_pre(tokens)))
        return output

    def forward(self, pixel_values: torch.Tensor) -> torch.Tensor:
        """Return the patch tokens [B, P, W], row by row; the class token is dropped."""
        return self.all_tokens(pixel_values)[:, 1:]
