"""The benchmark of the viewer measures the real one, and says what it leaves out."""

import json
import subprocess
import sys

import pytest

from benchmarks import reading, viewer
from benchmarks.viewers.others import NotToBeHad, build
from benchmarks.viewers.serving import OURS
from benchmarks.viewers.sums import Results


@pytest.mark.slow
def test_our_viewer_alone_is_measured_and_its_greys_are_right(tmp_path):
    results = tmp_path / "viewer.json"
    words = ["--alone", "--runs", "1", "--moves", "3", "--presses", "2", "--json"]
    command = [sys.executable, "-m", "benchmarks.viewer", *words, str(results)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    assert "first image, new browser, ms" in said.stdout
    modes = json.loads(results.read_text())["modes"]
    assert list(modes) == ["software GL", "no WebGL"]
    for measured in modes.values():
        for figures in measured["figures"].values():
            for film in ("raw16", "mono1", "voilut"):
                assert figures[f"error_{film}"]["median"] < 0.5
        assert measured["figures"][OURS]["next_ms"]["median"] > 0


@pytest.mark.parametrize("benchmark", [viewer, reading])
def test_what_makes_no_sense_is_refused(benchmark, capsys):
    option = "--runs" if benchmark is viewer else "--cases"
    with pytest.raises(SystemExit):
        benchmark.main([option, "0"])
    assert "whole numbers from" in capsys.readouterr().err


def test_without_npm_it_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotToBeHad, match="npm is not installed"):
        build(tmp_path / "scratch")


def test_ratios_are_of_medians_ours_by_theirs():
    results = Results()
    for ours, theirs in ((10, 40), (30, 60), (20, 500)):
        results.add("software GL", OURS, {"frame_ms": ours})
        results.add("software GL", "dwv", {"frame_ms": theirs})
    assert results.ratio("software GL", "dwv", "frame_ms") == pytest.approx(20 / 60)
    assert results.ratio("software GL", "dwv", "next_ms") is None
    table = "\n".join(results.lines())
    assert "20.0 (10.0-30.0)" in table and "0.33" in table
