"""Radiograph to the rows that the language model reads, as the reference has them."""

import numpy as np
import pytest
import torch

from tests.inference.parity.references import (
    REFERENCES,
    arrays,
    assert_close,
    model_of,
    processor_of,
)

IMAGES = [
    pytest.param(reference, image, id=f"{reference}-{image}")
    for reference in REFERENCES
    for image in reference.images
]


def pixels_of(reference, image):
    return processor_of(reference).image_processor(reference.picture(image))[
        "pixel_values"
    ]


@pytest.mark.parametrize(("reference", "image"), IMAGES)
def test_pixels_after_lanczos_crop_and_scaling(reference, image):
    pixels = pixels_of(reference, image)
    assert pixels.dtype == torch.float32
    np.testing.assert_allclose(
        pixels.numpy(),
        arrays(reference, "vision")[f"{image}/pixel_values"],
        rtol=0,
        atol=1e-6,
    )


@pytest.mark.parametrize(("reference", "image"), IMAGES)
def test_patch_tokens_and_their_projection(reference, image):
    wanted, model = arrays(reference, "vision"), model_of(reference)
    pixels = pixels_of(reference, image)
    with torch.inference_mode():
        found = {
            "patch_tokens": model.vision_tower(pixels),
            "projector": model.get_image_features(pixels),
        }
    for part, values in found.items():
        # Of the 16-bit picture the reference gives the pixels alone.
        if f"{image}/{part}" in wanted:
            assert_close(reference, values, wanted[f"{image}/{part}"], atol=1e-5)


@pytest.mark.parametrize("reference", REFERENCES, ids=str)
def test_tokens_after_every_block(reference):
    wanted, tower = arrays(reference, "vision"), model_of(reference).vision_tower
    stages = {"vit_ln_pre": tower.ln_pre}
    for number, block in enumerate(tower.transformer.resblocks):
        stages[f"vit_block_{number}"] = block
    seen = {}
    hooks = [
        stage.register_forward_hook(
            lambda module, given, output, name=name: seen.update({name: output})
        )
        for name, stage in stages.items()
    ]
    with torch.inference_mode():
        tower(pixels_of(reference, "square"))
    for hook in hooks:
        hook.remove()
    for name, values in seen.items():
        if f"square/{name}" in wanted:
            assert_close(reference, values, wanted[f"square/{name}"], atol=1e-5)


@pytest.mark.parametrize("reference", REFERENCES, ids=str)
def test_sixteen_bits_are_refused_beyond_255_and_taken_up_to_it(reference):
    assert "gray16_over255" in reference.tables["errors"]
    with pytest.raises(ValueError, match="16-bit"):
        pixels_of(reference, "gray16_over255")
    assert pixels_of(reference, "gray16_max255").min() < 0
