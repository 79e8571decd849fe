"""Many radiographs at once: the same answers, whatever the batch, memory or order."""

import threading

import pytest
import torch
from PIL import Image

from inference.__main__ import main
from inference.batching import Request, answer_many
from inference.commands.evaluate import BUNDLED
from inference.engine import DecodingSettings, load_engine
from inference.phantom.phantom import draw, render_8bit
from inference.prompts import ask_conversation, report_conversation

SETTINGS = DecodingSettings(max_new_tokens=40)


@pytest.fixture(scope="module")
def engine():
    return load_engine(BUNDLED, device="cpu")


@pytest.fixture(scope="module")
def requests():
    """Seven images, questions of three lengths among them."""
    talks = [report_conversation(), ask_conversation("Why?"), report_conversation()]
    images = [Image.fromarray(render_8bit(draw(seed, size=96))) for seed in range(7)]
    return [
        Request(number, lambda image=image: image, talks[number % 3])
        for number, image in enumerate(images)
    ]


def texts(answered):
    return {one.key: one.report.text for one in answered}


def test_answers_do_not_depend_on_the_batch(engine, requests):
    alone = texts(answer_many(engine, requests, settings=SETTINGS, batch=1))
    assert len(alone) == 7 and len(set(alone.values())) > 1
    for batch in (3, 16):
        assert (
            texts(answer_many(engine, requests, settings=SETTINGS, batch=batch))
            == alone
        )


def test_prompts_of_like_length_share_a_batch(engine, requests):
    order = [
        one.key for one in answer_many(engine, requests, settings=SETTINGS, batch=4)
    ]
    assert order == [1, 4, 0, 2, 3, 5, 6]


def test_a_batch_that_does_not_fit_is_halved_until_it_does(engine, requests):
    class Small(type(engine)):
        """The same engine on a device with room for two images."""

        sizes = []

        def answer(self, images, conversations, *, settings):
            self.sizes.append(len(images))
            if len(images) > 2:
                raise torch.OutOfMemoryError("no room")
            return super().answer(images, conversations, settings=settings)

    small = Small(engine.checkpoint, engine.folder, engine.model, engine.processor)
    found = texts(answer_many(small, requests, settings=SETTINGS, batch=5))
    assert found == texts(answer_many(engine, requests, settings=SETTINGS, batch=1))
    assert small.sizes == [5, 2, 2, 2, 1]


def test_no_room_for_a_single_image_is_not_hidden(engine, requests):
    class Full(type(engine)):
        def answer(self, images, conversations, *, settings):
            raise torch.OutOfMemoryError("no room")

    full = Full(engine.checkpoint, engine.folder, engine.model, engine.processor)
    with pytest.raises(torch.OutOfMemoryError):
        list(answer_many(full, requests, settings=SETTINGS, batch=4))


def test_images_of_the_next_batch_are_opened_meanwhile(engine, requests):
    opened = threading.Event()
    image = requests[0].open()

    def second():
        opened.set()
        return image

    class Watching(type(engine)):
        def answer(self, images, conversations, *, settings):
            assert opened.wait(10), "the next image was not opened ahead"
            return super().answer(images, conversations, settings=settings)

    watching = Watching(
        engine.checkpoint, engine.folder, engine.model, engine.processor
    )
    talk = report_conversation()
    both = [Request(0, lambda: image, talk), Request(1, second, talk)]
    assert len(list(answer_many(watching, both, settings=SETTINGS, batch=1))) == 2


def test_an_image_that_cannot_be_opened_takes_nobody_with_it(engine, requests):
    def broken():
        raise ValueError("It is damaged.")

    some = [requests[0], Request("bad", broken, report_conversation()), requests[3]]
    found = {
        one.key: one for one in answer_many(engine, some, settings=SETTINGS, batch=3)
    }
    assert found["bad"].report is None and found["bad"].problem == "It is damaged."
    assert found[0].report.text and found[3].report.text


def test_the_bench_prints_one_row_for_every_batch(capsys):
    words = ["bench", "--batch", "1", "4", "--new-tokens", "8", "--repeat", "1"]
    assert main(words) == 0
    head, columns, *rows = capsys.readouterr().out.splitlines()
    assert "64 image and 96 text tokens" in head
    assert "of the roofline" in columns
    assert [row.split()[0] for row in rows] == ["1", "4"]
    assert all(float(row.split()[3]) > 0 for row in rows)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--new-tokens", "9999"], "Ask for 2 to 1951 new tokens."),
        (["--batch", "4", "0"], "whole numbers from 1"),
        (["--prompt", "0"], "whole numbers from 1"),
        (["--repeat", "0"], "whole numbers from 1"),
    ],
)
def test_the_bench_refuses_what_cannot_be_measured(words, sentence, capsys):
    assert main(["bench", *words]) == 2
    assert sentence in capsys.readouterr().err
