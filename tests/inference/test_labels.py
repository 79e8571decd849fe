"""The label prompt: exactly fourteen labels, or an answer that is kept as it came."""

import csv
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from inference.__main__ import main
from inference.chexpert import FINDINGS
from inference.labels import parse_labels
from inference.phantom.phantom import draw, render_8bit

WHOLE = dict.fromkeys(FINDINGS, 0) | {"Edema": 1}


@pytest.mark.parametrize("form", ["{}", "  {}\n", "```json\n{}\n```", "```{}```"])
def test_fourteen_labels_are_read(form):
    found = parse_labels(form.replace("{}", json.dumps(WHOLE)))
    assert found.values == WHOLE and not found.problem


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("", "no JSON"),
        ("The heart is normal.", "no JSON"),
        ("[" * 100_000, "no JSON that can be read"),
        (json.dumps(WHOLE) + " I hope this helps!", "no JSON"),
        (json.dumps(WHOLE)[:-5], "no JSON"),
        ("[1, 0]", "no object"),
        (json.dumps({"Edema": 1}), "13 findings are missing, such as No Finding"),
        (json.dumps(WHOLE | {"Scoliosis": 1}), "'Scoliosis' is no finding"),
        (json.dumps(WHOLE | {"Edema": 2}), "Edema has the value 2"),
        (json.dumps(WHOLE | {"Edema": "yes"}), "Edema has the value 'yes'"),
        (json.dumps(WHOLE | {"Edema": True}), "Edema has the value True"),
        (json.dumps(WHOLE | {"Edema": None}), "Edema has the value None"),
        (json.dumps(WHOLE)[:-1] + ', "Edema": 0}', "named twice"),
    ],
)
def test_anything_else_is_no_answer(answer, sentence):
    found = parse_labels(answer)
    assert found.values is None
    assert sentence in found.problem and found.problem.endswith(".")


@given(st.text(max_size=60) | st.builds(json.dumps, st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(FINDINGS), inner),
    max_leaves=20,
)))  # fmt: skip
def test_no_answer_is_too_strange(answer):
    found = parse_labels(answer)
    assert (found.values is None) == bool(found.problem)


def test_the_command_keeps_what_it_cannot_read_and_counts_it(tmp_path, capsys):
    images = []
    for seed in (1, 2):
        path = tmp_path / f"case-{seed}.png"
        Image.fromarray(render_8bit(draw(seed, size=96))).save(path)
        images.append(str(path))
    out, table = tmp_path / "labels.jsonl", tmp_path / "labels.csv"
    words = ["label", "--images", *images, "--out", str(out), "--csv", str(table)]
    assert main([*words, "--max-new-tokens", "200"]) == 0
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    unread = sum(line["labels"] is None for line in lines)
    assert all(line["text"] for line in lines)
    assert all((line["labels"] is None) == bool(line["problem"]) for line in lines)
    told = capsys.readouterr().err
    assert (f"{unread} of 2 answers" in told) == (unread > 0)
    with table.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 2 - unread
    assert all(tuple(row)[1:] == FINDINGS for row in rows)


def test_a_table_needs_the_answers(tmp_path, capsys):
    assert main(["label", "--images", "x.png", "--csv", str(tmp_path / "t.csv")]) == 2
    assert "--out" in capsys.readouterr().err
