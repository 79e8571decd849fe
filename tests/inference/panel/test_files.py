"""A panel from files, on the command line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from inference.__main__ import main
from inference.identity import file_sha256
from inference.panel import Exchange, Passage
from inference.panel.reading import read_conversation, read_ground_truth
from inference.prompts import (
    DIFFERENTIAL_QUESTION,
    REPORT_QUESTION,
    follow_up,
    report_conversation,
)
from tests.inference.panel.panels import ANSWER, MADE
from tests.inference.panel.pdf_text import text_of_pdf


@pytest.fixture
def film(radiograph, tmp_path) -> Path:
    path = tmp_path / "film.png"
    radiograph.save(path)
    return path


def line_about(film: Path, question: list, text: str, **other: object) -> str:
    return json.dumps(
        {
            "image": str(film),
            "image_sha256": file_sha256(film),
            "text": text,
            "provenance": MADE | {"prompt": question} | other,
        }
    )


def test_the_answers_of_the_command_line_become_a_panel(film, tmp_path, capsys):
    said, out = tmp_path / "said.jsonl", tmp_path / "panel.pdf"
    assert main(["report", "--images", str(film), "--out", str(said)]) == 0
    truth = tmp_path / "truth.txt"
    truth.write_text("Findings: Clear lungs.\nImpression : Nothing acute.\n")
    words = ["panel", "--image", str(film), "--conversation", str(said)]
    more = ["--ground-truth", str(truth), "--case", "P3", "--out", str(out)]
    assert main([*words, *more]) == 0
    text = " ".join(text_of_pdf(out.read_bytes()).split())
    answer = json.loads(said.read_text())["text"].split()
    assert answer[0] in text and answer[-1] in text
    assert "Findings: Clear lungs." in text and "Impression: Nothing acute." in text
    assert "film" not in text
    assert capsys.readouterr().err == ""


def test_the_command_needs_no_torch_and_heeds_no_settings_of_the_machine(
    film, tmp_path
):
    said, out = tmp_path / "said.json", tmp_path / "panel.pdf"
    said.write_text(
        json.dumps(
            [
                {"role": "user", "content": "Well?"},
                {"role": "assistant", "content": "Yes."},
            ]
        )
    )
    words = ["panel", "--image", str(film), "--conversation", str(said)]
    (tmp_path / "matplotlibrc").write_text("font.family: serif\nsavefig.bbox: tight\n")
    program = (
        "import sys; from inference.__main__ import main; main(sys.argv[1:]);"
        "print(sorted({'torch', 'transformers', 'matplotlib.pyplot'} & {*sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *words, "--out", str(out)],
        env=os.environ | {"MPLCONFIGDIR": str(tmp_path), "PYTHONHASHSEED": "1"},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
    assert main([*words, "--out", str(tmp_path / "here.pdf")]) == 0
    assert out.read_bytes() == (tmp_path / "here.pdf").read_bytes()


def test_only_the_lines_on_this_very_image_count(film, tmp_path):
    other = tmp_path / "other.png"
    Image.new("L", (8, 8)).save(other)
    lines = tmp_path / "said.jsonl"
    asked = report_conversation()
    lines.write_text(
        line_about(other, asked, "Of another.")
        + "\n"
        + json.dumps({"image": str(film), "error": "It was damaged."})
        + "\n"
        + line_about(film, asked, " Of this one. ")
        + "\n"
    )
    exchanges, made = read_conversation(lines, file_sha256(film))
    assert exchanges == [Exchange(REPORT_QUESTION.strip(), "Of this one.")]
    assert made["weights_sha256"] == MADE["weights_sha256"]
    with pytest.raises(ValueError, match="no answer about this very image"):
        read_conversation(lines, "0" * 64)


def test_a_conversation_of_several_turns_is_read_in_both_forms(tmp_path):
    messages = follow_up(report_conversation(), ANSWER, DIFFERENTIAL_QUESTION)
    messages.append({"role": "assistant", "content": "Metastases."})
    plain, saved = tmp_path / "plain.json", tmp_path / "saved.json"
    plain.write_text(json.dumps(messages))
    saved.write_text(json.dumps({"messages": messages, "provenance": MADE}))
    expected = [
        Exchange(REPORT_QUESTION.strip(), ANSWER),
        Exchange(DIFFERENTIAL_QUESTION.strip(), "Metastases."),
    ]
    assert read_conversation(plain, "") == (expected, {})
    assert read_conversation(saved, "") == (expected, MADE)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("no JSON at all", "Line 1 of"),
        ('{"image_sha256": 1}\nrest', "Line 2 of"),
        ("[]", "is no conversation"),
        ('{"messages": 5}', "is no conversation"),
        ('[{"role": "assistant", "content": "First."}]', "is no conversation"),
        ('[{"role": "user"}]', "is no conversation"),
        ("[3]", "is no conversation"),
        ('[{"role": "user", "content": "Well?"}]', "no question with an answer"),
    ],
)
def test_a_file_that_is_no_conversation_is_refused_in_a_sentence(
    content, sentence, tmp_path
):
    path = tmp_path / "said.json"
    path.write_text(content)
    with pytest.raises(ValueError, match=sentence):
        read_conversation(path, "0" * 64)


def test_answers_of_two_models_are_not_mixed(film, tmp_path):
    lines = tmp_path / "said.jsonl"
    asked = report_conversation()
    lines.write_text(
        line_about(film, asked, "One.")
        + "\n"
        + line_about(film, asked, "Two.", weights_sha256="f" * 64)
    )
    with pytest.raises(ValueError, match="several models"):
        read_conversation(lines, file_sha256(film))


def test_a_reference_report_keeps_its_sections(tmp_path):
    path = tmp_path / "truth.txt"
    path.write_text(
        "\ufeffOn the left side\nalready known.\n\nIMPRESSION: At 10:30 well.\n"
    )
    assert read_ground_truth(path) == [
        Passage("", "On the left side already known."),
        Passage("IMPRESSION", "At 10:30 well."),
    ]
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match="not UTF-8"):
        read_ground_truth(path)


def test_refusals_of_the_command_name_what_is_wrong(film, tmp_path, capsys):
    said = tmp_path / "said.json"
    said.write_text(json.dumps([
        {"role": "user", "content": "Well?"}, {"role": "assistant", "content": "Yes."}
    ]))  # fmt: skip
    words = {"--image": str(film), "--conversation": str(said), "--out": "x.gif"}

    def told(**changed: str) -> str:
        flags = words | {f"--{name}": value for name, value in changed.items()}
        assert main(["panel", *(part for pair in flags.items() for part in pair)]) == 2
        return capsys.readouterr().err

    assert "ends in .svg, .png or .pdf" in told()
    out = str(tmp_path / "panel.svg")
    assert "absent.png: There is no such file." in told(image="absent.png", out=out)
    assert "cannot be read" in told(conversation="absent.json", out=out)
    assert "cannot be written" in told(out=str(tmp_path / "no" / "panel.svg"))
