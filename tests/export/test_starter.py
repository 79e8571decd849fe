"""The scripts of a bundle recompute its figures, and say so where one is different."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from readerstudy.analysis.statistics.reads_csv import read_csv
from readerstudy.export.bundle import STARTER
from tests.statistics.tables import result_set, write_result_set

VECTORS = Path(__file__).parents[1] / "statistics" / "vectors"
# Crossed, with grades missing, without any discordance, and with one arm alone.
NAMES = ("v03", "v06", "d03_no_discordance_mixed", "d06_empty_arm")


def folder_of(name: str, above: Path) -> Path:
    """A folder as a bundle has it, of a vector."""
    content = (VECTORS / f"{name}.csv").read_bytes()
    folder = above / name
    write_result_set(result_set(read_csv(content)), folder)
    (folder / "reads.csv").write_bytes(content)
    for script in STARTER.iterdir():
        if script.is_file():
            shutil.copy(script, folder)
    return folder


def run(program: str, script: Path) -> tuple[int, list[str]]:
    """Exit status and lines of a script that is run from elsewhere."""
    ended = subprocess.run(
        [program, str(script)],
        cwd=script.parents[1],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.stderr == ""
    return ended.returncode, ended.stdout.splitlines()


def check(program: str, script: str, above: Path) -> None:
    """Every figure is the same; one that was tampered with is told."""
    for name in NAMES:
        status, lines = run(program, folder_of(name, above) / script)
        assert status == 0, lines
        assert lines[-1] == "All figures that were compared are the same."
        told = [line.split()[0] for line in lines[:-1]]
        assert set(told) <= {"same", "left"}
        if name == "v03":
            assert told.count("same") > 40
    pairs = above / "v03" / "pairs.csv"
    header, first, *more = pairs.read_text().splitlines()
    cells = first.split(",")
    cells[header.split(",").index("difference")] = "0.123"
    pairs.write_text("\n".join([header, ",".join(cells), *more]) + "\n")
    status, lines = run(program, above / "v03" / script)
    assert (status, lines[-1]) == (1, "1 figures are different.")
    assert [line for line in lines if line.startswith("DIFFERENT")]


@pytest.mark.r
def test_r_finds_every_figure_the_same(tmp_path):
    check("Rscript", "analysis.R", tmp_path)


def test_python_finds_every_figure_the_same(tmp_path):
    check(sys.executable, "analysis.py", tmp_path)
