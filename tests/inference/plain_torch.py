"""CXR-LLaVA in plain torch and transformers' own LLaMA, to hold ours against.

The image encoder uses torch's MultiheadAttention, the language model is a
LlamaForCausalLM of the same weights. Nothing of ours takes part.
"""

import torch
from torch import nn
from torch.nn import functional
from transformers import LlamaConfig, LlamaForCausalLM

IMAGE = -200
PAIR, NORMS = ("weight", "bias"), ("ln_1", "ln_2")
# What the released code fills in where the file says nothing.
ABSENT = {"rms_norm_eps": 1e-6, "rope_theta": 10000.0, "max_position_embeddings": 2048}


def random_weights(config: dict) -> dict[str, torch.Tensor]:
    """Weights of the public names and shapes."""
    vision, llama = config["clip_vision_cfg"], config["llama"]
    width, hidden = vision["width"], llama["hidden_size"]
    mlp = int(width * vision.get("mlp_ratio", 4.0))
    side, patch = vision["image_size"] // vision["patch_size"], vision["patch_size"]
    head = hidden // llama["num_attention_heads"]
    narrow = head * llama["num_key_value_heads"]
    shapes = {
        "vision_tower.class_embedding": (width,),
        "vision_tower.positional_embedding": (side**2 + 1, width),
        "vision_tower.proj": (width, config["clip_embed_dim"]),
        "vision_tower.conv1.weight": (width, 1, patch, patch),
        "mm_projector.weight": (hidden, width),
        "mm_projector.bias": (hidden,),
        "llama.embed_tokens.weight": (llama["vocab_size"], hidden),
        "llama.norm.weight": (hidden,),
    }
    for name in ("ln_pre", "ln_post"):
        shapes |= {f"vision_tower.{name}.{part}": (width,) for part in PAIR}
    for layer in range(vision["layers"]):
        at = f"vision_tower.transformer.resblocks.{layer}"
        shapes |= {f"{at}.{ln}.{one}": (width,) for ln in NORMS for one in PAIR}
        shapes |= {
            f"{at}.attn.in_proj_weight": (3 * width, width),
            f"{at}.attn.in_proj_bias": (3 * width,),
            f"{at}.attn.out_proj.weight": (width, width),
            f"{at}.attn.out_proj.bias": (width,),
            f"{at}.mlp.c_fc.weight": (mlp, width),
            f"{at}.mlp.c_fc.bias": (mlp,),
            f"{at}.mlp.c_proj.weight": (width, mlp),
            f"{at}.mlp.c_proj.bias": (width,),
        }
    for layer in range(llama["num_hidden_layers"]):
        at = f"llama.layers.{layer}"
        for name, rows in (
            ("q_proj", hidden),
            ("k_proj", narrow),
            ("v_proj", narrow),
            ("o_proj", hidden),
        ):
            shapes[f"{at}.self_attn.{name}.weight"] = (rows, hidden)
            if llama.get("attention_bias"):
                shapes[f"{at}.self_attn.{name}.bias"] = (rows,)
        for name in ("gate_proj", "up_proj"):
            shapes[f"{at}.mlp.{name}.weight"] = (llama["intermediate_size"], hidden)
        shapes[f"{at}.mlp.down_proj.weight"] = (hidden, llama["intermediate_size"])
        shapes[f"{at}.input_layernorm.weight"] = (hidden,)
        shapes[f"{at}.post_attention_layernorm.weight"] = (hidden,)
    if not llama["tie_word_embeddings"]:
        shapes["lm_head.weight"] = (llama["vocab_size"], hidden)
    chance = torch.Generator().manual_seed(7)
    return {
        name: torch.randn(shape, generator=chance) * (0.3 if len(shape) > 1 else 0.1)
        + (1.0 if "norm" in name or (".ln_" in name and "weight" in name) else 0.0)
        for name, shape in shapes.items()
    }


def patch_tokens(
    config: dict, weights: dict[str, torch.Tensor], pixels: torch.Tensor
) -> torch.Tensor:
    """The image encoder, from torch's own modules: [1, P, W]."""
    vision = config["clip_vision_cfg"]
    width = vision["width"]
    here = {name.removeprefix("vision_tower."): one for name, one in weights.items()}

    def norm(name: str, values: torch.Tensor) -> torch.Tensor:
        parts = [here[f"{name}.{part}"] for part in PAIR]
        return functional.layer_norm(values, (width,), *parts, eps=1e-5)

    patches = functional.conv2d(
        pixels, here["conv1.weight"], stride=vision["patch_size"]
    )
    tokens = torch.cat(
        [here["class_embedding"][None, None], patches.flatten(2).transpose(1, 2)], dim=1
    )
    tokens = norm("ln_pre", tokens + here["positional_embedding"])
    for layer in range(vision["layers"]):
        at = f"transformer.resblocks.{layer}"
        attention = nn.MultiheadAttention(
            width, width // vision.get("head_width", 64), batch_first=True
        )
        attention.load_state_dict(
            {name: here[f"{at}.attn.{name}"] for name in attention.state_dict()}
        )
        normal = norm(f"{at}.ln_1", tokens)
        tokens = tokens + attention(normal, normal, normal, need_weights=False)[0]
        first = functional.linear(
            norm(f"{at}.ln_2", tokens), *(here[f"{at}.mlp.c_fc.{one}"] for one in PAIR)
        )
        tokens = tokens + functional.linear(
            functional.gelu(first), *(here[f"{at}.mlp.c_proj.{one}"] for one in PAIR)
        )
    return norm("ln_post", tokens)[:, 1:]


def language_model(config: dict, weights: dict[str, torch.Tensor]) -> LlamaForCausalLM:
    given = {**ABSENT, **config["llama"]}
    scaling = given.pop("rope_scaling") or {"type": "default"}
    rope = {"rope_type": scaling["type"], "rope_theta": given.pop("rope_theta")}
    if "factor" in scaling:
        rope["factor"] = scaling["factor"]
    model = LlamaForCausalLM(LlamaConfig(**given, rope_parameters=rope)).eval()
    own = {
        name.replace("llama.", "model.", 1): one
        for name, one in weights.items()
        if name.startswith(("llama.", "lm_head."))
    }
    if given["tie_word_embeddings"]:
        own["lm_head.weight"] = own["model.embed_tokens.weight"]
    model.load_state_dict(own)
    return model


def reference_logits(
    config: dict,
    weights: dict[str, torch.Tensor],
    pixels: torch.Tensor,
    ids: list[int],
) -> torch.Tensor:
    """Logits of a prompt with its image, [L, V]."""
    model = language_model(config, weights)
    image = functional.linear(
        patch_tokens(config, weights, pixels),
        *(weights[f"mm_projector.{part}"] for part in PAIR),
    )
    mark = ids.index(IMAGE)
    rows = model.model.embed_tokens(torch.tensor([[max(one, 0) for one in ids]]))
    spliced = torch.cat([rows[:, :mark], image, rows[:, mark + 1 :]], dim=1)
    return model(inputs_embeds=spliced).logits[0]
