"""A real model of transformers writes, loaded here and behind a real server."""

import json

import pytest
from PIL import Image

from inference.endpoint import Endpoint
from inference.selftest import phantom_images, run_self_test
from inference.writers.endpoint import EndpointMaking, EndpointWriter
from inference.writers.image_text import ImageTextMaking, load_writer
from inference.writers.writing import Asked, Picture, Written
from tests.inference.tiny_llava import make_tiny_llava, served


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return make_tiny_llava(tmp_path_factory.mktemp("llava"))


def pictures(count=3):
    images = list(phantom_images(count).values())
    return [Picture(place, image.copy) for place, image in enumerate(images)]


def test_a_model_by_its_folder_writes_about_what_it_sees(checkpoint):
    made = ImageTextMaking(str(checkpoint), max_new_tokens=12, system="Be brief.")
    writer = load_writer(made, device="cpu")
    found = list(writer.write(pictures()))
    assert all(isinstance(each, Written) for each in found)
    assert len({each.text for each in found}) > 1
    assert [each.text for each in writer.write(pictures())] == [
        each.text for each in found
    ]
    assert found[0].making["new_tokens"] == 12
    assert found[0].making["finish"] == "length"
    kept = writer.provenance()
    assert kept["revision"] == made.revision
    assert [each["role"] for each in kept["prompt"]] == ["system", "user"]
    json.dumps(kept)


def test_prompt_settings_and_every_file_belong_to_the_fingerprint(checkpoint):
    made = ImageTextMaking(str(checkpoint))
    before = made.fingerprint
    assert ImageTextMaking(str(checkpoint), prompt="Look.").fingerprint != before
    assert ImageTextMaking(str(checkpoint), max_new_tokens=9).fingerprint != before
    template = checkpoint / "chat_template.jinja"
    words = template.read_text()
    template.write_text(words + " ")
    assert made.fingerprint != before
    template.write_text(words)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"config.json": '{"model_type": "llama"}'}, "no image-text-to-text model"),
        ({"config.json": "{"}, "no image-text-to-text model"),
        ({"chat_template.jinja": None}, "no chat template"),
        ({"model.safetensors": None}, "no image-text-to-text model"),
    ],
)
def test_what_cannot_write_is_told(tmp_path, changed, sentence):
    folder = make_tiny_llava(tmp_path / "broken")
    for name, content in changed.items():
        (folder / name).unlink()
        if content is not None:
            (folder / name).write_text(content)
    with pytest.raises(ValueError, match=sentence):
        load_writer(ImageTextMaking(str(folder)), device="cpu")


@pytest.mark.slow
def test_a_real_server_writes_about_what_it_is_sent(checkpoint, tmp_path):
    with served(checkpoint, tmp_path / "log") as url:
        made = EndpointMaking(url, str(checkpoint), max_tokens=12, largest_side=256)
        writer = EndpointWriter(made, Endpoint(url, str(checkpoint), key=""))
        found = {each.key: each for each in writer.write(pictures())}
        assert len({each.text for each in found.values()}) > 1
        again = {each.key: each.text for each in writer.write(pictures())}
        assert again == {key: each.text for key, each in found.items()}
        making = found[0].making
        assert (making["new_tokens"], making["finish"]) == (12, "length")
        assert making["prompt_tokens"] > 16
        images = phantom_images(3)
        outcome = run_self_test(Asked(writer), list(images.values()), list(images))
    # It is noise, but noise that follows the pixels.
    assert str(outcome.verdict) in {"looks", "untold"}


def test_a_picture_of_colours_or_none_is_shown_in_grey(checkpoint):
    writer = load_writer(
        ImageTextMaking(str(checkpoint), max_new_tokens=4), device="cpu"
    )
    (found,) = writer.write([Picture("one", lambda: Image.new("L", (50, 70), 90))])
    assert found.text
