"""Logits, hidden states and greedy answers, as the reference has them.

float32 is held to 1e-4. bfloat16 is held to 2 % of an array's length, to the choice
wherever the reference's own two best are 0.25 apart and, running freely, to the
same ids up to the first step where they are not.
"""

import numpy as np
import pytest
import torch

from tests.inference.parity.references import (
    EXACT,
    NEW_TOKENS,
    REFERENCES,
    SURE,
    arrays,
    assert_close,
    gap,
    model_of,
    processor_of,
    rows_of_logits,
    sure_steps,
)


def each_case(references):
    return [
        pytest.param(reference, key, id=f"{reference}-{key}")
        for reference in references
        for key in reference.cases
    ]


def greedy(reference, batch, **more):
    with torch.inference_mode():
        return model_of(reference).generate(
            **batch, do_sample=False, max_new_tokens=NEW_TOKENS, **more
        )


@pytest.mark.parametrize(("reference", "key"), each_case(REFERENCES))
def test_the_prompt_is_rendered_and_tokenised_alike(reference, key):
    case = reference.cases[key]
    assert processor_of(reference).render(case["chat"]) == case["rendered"]
    assert reference.batch(key)["input_ids"][0].tolist() == case["input_ids"]


@pytest.mark.parametrize(("reference", "key"), each_case(REFERENCES))
def test_logits_of_the_prompt_and_of_the_reference_answer(reference, key):
    pairs = rows_of_logits(reference, key)
    assert pairs
    for ours, wanted in pairs:
        assert_close(reference, ours, wanted, atol=1e-4)
        agree = ours.argmax(axis=1) == wanted.argmax(axis=1)
        if reference.is_exact:
            assert agree.all()
        else:
            assert agree[gap(wanted) >= SURE].all()
            assert np.abs(ours - wanted).max() <= 4e-2 * np.abs(wanted).max()


@pytest.mark.parametrize(
    "reference", [one for one in REFERENCES if not one.is_exact], ids=str
)
def test_nearly_all_bfloat16_choices_agree(reference):
    agree = np.concatenate(
        [
            ours.argmax(axis=1) == wanted.argmax(axis=1)
            for key in reference.cases
            for ours, wanted in rows_of_logits(reference, key)
        ]
    )
    assert agree.mean() >= 0.95


@pytest.mark.parametrize("reference", REFERENCES, ids=str)
def test_spliced_embeddings_and_hidden_states(reference):
    stored = arrays(reference, "language")
    for name, wanted in stored.items():
        key, part = name.split("/")
        if part not in ("inputs_embeds", "hidden_states"):
            continue
        batch = reference.batch(key)
        with torch.inference_mode():
            if part == "inputs_embeds":
                ours = model_of(reference).splice(**batch)["inputs_embeds"][0]
                assert_close(reference, ours, wanted, atol=1e-5)
            else:
                states = model_of(reference)(**batch, output_hidden_states=True)
                ours = torch.stack(
                    [state[0, -wanted.shape[1] :] for state in states.hidden_states]
                )
                assert_close(reference, ours, wanted, atol=1e-4)


@pytest.mark.parametrize(("reference", "key"), each_case(EXACT))
@pytest.mark.parametrize("cache", [True, False], ids=["cache", "no_cache"])
def test_greedy_answers_in_float32(reference, key, cache):
    case = reference.cases[key]
    written = greedy(
        reference,
        reference.batch(key),
        use_cache=cache,
        return_dict_in_generate=True,
        output_logits=True,
    )
    ids = written.sequences[0].tolist()
    assert ids == case["greedy_cache" if cache else "greedy_no_cache"]
    processor = processor_of(reference)
    assert processor.decode(ids) == case["decoded"]
    assert processor.decode(ids, False) == case["decoded_with_specials"]
    steps = arrays(reference, "language").get(f"{key}/greedy_step_logits")
    if steps is not None:
        ours = torch.cat(written.logits).numpy()
        np.testing.assert_allclose(ours, steps, rtol=0, atol=1e-4)


@pytest.mark.parametrize(
    ("reference", "key"), each_case(one for one in REFERENCES if not one.is_exact)
)
def test_greedy_answers_in_bfloat16_up_to_the_first_doubt(reference, key):
    case = reference.cases[key]
    ids = greedy(reference, reference.batch(key))[0].tolist()
    sure = sure_steps(case["margins_cache"])
    assert sure > 0
    assert ids[:sure] == case["greedy_cache"][:sure]


@pytest.mark.parametrize("reference", REFERENCES, ids=str)
def test_a_batch_of_all_lengths_gives_what_each_gives_alone(reference):
    """In bfloat16, too, up to the first doubt: sums differ with the padding."""
    keys = list(reference.cases)
    for row, key in zip(
        greedy(reference, reference.batch(*keys)).tolist(), keys, strict=True
    ):
        case = reference.cases[key]
        wanted = case["greedy_cache"]
        if not reference.is_exact:
            wanted = wanted[: sure_steps(case["margins_cache"])]
        assert row[: len(wanted)] == wanted


@pytest.mark.parametrize(
    "reference", [one for one in REFERENCES if not one.is_exact], ids=str
)
def test_of_two_equal_bfloat16_logits_the_first_is_taken(reference):
    key = next(iter(reference.cases))
    model, batch = model_of(reference), reference.batch(key)
    best = reference.cases[key]["greedy_cache"][0]
    head = model.lm_head.weight
    before = head.detach().clone()
    first, last = 0, len(head) - 1
    assert first < best < last
    try:
        for twin, taken in ((last, best), (first, first)):
            head.data.copy_(before)
            head.data[twin] = before[best]
            assert greedy(reference, batch)[0, 0] == taken
    finally:
        head.data.copy_(before)


@pytest.mark.parametrize("reference", REFERENCES, ids=str)
def test_rotary_frequencies_stay_float32(reference):
    rope = model_of(reference).llama.rotary_emb
    text = model_of(reference).config.get_text_config()
    size = text.hidden_size // text.num_attention_heads
    theta = text.rope_parameters["rope_theta"]
    wanted = theta ** (-np.arange(0, size, 2) / size)
    assert rope.inv_freq.dtype == torch.float32
    np.testing.assert_allclose(rope.inv_freq.numpy(), wanted, rtol=1e-6)
    cosine, _ = rope(torch.zeros(1, dtype=reference.dtype), torch.tensor([[1100]]))
    assert cosine.dtype == reference.dtype
    exact = np.cos(1100 * wanted)
    rounding = 2**-8 if reference.dtype == torch.bfloat16 else 1e-4
    assert np.abs(cosine[0, 0, : size // 2].float().numpy() - exact).max() <= rounding
