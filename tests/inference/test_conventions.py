"""The model as users of transformers expect one: load, save, move, copy, generate."""

import copy
import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForImageTextToText,
    AutoProcessor,
    AutoTokenizer,
    BitsAndBytesConfig,
    GenerationConfig,
    TextIteratorStreamer,
)
from transformers.utils import is_bitsandbytes_available

from inference.commands.bench import RELEASED_LLAMA, RELEASED_VISION
from inference.commands.evaluate import BUNDLED
from inference.cxr_llava import (
    CxrLlavaConfig,
    CxrLlavaForReportGeneration,
    CxrLlavaProcessor,
    CxrLlavaTokenizer,
)
from tests.inference.parity.references import (
    NEW_TOKENS,
    VECTORS,
    Reference,
    model_of,
    processor_of,
)

A = Reference(VECTORS / "A", "fp32")
ROUNDED = Reference(VECTORS / "A", "bf16")
SHARDED = Reference(VECTORS / "A", "fp32_sharded")
KEY = "report__square"
# Their prompts have 270, 166 and 343 tokens.
KEYS = [KEY, "ask__wide", "multi_turn__tall"]
ANSWER = A.cases[KEY]["greedy_cache"]


@pytest.fixture(scope="module")
def model():
    return model_of(A)


@pytest.fixture(scope="module")
def batch():
    return A.batch(KEY)


@pytest.fixture(scope="module")
def batch_of_three():
    return A.batch(*KEYS)


def greedy(model, batch, **more):
    return model.generate(
        **batch, **{"do_sample": False, "max_new_tokens": NEW_TOKENS, **more}
    )


def stored_weights(folder: Path) -> dict[str, torch.Tensor]:
    found = {}
    for path in sorted(folder.glob("*.safetensors")):
        found |= load_file(path)
    return found


def assert_same_weights(
    found: dict[str, torch.Tensor], wanted: dict[str, torch.Tensor]
) -> None:
    assert set(found) == set(wanted)
    for name, values in wanted.items():
        assert found[name].dtype == values.dtype, name
        assert torch.equal(found[name], values), name


def test_the_auto_classes_find_ours():
    assert type(AutoConfig.from_pretrained(A.checkpoint)) is CxrLlavaConfig
    for auto in (AutoModel, AutoModelForImageTextToText):
        found = auto.from_pretrained(A.checkpoint)
        assert type(found) is CxrLlavaForReportGeneration
    assert type(AutoProcessor.from_pretrained(A.checkpoint)) is CxrLlavaProcessor


def test_the_auto_tokenizer_gives_the_ids_of_the_reference():
    """The checkpoint names LlamaTokenizer, whose ids would be others."""
    tokenizer = AutoTokenizer.from_pretrained(A.checkpoint)
    assert type(tokenizer) is CxrLlavaTokenizer
    case = A.cases[KEY]
    before, _ = case["rendered"].split("<image>")
    wanted = case["input_ids"][: case["input_ids"].index(-200)]
    assert tokenizer.encode_piece(before) == wanted


@pytest.mark.parametrize("reference", [A, ROUNDED, SHARDED], ids=str)
def test_saved_is_what_was_loaded(reference, tmp_path):
    model = CxrLlavaForReportGeneration.from_pretrained(
        reference.checkpoint, dtype="auto"
    )
    assert model.dtype == reference.dtype
    shards = {"max_shard_size": "300KB"} if reference is SHARDED else {}
    model.save_pretrained(tmp_path, **shards)
    assert (len(list(tmp_path.glob("*.safetensors"))) > 2) == bool(shards)
    assert_same_weights(stored_weights(tmp_path), stored_weights(reference.checkpoint))
    again = AutoModel.from_pretrained(tmp_path, dtype="auto")
    assert_same_weights(again.state_dict(), model.state_dict())
    configs = [one.config.to_diff_dict() for one in (again, model)]
    for config in configs:
        config.pop("_name_or_path", None)
    assert configs[0] == configs[1]


def test_a_saved_processor_prepares_the_same(tmp_path):
    processor_of(A).save_pretrained(tmp_path)
    again = AutoProcessor.from_pretrained(tmp_path)
    case, wanted = A.cases[KEY], A.batch(KEY)
    found = again(images=A.picture(case["image"]), conversations=case["chat"])
    assert all(torch.equal(found[name], values) for name, values in wanted.items())
    assert type(AutoTokenizer.from_pretrained(tmp_path)) is CxrLlavaTokenizer


def test_a_tied_head_is_stored_once_and_tied_again(tmp_path):
    CxrLlavaForReportGeneration.from_pretrained(BUNDLED).save_pretrained(tmp_path)
    stored = stored_weights(tmp_path)
    assert_same_weights(stored, stored_weights(BUNDLED))
    assert "lm_head.weight" not in stored
    again = CxrLlavaForReportGeneration.from_pretrained(tmp_path)
    assert again.lm_head.weight is again.llama.embed_tokens.weight


def test_the_released_shape_has_the_released_keys():
    config = CxrLlavaConfig(clip_vision_cfg=RELEASED_VISION, llama=RELEASED_LLAMA)
    with torch.device("meta"):
        weights = CxrLlavaForReportGeneration(config).state_dict()
    assert len(weights) == 589
    assert sum(one.numel() for one in weights.values()) == 7_046_371_328
    for name, shape in (
        ("llama.embed_tokens.weight", [32000, 4096]),
        ("llama.layers.31.self_attn.q_proj.weight", [4096, 4096]),
        ("llama.layers.0.mlp.down_proj.weight", [4096, 11008]),
        ("llama.norm.weight", [4096]),
        ("lm_head.weight", [32000, 4096]),
        ("mm_projector.bias", [4096]),
        ("vision_tower.class_embedding", [1024]),
        ("vision_tower.positional_embedding", [1025, 1024]),
        ("vision_tower.proj", [1024, 128]),
        ("vision_tower.conv1.weight", [1024, 1, 16, 16]),
        ("vision_tower.ln_post.bias", [1024]),
        ("vision_tower.transformer.resblocks.23.attn.in_proj_weight", [3072, 1024]),
        ("vision_tower.transformer.resblocks.0.mlp.c_proj.weight", [1024, 4096]),
    ):
        assert list(weights[name].shape) == shape, name


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("auto", torch.bfloat16),
        (torch.float32, torch.float32),
        ("float16", torch.float16),
    ],
)
def test_the_type_asked_for_is_the_type_given(asked, given):
    model = CxrLlavaForReportGeneration.from_pretrained(ROUNDED.checkpoint, dtype=asked)
    assert {one.dtype for one in model.parameters()} == {given}
    assert model.llama.rotary_emb.inv_freq.dtype == torch.float32


@pytest.mark.parametrize("device_map", ["cpu", "auto", {"": "cpu"}])
def test_a_device_map_on_the_cpu(device_map, batch):
    model = CxrLlavaForReportGeneration.from_pretrained(
        A.checkpoint, device_map=device_map
    )
    assert model.device.type == "cpu"
    assert greedy(model, batch)[0].tolist() == ANSWER


@pytest.mark.parametrize(
    "device_map",
    [
        {"vision_tower": "disk", "mm_projector": "cpu", "llama": "cpu", "lm_head": 0},
        {"vision_tower": 0, "mm_projector": "disk", "llama": "disk", "lm_head": 0},
    ],
    ids=["encoder", "language"],
)
def test_weights_that_do_not_fit_are_read_from_disk(device_map, batch, tmp_path):
    on_cpu = {name: "cpu" if at == 0 else at for name, at in device_map.items()}
    model = CxrLlavaForReportGeneration.from_pretrained(
        A.checkpoint, device_map=on_cpu, offload_folder=tmp_path
    )
    assert any(one.device.type == "meta" for one in model.parameters())
    assert greedy(model, batch)[0].tolist() == ANSWER


def test_copies_write_the_same(batch):
    # One of its own: transformers hangs what it cannot pickle on a model whose hidden
    # states were asked for.
    model = CxrLlavaForReportGeneration.from_pretrained(A.checkpoint)
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert greedy(twin, batch)[0].tolist() == ANSWER
    processor = processor_of(A)
    for twin in (copy.deepcopy(processor), pickle.loads(pickle.dumps(processor))):
        assert twin.encode_text("<s>[INST] a [/INST]") == processor.encode_text(
            "<s>[INST] a [/INST]"
        )


@pytest.mark.parametrize("attention", ["eager", "sdpa"])
def test_both_kinds_of_attention_write_the_same(attention, batch_of_three):
    model = CxrLlavaForReportGeneration.from_pretrained(
        A.checkpoint, attn_implementation=attention
    )
    assert model.llama.config._attn_implementation == attention
    assert greedy(model, batch_of_three)[0].tolist() == ANSWER


@pytest.mark.parametrize(
    ("more", "shape"),
    [
        ({"max_new_tokens": 5}, (3, 5)),
        ({"generation_config": GenerationConfig(max_new_tokens=4)}, (3, 4)),
        # Longest prompt 343, its image 16 rows.
        ({"max_length": 343 - 1 + 16 + 6}, (3, 6)),
        ({"max_new_tokens": 5, "num_beams": 3}, (3, 5)),
        ({"max_new_tokens": 5, "num_beams": 3, "num_return_sequences": 2}, (6, 5)),
        ({"max_new_tokens": 5, "do_sample": True, "num_return_sequences": 2}, (6, 5)),
        ({"max_new_tokens": 5, "use_cache": False}, (3, 5)),
        ({"max_new_tokens": 5, "bad_words_ids": [[275]]}, (3, 5)),
        ({"max_new_tokens": 5, "stopping_criteria": [lambda ids, _: True]}, (3, 1)),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_generate_takes_what_users_give_it(model, batch_of_three, more, shape):
    torch.manual_seed(0)
    assert tuple(model.generate(**batch_of_three, **more).shape) == shape


def test_one_beam_is_no_worse_than_greedy_and_several_are_no_worse_than_one(
    model, batch
):
    scores = [
        model.generate(
            **batch,
            num_beams=beams,
            max_new_tokens=6,
            length_penalty=0.0,
            return_dict_in_generate=True,
            output_scores=True,
        ).sequences_scores.item()
        for beams in (2, 6)
    ]
    assert scores[1] >= scores[0] - 1e-4


def test_beams_end_where_each_prompt_ends_its_room(batch_of_three):
    config = CxrLlavaConfig.from_pretrained(A.checkpoint)
    config.max_position_embeddings = 350  # the context length, on the outer level
    model = CxrLlavaForReportGeneration.from_pretrained(A.checkpoint, config=config)
    assert model.room_for_answer(batch_of_three["attention_mask"]).tolist() == [
        79,
        183,
        6,
    ]
    alone = greedy(model, A.batch(KEYS[2]), max_new_tokens=60)
    assert alone.shape == (1, 6)
    written = greedy(model, batch_of_three, max_new_tokens=60)
    assert written[2, :6].tolist() == alone[0].tolist()
    assert set(written[2, 6:].tolist()) == {0}
    several = greedy(model, batch_of_three, max_new_tokens=60, num_beams=2)
    assert several.shape[0] == 3


def test_scores_and_states_are_returned_if_asked(model, batch):
    written = greedy(
        model,
        batch,
        return_dict_in_generate=True,
        output_scores=True,
        output_hidden_states=True,
    )
    assert written.sequences[0].tolist() == ANSWER
    assert len(written.scores) == len(written.hidden_states) == NEW_TOKENS


def test_a_streamer_hears_what_is_written(model, batch):
    processor = processor_of(A)
    streamer = TextIteratorStreamer(
        processor.tokenizer, skip_prompt=True, skip_special_tokens=True
    )
    greedy(model, batch, streamer=streamer)
    assert "".join(streamer) == processor.streamed_text(ANSWER)


def test_a_cache_of_fixed_shape_writes_the_same(model, batch):
    fixed = {"cache_implementation": "static", "disable_compile": True}
    assert greedy(model, batch, **fixed)[0].tolist() == ANSWER


def test_a_tuple_is_returned_if_asked(model, batch):
    with torch.inference_mode():
        logits, *_ = model(**batch, return_dict=False)
        assert torch.equal(logits, model(**batch).logits)


def test_more_words_leave_the_old_ones_alone(batch):
    model = CxrLlavaForReportGeneration.from_pretrained(A.checkpoint)
    before = model.lm_head.weight.detach().clone()
    model.resize_token_embeddings(len(before) + 8, mean_resizing=False)
    assert model.config.get_text_config().vocab_size == len(before) + 8
    assert torch.equal(model.lm_head.weight[: len(before)], before)
    assert model.llama.embed_tokens.weight.shape == model.lm_head.weight.shape


@pytest.mark.parametrize("saved_memory", [False, True])
def test_every_weight_but_the_unused_one_learns(saved_memory):
    model = CxrLlavaForReportGeneration.from_pretrained(A.checkpoint).train()
    if saved_memory:
        model.activation_checkpointing_enable()
    batch = A.batch(*KEYS)
    labels = batch["input_ids"].masked_fill(batch["attention_mask"] == 0, -100)
    labels[labels < 0] = -100
    loss = model(**batch, labels=labels).loss
    loss.backward()
    assert loss.item() > 0
    still = {
        name
        for name, one in model.named_parameters()
        if one.grad is None or not one.grad.abs().sum() > 0
    }
    assert still == {"vision_tower.proj"}


@pytest.mark.parametrize("bits", ["load_in_8bit", "load_in_4bit"])
def test_fewer_bits_work_or_name_the_package_that_is_missing(bits, model, batch):
    asked = BitsAndBytesConfig(**{bits: True})
    if not is_bitsandbytes_available():
        with pytest.raises(ImportError, match="bitsandbytes"):
            AutoModel.from_pretrained(A.checkpoint, quantization_config=asked)
        return
    small = AutoModel.from_pretrained(A.checkpoint, quantization_config=asked)
    assert small.get_memory_footprint() < model.get_memory_footprint() / 2
    assert greedy(small, batch).shape[0] == 1
