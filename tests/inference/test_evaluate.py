"""`python -m inference evaluate`: the figures of a checkpoint on fresh phantoms."""

import json

import pytest
import torch

from inference.__main__ import main
from inference.phantom.findings import KINDS


def evaluate(*words: str) -> int:
    """The processor threads are the whole process's: they stay as they are."""
    return main(["evaluate", "--threads", str(torch.get_num_threads()), *words])


def test_figures_come_first_and_then_as_many_reports_as_were_asked_for(capsys):
    words = ("--count", "2", "--first", "900000000", "--drawn", "160", "--show", "1")
    assert evaluate(*words) == 0
    figures, report = capsys.readouterr().out.split("\n\n")
    found = json.loads(figures)
    assert found["phantoms"] == 2
    assert set(found["f1"]) == set(KINDS)
    title, text = report.splitlines()
    assert title.startswith("900000000 (")
    assert text.endswith(".")


@pytest.mark.parametrize("what", ["--count", "--batch", "--threads"])
def test_nothing_is_measured_on_no_phantom(what, capsys):
    assert evaluate(what, "0") == 2
    assert "whole numbers from 1" in capsys.readouterr().err


def test_a_folder_without_a_checkpoint_is_named(tmp_path, capsys):
    assert evaluate("--checkpoint", str(tmp_path)) == 2
    assert str(tmp_path) in capsys.readouterr().err
