"""Checkpoints that are not what they should be: one sentence each, and exit status 2.

Every story damages a copy of one of the reference's tiny checkpoints and asks the
command line for a report. The sentence names the file at fault and what to do about it.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from huggingface_hub import constants
from safetensors.torch import load_file, save_file
from sentencepiece import SentencePieceTrainer

from inference.__main__ import main
from inference.engine import load_engine
from tests.inference.parity.references import VECTORS

WHOLE = "model.safetensors"
INDEX = "model.safetensors.index.json"
SECOND = "model-00002-of-00002.safetensors"
IMAGE = VECTORS / "A" / "images" / "square.png"
HEAD = "lm_head.weight"
QUERY = "llama.layers.1.self_attn.q_proj.weight"
Damage = Callable[[Path], None]


def weights_changed(change: Callable[[dict[str, torch.Tensor]], object]) -> Damage:
    def damage(folder: Path) -> None:
        tensors = load_file(folder / WHOLE)
        change(tensors)
        save_file(tensors, folder / WHOLE, metadata={"format": "pt"})

    return damage


def json_changed(name: str, change: Callable[[dict], object]) -> Damage:
    def damage(folder: Path) -> None:
        content = json.loads((folder / name).read_text())
        change(content)
        (folder / name).write_text(json.dumps(content))

    return damage


def written(name: str, content: bytes) -> Damage:
    return lambda folder: (folder / name).write_bytes(content)


def removed(name: str) -> Damage:
    return lambda folder: (folder / name).unlink()


def cut(name: str) -> Damage:
    def damage(folder: Path) -> None:
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[: len(content) // 2])

    return damage


def flipped(name: str, first: int, count: int) -> Damage:
    def damage(folder: Path) -> None:
        content = bytearray((folder / name).read_bytes())
        for place in range(first, first + count):
            content[place] ^= 0xFF
        (folder / name).write_bytes(content)

    return damage


def only_pickles(folder: Path) -> None:
    torch.save(load_file(folder / WHOLE), folder / "pytorch_model.bin")
    (folder / WHOLE).unlink()


def another_vocabulary(folder: Path) -> None:
    text = folder / "text.txt"
    text.write_text("the heart is large\nno effusion\n" * 20)
    SentencePieceTrainer.train(
        input=str(text),
        model_prefix=str(folder / "tokenizer"),
        vocab_size=300,
        byte_fallback=True,
        hard_vocab_limit=False,
        minloglevel=2,
    )


def not_a_number(tensors: dict[str, torch.Tensor]) -> None:
    tensors[QUERY][3, 4] = float("nan")


def layers_of_another(tensors: dict[str, torch.Tensor]) -> None:
    for name in [one for one in tensors if one.startswith("llama.layers.1.")]:
        tensors[name.replace(".1.", ".2.")] = tensors[name].clone()


def in_section(section: str, **values: object) -> Callable[[dict], object]:
    return lambda config: config[section].update(values)


# What was done, and what the sentence must say besides the folder.
TO_WHOLE: dict[str, tuple[Damage, list[str]]] = {
    "header_flipped": (flipped(WHOLE, 8, 64), [WHOLE, "damaged", "copy it anew"]),
    "header_length_flipped": (flipped(WHOLE, 0, 8), [WHOLE, "damaged", "copy it"]),
    "file_cut_short": (cut(WHOLE), [WHOLE, "cut short", "copy it anew"]),
    "empty_file": (written(WHOLE, b""), [WHOLE, "cut short", "copy it anew"]),
    "left_as_a_git_pointer": (
        written(WHOLE, b"version https://git-lfs.github.com/spec/v1\noid sha256:0"),
        [WHOLE, "git lfs pull"],
    ),
    "no_weights": (removed(WHOLE), [WHOLE, INDEX, "copy the weights"]),
    "only_pickles": (only_pickles, ["pytorch_model.bin", "convert them to", WHOLE]),
    "a_weight_is_missing": (
        weights_changed(lambda tensors: tensors.pop(HEAD)),
        [f"lacks the weight {HEAD}", "copy both"],
    ),
    "many_weights_are_missing": (
        weights_changed(
            lambda tensors: [
                tensors.pop(name) for name in list(tensors) if "vision_tower" in name
            ]
        ),
        ["32 weights", "vision_tower.class_embedding", "copy both"],
    ),
    "a_layer_too_many": (
        weights_changed(layers_of_another),
        [WHOLE, "9 weights", "llama.layers.2.input_layernorm.weight", "copy both"],
    ),
    "a_wrong_shape": (
        weights_changed(lambda tensors: tensors.update({HEAD: torch.zeros(300, 64)})),
        [WHOLE, HEAD, "[300, 64]", "[320, 64]", "config.json", "copy both"],
    ),
    "whole_numbers": (
        weights_changed(
            lambda tensors: tensors.update({QUERY: tensors[QUERY].to(torch.int8)})
        ),
        [WHOLE, QUERY, "I8", "float32, float16 or bfloat16"],
    ),
    "not_a_number": (
        weights_changed(not_a_number),
        [WHOLE, QUERY, "no numbers", "copy the checkpoint anew"],
    ),
    "no_config": (removed("config.json"), ["no config.json", "copy it there"]),
    "config_is_no_json": (
        written("config.json", b"{'model_type'"),
        ["config.json", "no JSON", "copy it anew"],
    ),
    "config_is_a_list": (written("config.json", b"[]"), ["model type None"]),
    "another_model": (
        json_changed("config.json", lambda config: config.update(model_type="llava")),
        ["config.json", "'llava'", "'CXR-LLAVA'", "give another folder"],
    ),
    "no_section": (
        json_changed("config.json", lambda config: config.pop("llama")),
        ["config.json", "hidden_size", "llama", "copy it anew"],
    ),
    "no_field": (
        json_changed(
            "config.json", lambda config: config["llama"].pop("num_attention_heads")
        ),
        ["config.json", "num_attention_heads", "copy it anew"],
    ),
    "no_pixel_scale": (
        json_changed(
            "config.json", lambda config: config["image_preprocess_cfg"].pop("std")
        ),
        ["config.json", "std", "copy it anew"],
    ),
    "a_pixel_scale_of_nothing": (
        json_changed("config.json", in_section("image_preprocess_cfg", std=0)),
        ["config.json", "std", "copy it anew"],
    ),
    "the_encoder_of_version_1": (
        json_changed("config.json", in_section("clip_vision_cfg", layers=[3, 4, 6, 3])),
        ["config.json", "layers", "[3, 4, 6, 3]", "whole number"],
    ),
    "a_foreign_encoder": (
        json_changed("config.json", in_section("clip_vision_cfg", ls_init_value=1e-5)),
        ["config.json", "ls_init_value"],
    ),
    "heads_that_do_not_fit": (
        json_changed("config.json", in_section("llama", num_attention_heads=5)),
        ["config.json", "copy it anew"],
    ),
    "text_for_a_number": (
        json_changed("config.json", in_section("llama", hidden_size="64")),
        ["config.json", "hidden_size", "'64'", "whole number"],
    ),
    "an_unknown_activation": (
        json_changed("config.json", in_section("llama", hidden_act="swoosh")),
        ["config.json", "swoosh", "copy it anew"],
    ),
    "quantised_without_the_package": (
        json_changed(
            "config.json",
            lambda config: config.update(
                quantization_config={
                    "quant_method": "bitsandbytes",
                    "load_in_8bit": True,
                }
            ),
        ),
        ["bitsandbytes", "install it"],
    ),
    "no_tokenizer": (removed("tokenizer.model"), ["tokenizer.model", "copy it there"]),
    "tokenizer_cut_short": (
        cut("tokenizer.model"),
        ["tokenizer.model", "copy it anew"],
    ),
    "tokenizer_empty": (
        written("tokenizer.model", b""),
        ["tokenizer.model", "copy"],
    ),
    "another_tokenizer": (
        another_vocabulary,
        ["tokenizer.model", "pieces", "320", "copy both"],
    ),
    "writing_settings_are_no_json": (
        written("generation_config.json", b"{"),
        ["generation_config.json", "copy it anew"],
    ),
    "tokenizer_settings_are_no_json": (
        written("tokenizer_config.json", b"{"),
        ["tokenizer_config.json", "copy it anew"],
    ),
}
TO_SHARDS: dict[str, tuple[Damage, list[str]]] = {
    "shard_missing": (removed(SECOND), [SECOND, INDEX, "copy it there"]),
    "shard_flipped": (flipped(SECOND, 8, 32), [SECOND, "damaged", "copy it anew"]),
    "shard_cut_short": (cut(SECOND), [SECOND, "cut short", "copy it anew"]),
    "shards_exchanged": (
        lambda folder: shutil.copyfile(
            folder / SECOND, folder / SECOND.replace("00002-", "00001-")
        ),
        ["model-00001-of-00002.safetensors", INDEX, "copy both anew"],
    ),
    "index_is_no_json": (written(INDEX, b"{"), [INDEX, "copy it anew"]),
    "index_is_empty": (written(INDEX, b"{}"), [INDEX, "copy it anew"]),
    "index_leads_elsewhere": (
        json_changed(
            INDEX,
            lambda index: index["weight_map"].update(
                {HEAD: "../../secret/model.safetensors"}
            ),
        ),
        [INDEX, "'../../secret/model.safetensors'", "not followed", "you trust"],
    ),
    "index_leads_to_a_pickle": (
        json_changed(
            INDEX, lambda index: index["weight_map"].update({HEAD: "weights.bin"})
        ),
        [INDEX, "'weights.bin'", "not followed"],
    ),
    "index_forgets_a_weight": (
        json_changed(INDEX, lambda index: index["weight_map"].pop(HEAD)),
        [f"lacks the weight {HEAD}", "copy both"],
    ),
}


def said(folder: Path, capfd: pytest.CaptureFixture[str]) -> str:
    """What the command line says of a checkpoint that it cannot use."""
    assert main(["report", "--checkpoint", str(folder), "--images", str(IMAGE)]) == 2
    output, sentence = capfd.readouterr()
    assert output == ""
    assert sentence.count("\n") == 1 and sentence.endswith(".\n")
    assert "Traceback" not in sentence
    return sentence


def copied(kind: str, target: Path) -> Path:
    folder = target / "checkpoint"
    shutil.copytree(VECTORS / "A" / f"checkpoint_{kind}", folder)
    return folder


@pytest.mark.parametrize("story", TO_WHOLE)
def test_a_damaged_checkpoint_is_refused_in_a_sentence(story, tmp_path, capfd):
    damage, words = TO_WHOLE[story]
    folder = copied("fp32", tmp_path)
    damage(folder)
    sentence = said(folder, capfd)
    assert [word for word in (str(folder), *words) if word not in sentence] == []


@pytest.mark.parametrize("story", TO_SHARDS)
def test_damaged_shards_are_refused_in_a_sentence(story, tmp_path, capfd):
    damage, words = TO_SHARDS[story]
    folder = copied("fp32_sharded", tmp_path)
    damage(folder)
    sentence = said(folder, capfd)
    assert [word for word in (str(folder), *words) if word not in sentence] == []


def test_a_file_that_may_not_be_read(tmp_path, capfd, monkeypatch):
    folder = copied("fp32", tmp_path)
    whole = Path.open

    def refused(self, *arguments, **more):
        if self.name == WHOLE:
            raise PermissionError(13, "Permission denied")
        return whole(self, *arguments, **more)

    # The superuser, who runs tests in containers, may read everything.
    monkeypatch.setattr(Path, "open", refused)
    assert "Permission denied" in said(folder, capfd)


def test_old_files_that_hold_the_frequencies_too_are_taken(tmp_path):
    folder = copied("fp32", tmp_path)
    frequencies = {"llama.layers.0.self_attn.rotary_emb.inv_freq": torch.ones(8)}
    weights_changed(lambda tensors: tensors.update(frequencies))(folder)
    assert load_engine(folder, device="cpu").model.dtype == torch.float32


def test_a_hub_id_without_a_network(capfd, monkeypatch, tmp_path):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    words = ["--checkpoint", "somebody/something", "--images", str(IMAGE)]
    assert main(["report", *words]) == 2
    sentence = capfd.readouterr().err
    assert sentence.count("\n") == 1
    assert "somebody/something is not on this machine" in sentence
    assert "give its folder" in sentence
