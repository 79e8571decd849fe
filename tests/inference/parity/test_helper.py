"""The reference's own helper from image to text, and the errors that it makes."""

import pytest
import torch

from inference.engine import DecodingSettings, load_engine
from inference.prompts import IMAGE_MARK
from tests.inference.parity.references import (
    EXACT,
    REFERENCES,
    model_of,
    processor_of,
    sure_steps,
)


@pytest.mark.parametrize("reference", EXACT, ids=str)
def test_whole_answers_of_the_engine(reference):
    engine = load_engine(reference.checkpoint, device="cpu")
    for wanted in reference.tables["end_to_end"].values():
        assert wanted["temperature"] == 0
        room = engine.model.config.context_length - wanted["n_prompt_ids"] - 1
        assert min(DecodingSettings().max_new_tokens, room) == wanted["max_new_tokens"]
        answer = engine.answer(
            [reference.picture(wanted["image"])],
            [wanted["chat"]],
            settings=DecodingSettings(),
        )[0]
        assert answer.text == wanted["text"]
        assert answer.new_tokens == len(wanted["ids"])
        assert answer.prompt_tokens == wanted["n_prompt_ids"]
        assert answer.finish == ("stop" if wanted["ids"][-1] == 2 else "length")


@pytest.mark.parametrize(
    "reference", [one for one in REFERENCES if not one.is_exact], ids=str
)
def test_whole_answers_in_bfloat16_up_to_the_first_doubt(reference):
    processor = processor_of(reference)
    for key, wanted in reference.tables["end_to_end"].items():
        assert processor.streamed_text(wanted["ids"]) == wanted["text"]
        assert processor.decode(wanted["ids"]) == wanted["one_shot_decode"]
        sure = sure_steps(reference.cases[key]["margins_cache"])
        with torch.inference_mode():
            ids = model_of(reference).generate(
                **reference.batch(key), do_sample=False, max_new_tokens=sure
            )
        assert ids[0].tolist() == wanted["ids"][:sure]


@pytest.mark.parametrize("reference", REFERENCES, ids=str)
def test_a_turn_without_an_image_is_refused_where_the_reference_crashes(reference):
    assert "text_only_with_image" in reference.tables["errors"]
    processor = processor_of(reference)
    talk = [{"role": "user", "content": "Is there an effusion?"}]
    with pytest.raises(ValueError, match="exactly one radiograph"):
        processor(images=[reference.picture("square")], conversations=[talk])
    rows = processor.pad_rows([processor.encode_conversation(talk)])
    batch = reference.batch(next(iter(reference.cases)))
    with pytest.raises(ValueError, match="exactly one radiograph"):
        model_of(reference)(**rows, pixel_values=batch["pixel_values"])
    with pytest.raises(ValueError, match="needs a conversation and its radiograph"):
        model_of(reference).generate(**rows)


@pytest.mark.parametrize("reference", REFERENCES, ids=str)
def test_a_prompt_that_leaves_no_room_is_refused(reference):
    """The reference writes a single token there."""
    model, processor = model_of(reference), processor_of(reference)

    def batch(words):
        talk = [{"role": "user", "content": f"{IMAGE_MARK}\n{'no ' * words}"}]
        return processor(images=[reference.picture("square")], conversations=[talk])

    one_word = len(batch(2)["input_ids"][0]) - len(batch(1)["input_ids"][0])
    short = len(batch(1)["input_ids"][0])
    # With this many words one token of room is left, and no more.
    most = 1 + (model.config.context_length - 2 - short) // one_word
    with torch.inference_mode():
        ids = model.generate(**batch(most), do_sample=False)
        assert 1 <= ids.shape[1] <= one_word
        with pytest.raises(ValueError, match="too long"):
            model.generate(**batch(most + 1), do_sample=False)
