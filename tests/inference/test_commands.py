"""`python -m inference report|ask`: answers a line each, refusals in a sentence."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from inference.__main__ import main
from inference.phantom.dicom import write_dicom
from inference.phantom.phantom import draw, render_8bit

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def images(tmp_path_factory) -> list[str]:
    """Two drawn radiographs as files."""
    folder = tmp_path_factory.mktemp("images")
    paths = [folder / f"{seed}.png" for seed in (1, 5)]
    for path in paths:
        Image.fromarray(render_8bit(draw(int(path.stem), size=160))).save(path)
    return [str(path) for path in paths]


def lines_of(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_each_radiograph_gets_one_line_with_its_provenance(images, tmp_path, capsys):
    out = tmp_path / "reports.jsonl"
    assert main(["report", "--images", *images, "--out", str(out)]) == 0
    first, second = lines_of(out)
    assert [first["image"], second["image"]] == images
    assert str(first["text"]).endswith(".") and first["finish"] == "stop"
    assert first["provenance"]["decoding"] == {  # type: ignore[index]
        "do_sample": False,
        "max_new_tokens": 512,
    }
    assert first["fingerprint"] == second["fingerprint"]
    assert capsys.readouterr().out == ""


def test_a_stopped_run_goes_on_and_ends_as_an_unbroken_one(images, tmp_path):
    whole, cut = tmp_path / "whole.jsonl", tmp_path / "cut.jsonl"
    assert main(["report", "--images", *images, "--out", str(whole)]) == 0
    assert main(["report", "--images", images[0], "--out", str(cut)]) == 0
    with cut.open("a") as stream:
        stream.write('{"image": "half a li')
    assert main(["report", "--images", *images, "--out", str(cut)]) == 0
    said = [
        [(line["image"], line["text"]) for line in lines_of(each)]
        for each in (whole, cut)
    ]
    assert said[0] == said[1]


def test_answers_of_another_question_are_not_mixed_in(images, tmp_path, capsys):
    out = tmp_path / "answers.jsonl"
    ask = ["ask", "--images", images[0], "--out", str(out), "--question"]
    assert main([*ask, "Is there edema?"]) == 0
    before = out.read_text()
    assert main([*ask, "Is there a nodule?"]) == 2
    assert "another checkpoint, question or setting" in capsys.readouterr().err
    assert out.read_text() == before


def test_a_bad_image_is_named_and_the_rest_goes_on(images, tmp_path, capsys):
    broken, dicom = tmp_path / "broken.png", tmp_path / "film.dcm"
    broken.write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    write_dicom(draw(1, size=64), dicom)
    absent = tmp_path / "absent.png"
    out = tmp_path / "reports.jsonl"
    words = [str(broken), images[0], str(dicom), str(absent)]
    assert main(["report", "--images", *words, "--out", str(out)]) == 1
    errors = {line["image"]: line.get("error") for line in lines_of(out)}
    assert errors[images[0]] is None
    assert "cannot be read as a picture" in str(errors[str(broken)])
    assert "import_dicom" in str(errors[str(dicom)])
    assert "no such file" in str(errors[str(absent)])
    assert "3 of 4 images failed" in capsys.readouterr().err


def test_images_together_get_the_reports_that_each_gets_alone(images, tmp_path):
    texts = []
    for size in ("1", "2"):
        out = tmp_path / f"{size}.jsonl"
        words = ["report", "--images", *images, "--batch", size, "--out", str(out)]
        assert main(words) == 0
        texts.append([line["text"] for line in lines_of(out)])
    assert texts[0] == texts[1]


def test_chance_begins_anew_from_its_seed_for_every_image(images, tmp_path):
    def texts(name: str, seed: str, batch: str) -> list[object]:
        out = tmp_path / name
        chance = ["--temperature", "1.5", "--seed", seed, "--max-new-tokens", "30"]
        words = ["report", "--images", *images, "--batch", batch, "--out", str(out)]
        assert main([*words, *chance]) == 0
        return [line["text"] for line in lines_of(out)]

    assert texts("a", "3", "1") == texts("b", "3", "2")
    assert texts("c", "3", "1") != texts("d", "4", "1")


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--checkpoint", "nowhere/at/all"], "There is no checkpoint folder"),
        (["--temperature", "-1"], "temperature must be 0"),
        (["--device", "toaster"], "no kind of device toaster"),
    ],
)
def test_what_cannot_work_is_refused_at_once(images, capsys, more, sentence):
    assert main(["report", "--images", images[0], *more]) == 2
    assert sentence in capsys.readouterr().err


def test_help_does_not_wait_for_torch():
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "inference", "report", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "--images" in done.stdout
    assert "torch" not in done.stderr


def test_an_empty_question_is_not_put(images, capsys):
    assert main(["ask", "--question", "  ", "--images", images[0]]) == 2
    assert "question is empty" in capsys.readouterr().err


def test_no_images_at_a_time_are_none(images, capsys):
    with pytest.raises(SystemExit):
        main(["report", "--images", images[0], "--batch", "0"])
    assert "must be 1 or more" in capsys.readouterr().err
