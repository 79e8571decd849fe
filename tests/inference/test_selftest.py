"""What writes reports must prove that it looks: a source that looks, and sources that
cheat in every way we could think of."""

import hashlib
import json
import random
import shutil

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from inference.__main__ import main
from inference.commands.evaluate import BUNDLED
from inference.phantom.phantom import draw, render_8bit
from inference.selftest import Round, Verdict, phantom_images, run_self_test
from inference.texts import check_texts

WORDS = ("clear", "lungs", "heart", "large", "left", "right", "nodule", "edema")


@pytest.fixture(scope="module")
def images():
    """Six drawn chests."""
    return list(phantom_images(6).values())


def sentence_of(seed, length=12):
    """Some words that belong to a seed."""
    return " ".join(random.Random(seed).choices(WORDS, k=length))


def seen(image):
    """One word for the brightness of each coarse tile."""
    tiles = image.resize((4, 4), Image.Resampling.BOX).tobytes()
    return " ".join(
        f"{WORDS[place % 8]}-{tile // 16}" for place, tile in enumerate(tiles)
    )


def looking(images):
    return [seen(image) for image in images]


def test_a_source_that_looks_passes(images):
    told = []
    outcome = run_self_test(looking, images, progress=lambda *now: told.append(now))
    assert outcome.verdict is Verdict.LOOKS
    assert outcome.figures.follows == 1 and outcome.figures.keeps_name == 0
    assert told == [(6 * number, 42) for number in range(1, 8)]
    assert set(outcome.texts) == set(Round)
    assert json.loads(json.dumps(outcome.as_dict()))["verdict"] == "looks"


def one_text(images):
    return ["The lungs are clear."] * len(images)


def by_place(images):
    return [sentence_of(place) for place in range(len(images))]


def by_name(images):
    return [sentence_of(image.filename) for image in images]


def the_name_itself(images):
    return [f"Report of {image.filename}." for image in images]


def by_size(images):
    return [sentence_of(str(image.size)) for image in images]


def by_name_but_honest_on_blanks(images):
    return [
        sentence_of(image.filename)
        if len(image.getcolors(maxcolors=70_000)) > 1
        else "The image is empty."
        for image in images
    ]


@pytest.mark.parametrize(
    "source",
    [
        one_text,
        by_place,
        by_name,
        the_name_itself,
        by_size,
        by_name_but_honest_on_blanks,
    ],
)
def test_a_source_that_does_not_look_is_caught(images, source):
    cut = [image.crop((0, 0, 400, 400 + place)) for place, image in enumerate(images)]
    for shown in (images, cut):
        assert run_self_test(source, shown).verdict is Verdict.IGNORES


def test_chance_is_not_taken_for_looking(images):
    chance = random.Random(1)

    def by_chance(images):
        return [sentence_of(chance.random(), 30) for _ in images]

    assert run_self_test(by_chance, images).verdict is not Verdict.LOOKS

    def by_chance_and_name(images):
        fixed = [sentence_of(image.filename) for image in images]
        return [f"{text} {sentence_of(chance.random(), 3)}" for text in fixed]

    assert run_self_test(by_chance_and_name, images).verdict is Verdict.IGNORES


def test_chance_does_not_hide_that_a_source_looks(images):
    chance = random.Random(1)

    def sampling(images):
        return [f"{text} {sentence_of(chance.random(), 3)}" for text in looking(images)]

    outcome = run_self_test(sampling, images)
    assert outcome.figures.identical[Round.AGAIN] == 0
    assert outcome.verdict is Verdict.LOOKS


def by_digest(images):
    """A text for each file it knows, another for any that was touched."""
    digests = [hashlib.sha256(image.tobytes()).hexdigest() for image in images]
    return [sentence_of(digest) for digest in digests]


def same_unless_blank(images):
    flat = [len(image.getcolors(maxcolors=70_000)) == 1 for image in images]
    return ["The image is empty." if each else "Clear lungs." for each in flat]


def in_silence(images):
    return [" "] * len(images)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (by_digest, "A change that no eye sees"),
        (same_unless_blank, "get the same report"),
        (in_silence, "No report holds a word"),
    ],
)
def test_what_cannot_be_told_says_why(images, source, reason):
    outcome = run_self_test(source, images)
    assert outcome.verdict is Verdict.UNTOLD
    assert reason in outcome.sentence


def test_equal_images_count_once_and_one_alone_is_no_test(images):
    outcome = run_self_test(looking, [images[0], images[1], images[0]])
    assert outcome.figures.images == 2
    with pytest.raises(ValueError, match="two different ones"):
        run_self_test(looking, [images[0], images[0].copy()])


def test_a_source_must_answer_each_image_once(images):
    with pytest.raises(ValueError, match="6 images were sent and 1 reports came back"):
        run_self_test(lambda images: ["Clear."], images)


@pytest.fixture(scope="module")
def blind(tmp_path_factory):
    """The bundled checkpoint with a projector that lets nothing through."""
    folder = tmp_path_factory.mktemp("blind") / "checkpoint"
    shutil.copytree(BUNDLED, folder)
    weights = load_file(folder / "model.safetensors")
    projector = [name for name in weights if "mm_projector" in name]
    assert projector
    for name in projector:
        weights[name] = torch.zeros_like(weights[name])
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    return folder


@pytest.mark.slow
def test_the_bundled_checkpoint_passes(tmp_path, capsys):
    out = tmp_path / "report.json"
    assert main(["selftest", "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "The source looks at the image: " in said and "flat grey" in said
    stored = json.loads(out.read_text())
    assert stored["verdict"] == "looks"
    assert len(stored["texts"]["first"]) == len(stored["names"]) == 8
    assert stored["figures"]["identical"]["again"] == 1


@pytest.mark.slow
def test_a_checkpoint_whose_projector_is_zero_ignores_the_pixels(
    blind, tmp_path, capsys
):
    paths = []
    for seed in (1, 2, 3):
        paths.append(str(tmp_path / f"{seed}.png"))
        Image.fromarray(render_8bit(draw(seed, size=128))).save(paths[-1])
    words = ["selftest", "--checkpoint", str(blind), "--images", *paths]
    assert main(words) == 1
    said = capsys.readouterr().out
    assert "The source ignores the pixels: 100% of the reports" in said


def test_what_cannot_be_tested_is_refused_in_a_sentence(tmp_path, capsys):
    assert main(["selftest", "--count", "1"]) == 2
    assert "2 or more" in capsys.readouterr().err
    absent = str(tmp_path / "none.png")
    assert main(["selftest", "--images", absent, absent]) == 2
    assert "none.png: There is no such file." in capsys.readouterr().err
    assert main(["selftest", "--checkpoint", "nowhere/at/all"]) == 2
    assert "There is no checkpoint folder" in capsys.readouterr().err


def test_texts_of_their_own_are_not_conspicuous():
    check = check_texts([sentence_of(number) + "." for number in range(9)])
    assert (check.texts, check.distinct, check.flags) == (9, 9, ())


@pytest.mark.parametrize(
    ("texts", "flag"),
    [
        (["Clear."] * 6 + ["Edema.", "Nodule."], "One text stands under 6 of 8 cases."),
        (["Clear.", " \n", "Edema."], "1 of 3 reports are empty."),
        (["Clear.", "The heart is", "A nodule in", "Edema."], "2 of 4 reports break"),
    ],
)
def test_conspicuous_texts_are_flagged_with_their_number(texts, flag):
    (said,) = check_texts(texts).flags
    assert said.startswith(flag)


def test_few_equal_texts_say_nothing():
    assert check_texts(["Clear."] * 3).flags == ()
    assert check_texts([]).flags == ()
