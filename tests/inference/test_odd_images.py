"""Images as they turn up: the released code's pixel values, or one clear sentence.

The released code takes the luma of whatever Pillow opens and hands it to transformers'
CLIP image processor, which is what ours is compared with here, bit for bit.
"""

import io
import json

import numpy as np
import pytest
from PIL import Image
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from inference.__main__ import main
from inference.cxr_llava import CxrLlavaImageProcessor
from inference.radiographs import open_radiograph
from tests.inference.parity.references import VECTORS

SIZE, MEAN, DEVIATION = 64, 0.5518136078431373, 0.3821719215686275
OURS = CxrLlavaImageProcessor(SIZE, MEAN, DEVIATION)


def noise(height: int, width: int, *more: int) -> np.ndarray:
    chance = np.random.default_rng(height * 1000 + width)
    return chance.integers(0, 256, (height, width, *more), dtype=np.uint8)


GREY = Image.fromarray(noise(80, 90))
COLOUR = Image.fromarray(noise(80, 90, 3))


def released_pixels(image: Image.Image) -> np.ndarray:
    processor = CLIPImageProcessorPil(
        size={"shortest_edge": SIZE},
        crop_size={"height": SIZE, "width": SIZE},
        resample=Image.Resampling.LANCZOS,
        do_convert_rgb=False,
        image_mean=[MEAN],
        image_std=[DEVIATION],
    )
    grey = np.array(image.convert("L"))[..., None]
    return processor(grey, return_tensors="np")["pixel_values"][0]


def encoded(image: Image.Image, kind: str, **more: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **more)
    return stream.getvalue()


def turned_by_the_camera() -> Image.Image:
    notes = Image.Exif()
    notes[0x0112] = 6  # the camera lay on its side
    return Image.open(io.BytesIO(encoded(COLOUR, "JPEG", exif=notes)))


def animated() -> Image.Image:
    later = [Image.fromarray(255 - np.array(GREY))]
    content = encoded(GREY, "GIF", save_all=True, append_images=later)
    return Image.open(io.BytesIO(content))


KINDS = {
    "one_bit": GREY.convert("1"),
    "palette": COLOUR.quantize(16),
    "palette_with_alpha": COLOUR.quantize(16).convert("PA"),
    "grey_with_alpha": Image.merge("LA", (GREY, GREY.rotate(180))),
    "colour": COLOUR,
    "colour_with_alpha": Image.merge("RGBA", (*COLOUR.split(), GREY)),
    "print_colours": COLOUR.convert("CMYK"),
    "video_colours": COLOUR.convert("YCbCr"),
    "hue_and_saturation": COLOUR.convert("HSV"),
    "sixteen_bits_up_to_255": Image.fromarray(noise(80, 90).astype(np.uint16)),
    "sixteen_bits_big_endian": Image.fromarray(noise(80, 90).astype(">u2")),
    "thirty_two_bits": GREY.convert("I"),
    "negative": Image.fromarray(noise(80, 90).astype(np.int32) - 128),
    "fractions": Image.fromarray(noise(80, 90).astype(np.float32) * 0.99),
    "turned_by_the_camera": turned_by_the_camera(),
    "animated": animated(),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_image_gives_the_released_pixels(kind):
    image = KINDS[kind]
    assert np.array_equal(OURS.pixels(image), released_pixels(image))


@pytest.mark.parametrize(
    "shape",
    [(64, 64), (37, 100), (100, 37), (63, 65), (65, 63), (2, 50), (50, 2), (5, 400)],
    ids=str,
)
def test_every_shape_is_cropped_as_released(shape):
    image = Image.fromarray(noise(*shape))
    assert np.array_equal(OURS.pixels(image), released_pixels(image))


def test_a_single_row_or_column_of_pixels():
    """The released code mistakes the one row for a channel; ours takes it as it is."""
    column, row = Image.fromarray(noise(30, 1)), Image.fromarray(noise(30, 1).T)
    wanted = released_pixels(column)
    assert np.array_equal(OURS.pixels(column), wanted)
    assert np.array_equal(OURS.pixels(row)[0].T, wanted[0])


REFUSED = {
    "stripe": (Image.new("L", (1, 501)), "1 x 501 pixels, too long a stripe"),
    "sixteen_bits": (Image.new("I;16", (9, 9), 256), "16-bit image"),
    "large_fractions": (Image.new("F", (9, 9), 1e9), "16-bit image"),
    "no_numbers": (Image.new("F", (9, 9), float("nan")), "no numbers"),
    "lab": (Image.merge("LAB", COLOUR.split()), "kind LAB, which has no grey levels"),
    "empty": (Image.new("L", (0, 5)), "empty"),
    "array": (np.zeros((9, 9), np.uint8), "PIL images, not as ndarray"),
    "path": ("film.png", "PIL images, not as str"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_the_released_code_fails_on_is_refused_in_a_sentence(kind):
    image, sentence = REFUSED[kind]
    with pytest.raises(ValueError, match=sentence):
        OURS([image])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "TIFF"])
def test_a_picture_cut_short_is_refused_in_a_sentence(kind, tmp_path):
    content = encoded(GREY, kind)
    cut = content[: len(content) * 2 // 3]
    with pytest.raises(ValueError, match=r"damaged or cut short .*: copy it anew\.$"):
        OURS(Image.open(io.BytesIO(cut)))
    path = tmp_path / "film"
    path.write_bytes(cut)
    with pytest.raises(ValueError, match="damaged"):
        open_radiograph(path)


def test_odd_files_get_a_report_or_a_sentence_and_the_rest_goes_on(tmp_path, capsys):
    checkpoint = VECTORS / "A" / "checkpoint_fp32"
    files = {
        "palette.png": encoded(KINDS["palette"], "PNG"),
        "alpha.png": encoded(KINDS["colour_with_alpha"], "PNG"),
        "print.jpg": encoded(KINDS["print_colours"], "JPEG"),
        "turned.jpg": encoded(COLOUR, "JPEG"),
        "moving.gif": encoded(GREY, "GIF", save_all=True, append_images=[COLOUR]),
        "cut.jpg": encoded(GREY, "JPEG")[:-500],
        "deep.png": encoded(Image.new("I;16", (9, 9), 999), "PNG"),
        "stripe.png": encoded(Image.new("L", (1, 2000)), "PNG"),
        "text.png": b"not a picture",
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    words = ["report", "--checkpoint", str(checkpoint), "--max-new-tokens", "4"]
    images = [str(tmp_path / name) for name in files]
    for batch in ("1", "9"):
        out = tmp_path / f"{batch}.jsonl"
        assert main([*words, "--batch", batch, "--out", str(out), "--images", *images])
        lines = [json.loads(line) for line in out.read_text().splitlines()]
        failed = {one["image"].rpartition("/")[2] for one in lines if "error" in one}
        assert failed == {"cut.jpg", "deep.png", "stripe.png", "text.png"}
        assert len(lines) == len(files)
    assert "Traceback" not in capsys.readouterr().err
