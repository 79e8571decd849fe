"""analyse_reads writes every promised file, of any table that it takes."""

import hashlib
import io
import json
import re
from pathlib import Path

import pytest
from django.core.management import call_command

VECTORS = Path(__file__).parents[1] / "statistics" / "vectors"
PROMISED = {
    "results.json",
    "table5.csv",
    "table5.tex",
    "table5.docx",
    "pairs.csv",
    "agreement.csv",
    "by_reader.csv",
    "by_case.csv",
    "methods.md",
    "report.html",
}
MARKUP = re.compile(r"\bNaN\b|\bInfinity\b|\bnan\b|\bNone\b")


def written(reads: Path, out: Path) -> dict[str, bytes]:
    said = {"stdout": io.StringIO(), "stderr": io.StringIO()}
    call_command("analyse_reads", str(reads), "--out", str(out), **said)
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in out.rglob("*")
        if path.is_file()
    }


def check(reads: Path, files: dict[str, bytes]) -> None:
    assert set(files) >= PROMISED
    assert all(files.values())
    drawn = {Path(name).stem for name in files if name.startswith("figures/")}
    assert "flow" in drawn
    for stem in drawn:
        assert files[f"figures/{stem}.svg"].lstrip().startswith((b"<?xml", b"<svg"))
        assert files[f"figures/{stem}.png"].startswith(b"\x89PNG")
    for name in ("methods.md", "table5.tex", "pairs.csv"):
        assert not MARKUP.search(files[name].decode()), name
    assert json.loads(files["results.json"])["schema"] == "readerstudy.results/1"
    sha256 = hashlib.sha256(reads.read_bytes()).hexdigest()
    assert sha256 in files["report.html"].decode()


@pytest.mark.slow
@pytest.mark.parametrize("name", [path.stem for path in sorted(VECTORS.glob("*.csv"))])
def test_every_vector_gives_every_file(name, tmp_path):
    reads = VECTORS / f"{name}.csv"
    check(reads, written(reads, tmp_path / "out"))


def test_a_header_alone_gives_every_file_twice_the_same(tmp_path):
    reads = tmp_path / "reads.csv"
    reads.write_text("reader,case,arm,grade\n")
    files = written(reads, tmp_path / "out")
    check(reads, files)
    assert "No ratings" in files["report.html"].decode()
    assert written(reads, tmp_path / "again") == files
