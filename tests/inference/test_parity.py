"""The reference's numbers, held on its own tiny checkpoints.

The vectors were computed with the released code on transformers 4.36 (CPU, float32);
vectors/README.md says what they are. PARITY_VECTORS names a folder with more of them.
"""

import json
import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from inference.cxr_llava import CxrLlavaForReportGeneration, CxrLlavaProcessor

VECTORS = Path(
    os.environ.get("PARITY_VECTORS", Path(__file__).resolve().parent / "vectors")
)
NEW_TOKENS = 24
# Those of the configurations at hand that come with weights.
WHOLE = [
    name
    for name in ("A", "B")
    if (VECTORS / name / "checkpoint_fp32" / "model.safetensors").exists()
]


@cache
def loaded(name: str) -> tuple[CxrLlavaForReportGeneration, CxrLlavaProcessor]:
    folder = VECTORS / name / "checkpoint_fp32"
    model = CxrLlavaForReportGeneration.from_pretrained(folder, dtype=torch.float32)
    return model.eval(), CxrLlavaProcessor.from_pretrained(folder)


def expected(name: str, file: str) -> dict[str, np.ndarray]:
    with np.load(VECTORS / name / "expected_fp32" / file) as arrays:
        return {key: arrays[key] for key in arrays}


def cases(name: str) -> dict[str, dict]:
    content = json.loads(
        (VECTORS / name / "expected_fp32" / "cases.json").read_text(encoding="utf-8")
    )
    return content["cases"]


def picture(name: str, image: str) -> Image.Image:
    with Image.open(VECTORS / name / "images" / f"{image}.png") as opened:
        return opened.copy()


def batch_of(name: str, case: dict) -> dict[str, torch.Tensor]:
    _, processor = loaded(name)
    return dict(
        processor(images=[picture(name, case["image"])], conversations=[case["chat"]])
    )


def images_of(name: str) -> list[str]:
    return sorted({key.split("/")[0] for key in expected(name, "vision.npz")})


def test_configuration_a_is_here_whole():
    assert "A" in WHOLE


@pytest.mark.parametrize(
    ("name", "image"), [(name, image) for name in WHOLE for image in images_of(name)]
)
def test_pixels_patch_tokens_and_projection(name, image):
    model, processor = loaded(name)
    wanted = expected(name, "vision.npz")
    pixels = processor.image_processor(picture(name, image))["pixel_values"]
    pixels = torch.as_tensor(np.asarray(pixels)).reshape(1, 1, *pixels[0].shape[-2:])
    with torch.inference_mode():
        tokens = model.vision_tower(pixels)
        features = model.get_image_features(pixels)
    for values, part, tolerance in (
        (pixels, "pixel_values", 1e-6),
        (tokens, "patch_tokens", 1e-5),
        (features, "projector", 1e-5),
    ):
        # Of the 16-bit picture the reference gives the pixels alone.
        if part == "pixel_values" or f"{image}/{part}" in wanted:
            np.testing.assert_allclose(
                values.numpy(), wanted[f"{image}/{part}"], rtol=0, atol=tolerance
            )


@pytest.mark.parametrize(
    ("name", "key"), [(name, key) for name in WHOLE for key in cases(name)]
)
def test_prompt_logits_and_greedy_ids(name, key):
    model, processor = loaded(name)
    case, wanted = cases(name)[key], expected(name, "language.npz")
    assert processor.render(case["chat"]) == case["rendered"]
    batch = batch_of(name, case)
    assert batch["input_ids"][0].tolist() == case["input_ids"]
    with torch.inference_mode():
        logits = model(**batch).logits[0].numpy()
        ids = model.generate(**batch, do_sample=False, max_new_tokens=NEW_TOKENS)
    # The last row of the prompt is the first step of the answer.
    steps = wanted[f"{key}/greedy_step_logits"][:1]
    for tail in (
        wanted.get(f"{key}/logits"),
        wanted.get(f"{key}/logits_last16"),
        steps,
    ):
        if tail is not None:
            np.testing.assert_allclose(logits[-len(tail) :], tail, rtol=0, atol=1e-4)
            assert (logits[-len(tail) :].argmax(axis=1) == tail.argmax(axis=1)).all()
    assert ids[0].tolist()[: len(case["greedy_cache"])] == case["greedy_cache"]


def test_sixteen_bits_are_refused_beyond_255_and_taken_up_to_it():
    _, processor = loaded("A")
    talk = cases("A")["report__square"]["chat"]
    with pytest.raises(ValueError, match="16"):
        processor(images=[picture("A", "gray16_over255")], conversations=[talk])
    processor(images=[picture("A", "gray16_max255")], conversations=[talk])


def test_a_batch_gives_what_each_image_gives_alone():
    model, processor = loaded("A")
    chosen = [case for case in cases("A").values() if case["prompt"] == "report"]
    together = processor(
        images=[picture("A", case["image"]) for case in chosen],
        conversations=[case["chat"] for case in chosen],
    )
    with torch.inference_mode():
        ids = model.generate(**together, do_sample=False, max_new_tokens=NEW_TOKENS)
    for row, case in zip(ids.tolist(), chosen, strict=True):
        assert row[: len(case["greedy_cache"])] == case["greedy_cache"]
