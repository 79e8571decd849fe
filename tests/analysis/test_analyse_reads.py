"""Anya analyses grades that were collected elsewhere, with one command."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

pytestmark = [pytest.mark.usefixtures("drawn_once"), pytest.mark.slow(seconds=30)]
ROOT = Path(__file__).resolve().parents[2]
ROWS = (
    "reader,case,arm,grade\n"
    "R1,C1,model,A\nR1,C1,truth,B\nR1,C2,model,D\nR1,C2,truth,B\n"
    "R2,C1,model,A\nR2,C1,truth,A\nR2,C2,model,C\nR2,C2,truth,B\n"
)


@pytest.fixture
def reads(tmp_path):
    path = tmp_path / "reads.csv"
    path.write_text(ROWS)
    return path


def analyse(reads: Path, *options: str) -> tuple[dict, str]:
    """The results, and what was said on stderr."""
    out, said = reads.parent / "out", io.StringIO()
    call_command(
        "analyse_reads",
        str(reads),
        "--out",
        str(out),
        *options,
        stdout=io.StringIO(),
        stderr=said,
    )
    return json.loads((out / "results.json").read_text()), said.getvalue()


def refusal(reads: Path, *options: str) -> str:
    with pytest.raises(CommandError) as problem:
        analyse(reads, *options)
    message = str(problem.value)
    assert "\n" not in message
    assert message.endswith(".")
    assert "Errno" not in message
    assert not (reads.parent / "out" / "results.json").exists()
    return message


def test_the_order_of_arms_is_that_of_the_command_then_the_protocol_then_the_file(
    reads,
):
    assert analyse(reads)[0]["design"]["arms"] == ["model", "truth"]
    reads.with_name("protocol.json").write_text(
        '{"arms": [{"name": "truth", "reference": true}, {"name": "model"}],'
        ' "margin_points": 5}'
    )
    results, _ = analyse(reads)
    assert results["design"]["arms"] == ["truth", "model"]
    assert results["estimand"]["reference"] == "truth"
    assert results["estimand"]["margin"] == 0.05
    reads.with_name("protocol.json").write_text('{"arms": ["truth", "model"]}')
    assert analyse(reads)[0]["design"]["arms"] == ["truth", "model"]
    options = ("--arms", "model, truth", "--reference", " model ", "--margin", "7.5")
    results, _ = analyse(reads, *options)
    assert results["design"]["arms"] == ["model", "truth"]
    assert results["estimand"]["arm"] == "truth"
    assert results["estimand"]["margin"] == 0.075


def test_an_arm_name_with_a_comma_is_quoted_as_in_the_file(reads):
    reads.write_text(ROWS.replace("model", '"model, revised"'))
    results, _ = analyse(reads, "--arms", 'truth, "model, revised"')
    assert results["design"]["arms"] == ["truth", "model, revised"]


def test_what_was_left_out_is_said_aloud(reads):
    results, said = analyse(reads, "--arms", "model,truth,third")
    assert results["missing"]["arms_without_grades"] == ["third"]
    assert said.strip() == "Arm third has no grades and is left out of the comparison."
    reads.write_text("reader,case,arm,grade\n")
    assert analyse(reads)[1].startswith("No ratings")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--arms", "model"], "reads.csv, row 3, column arm: 'truth'"),
        (["--arms", "model,truth,model"], "names model twice"),
        (["--arms", "model,,truth"], "empty name"),
        (["--arms", ""], "empty name"),
        (["--reference", "Truth"], "'Truth' is not among the arms model, truth"),
        (["--reference", ""], "'' is not among the arms"),
        (["--margin", "nan"], "--margin has to be a number of percentage points"),
        (["--margin", "-1"], "0 to 100"),
        (["--margin", "abc"], "--margin has to be a number of percentage points"),
        (["--seed", "abc"], "--seed has to be a whole number"),
        (["--seed", "-1"], "--seed has to be a whole number"),
        (["--seed", "1" * 30], "--seed has to be a whole number"),
        (["--arms", "model\ntruth"], "names on one line"),
    ],
)
def test_options_that_do_not_fit_are_refused(reads, options, sentence):
    assert sentence in refusal(reads, *options)


@pytest.mark.parametrize(
    ("protocol", "sentence"),
    [
        ("{", "it is not JSON"),
        ("[" * 100_000, "it is not JSON"),
        ("null", "no list of arms"),
        ("[]", "no list of arms"),
        ('["model", "truth"]', "no list of arms"),
        ('{"arms": {}}', "no list of arms"),
        ('{"arms": [{"name": null}]}', "no list of arms"),
        ('{"arms": [{"name": "model"}, {"name": "model"}]}', "an arm twice"),
        (
            '{"arms": [{"name": "model", "reference": true},'
            ' {"name": "truth", "reference": true}]}',
            "more than one arm is the reference",
        ),
        ('{"arms": [{"name": "model"}], "margin_points": [1]}', "margin_points"),
        ('{"arms": [{"name": "model"}], "margin_points": NaN}', "margin_points"),
        ('{"arms": [{"name": "model"}], "margin_points": true}', "margin_points"),
        ('{"arms": ["model"], "alpha": "x"}', "alpha is not a number"),
        ('{"arms": ["model"], "alpha": 1e400}', "alpha is not above 0 and at most"),
        ('{"arms": ["model"], "mine": [1e400]}', "NaN and Infinity are no numbers"),
        ('{"arms": ["model"], "mine": "\\ud800"}', "half a character"),
        ('{"arms": ["model"], "scale": [{}]}', "scale, entry 1: label is missing"),
        ('{"arms": ["model"], "reading": {"washout_days": "x"}}', "washout_days is"),
        ('{"arms": [{"name": "model", "label": 5}]}', "arms, entry 1: label is not"),
        ('{"arms": [{"name": "model"}]}', "'truth' is not among the arms model"),
    ],
)
def test_a_protocol_beside_the_file_is_right_or_refused(reads, protocol, sentence):
    reads.with_name("protocol.json").write_text(protocol)
    assert sentence in refusal(reads)


def test_a_protocol_that_is_no_text_or_no_file_is_refused(reads):
    path = reads.with_name("protocol.json")
    path.write_bytes(b"\xff\xfe")
    assert "it is not JSON" in refusal(reads)
    path.unlink()
    path.mkdir()
    assert "Is a directory" in refusal(reads)


def test_a_file_that_is_not_there_or_no_file_is_refused(reads):
    assert "No such file" in refusal(reads.with_name("other.csv"))
    assert "Is a directory" in refusal(reads.parent)


def test_a_folder_that_can_not_be_made_is_refused(reads):
    (reads.parent / "out").write_text("a file")
    with pytest.raises(CommandError, match="can't be written: File exists; give --out"):
        analyse(reads)


def test_a_refusal_ends_with_1_and_one_line(reads):
    reads.write_text(ROWS + "R3,C1,model,E\n")
    ended = subprocess.run(
        [sys.executable, "manage.py", "analyse_reads", reads, "--out", reads.parent],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr.strip().splitlines() == [
        "CommandError: reads.csv, row 10, column grade: 'E' is not A, B, C, D or empty."
    ]


@pytest.mark.parametrize(
    "content", [b"\xff\xfe", b"number,field\n1,seed\n", b'"open\n']
)
def test_deviations_beside_the_file_are_right_or_refused(reads, content):
    reads.with_name("deviations.csv").write_bytes(content)
    assert "deviations.csv can't be used: its columns have to be " in refusal(reads)
