"""Prompts, ids and the reference's tables of decoding, stopping, streaming, chance."""

import json

import numpy as np
import pytest
import torch

from inference.cxr_llava import CxrLlavaProcessor, CxrLlavaTokenizer
from inference.cxr_llava.stopping import ends_answer
from inference.cxr_llava.streaming import TextStream
from tests.inference.parity.references import (
    CONFIGURATIONS,
    REFERENCES,
    arrays,
    model_of,
    name_of,
    processor_of,
    read,
)

SAMPLED_KEY = "report__square"
SAMPLING_TABLE = f"sampling_warp_on_first_greedy_step_of_{SAMPLED_KEY}"
TABLES = pytest.mark.parametrize("reference", REFERENCES, ids=str)
EVERY_CONFIGURATION = pytest.mark.parametrize(
    "configuration", CONFIGURATIONS, ids=name_of
)


def checkpoint_of(configuration):
    return min(configuration.glob("checkpoint_*"))


def flags(variant):
    """`legacy=true,use_default_system_prompt=false` as keyword arguments."""
    words = dict(word.split("=") for word in variant.split(","))
    return {name: value == "true" for name, value in words.items()}


@EVERY_CONFIGURATION
def test_ids_under_both_settings_of_legacy(configuration):
    checkpoint = checkpoint_of(configuration)
    for variant, prompts in read(configuration / "tokens.json")["variants"].items():
        processor = CxrLlavaProcessor.from_pretrained(checkpoint)
        processor.tokenizer = CxrLlavaTokenizer(
            str(checkpoint / "tokenizer.model"), **flags(variant)
        )
        for name, prompt in prompts.items():
            assert processor.render(prompt["chat"]) == prompt["rendered"], name
            ids = processor.encode_conversation(prompt["chat"])
            assert ids == prompt["ids"], (variant, name)
            assert ids[:2] == [1, 1]


@EVERY_CONFIGURATION
def test_the_flags_are_the_checkpoints_own(configuration):
    tokenizer = CxrLlavaTokenizer.from_pretrained(checkpoint_of(configuration))
    wanted = read(configuration / "tokens.json")["this_checkpoint"]
    assert {name: getattr(tokenizer, name) for name in wanted} == wanted


@EVERY_CONFIGURATION
def test_an_absent_legacy_flag_means_true(configuration, tmp_path):
    checkpoint = checkpoint_of(configuration)
    settings = read(checkpoint / "tokenizer_config.json")
    kept = {name: value for name, value in settings.items() if name != "legacy"}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(kept))
    model = (checkpoint / "tokenizer.model").read_bytes()
    (tmp_path / "tokenizer.model").write_bytes(model)
    assert CxrLlavaTokenizer.from_pretrained(tmp_path).legacy is True


@EVERY_CONFIGURATION
def test_turns_that_do_not_alternate_are_refused(configuration):
    processor = CxrLlavaProcessor.from_pretrained(checkpoint_of(configuration))
    for refused in read(configuration / "tokens.json")["errors"].values():
        with pytest.raises(ValueError, match="must alternate"):
            processor.render(refused["chat"])


@TABLES
def test_the_stop_rule(reference):
    processor = processor_of(reference)
    criterion = processor.stopping_criterion()
    for row in reference.tables["stop_table"]:
        new = row["new_ids"]
        assert ends_answer(new, processor.decode) == row["stop"], row
        letters = bool(criterion(torch.tensor([new]), None)[0])
        assert (letters or new[-1] == 2) == row["stop"], row


@TABLES
def test_ids_to_text(reference):
    processor = processor_of(reference)
    for row in reference.tables["decode_table"]:
        assert processor.decode(row["ids"]) == row["skip_special"]
        assert processor.decode(row["ids"], False) == row["keep_special"]


@TABLES
def test_text_as_it_is_streamed(reference):
    processor = processor_of(reference)
    for row in reference.tables["stream_table"]:
        pieces = processor.tokenizer.convert_ids_to_tokens(row["ids"])
        assert pieces == row["pieces"]
        assert processor.streamed_text(row["ids"]) == row["streamed"]
        assert processor.decode(row["ids"]) == row["one_shot_decode"]


@TABLES
def test_streamed_pieces_never_change_again(reference):
    processor = processor_of(reference)
    for row in reference.tables["stream_table"]:
        stream, so_far = TextStream(processor.decode), ""
        for number in row["ids"]:
            so_far += stream.put(number)
            assert row["streamed"].startswith(so_far)


@TABLES
def test_chance_is_shaped_in_the_reference_order(reference):
    """Temperature, then the 50 likeliest, then the share of probability."""
    row = arrays(reference, "language")[f"{SAMPLED_KEY}/greedy_step_logits"][:1]
    for wanted in reference.tables[SAMPLING_TABLE]:
        written = model_of(reference).generate(
            **reference.batch(SAMPLED_KEY),
            do_sample=True,
            max_new_tokens=1,
            temperature=wanted["temperature"],
            top_p=wanted["top_p"],
            # The reference's own logits stand in for ours, which may differ a little.
            logits_processor=[lambda ids, scores: torch.tensor(row).to(scores)],
            output_scores=True,
            return_dict_in_generate=True,
        )
        odds = written.scores[0].float().softmax(dim=1)[0]
        kept = odds.nonzero().flatten()
        assert kept.tolist() == wanted["kept_ids"]
        np.testing.assert_allclose(odds[kept].numpy(), wanted["probs"], atol=1e-5)
