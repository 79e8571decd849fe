"""Small files in the layouts of the published data sets, and the command that reads."""

import json
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from inference.__main__ import main
from inference.chexpert import FINDINGS

FINDING_COLUMNS = ",".join(FINDINGS)


def write(path: Path, *lines: str, encoding: str = "utf-8") -> Path:
    """A text file of these lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes("".join(f"{line}\n" for line in lines).encode(encoding))
    return path


def picture(path: Path, grey: int = 90) -> Path:
    """A small grey picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (12, 10), grey).save(path)
    return path


def marks(**values: object) -> str:
    """Fourteen cells, empty but for these; names with _ for blanks."""
    by_name = {name.replace("_", " "): value for name, value in values.items()}
    assert set(by_name) <= set(FINDINGS)
    return ",".join(str(by_name.get(name, "")) for name in FINDINGS)


def read(name: str, root: Path, *words: str) -> list[dict[str, object]]:
    """What the command writes of a folder, by line."""
    out = root / "out.jsonl"
    assert main(["data", name, "--root", str(root), "--out", str(out), *words]) == 0
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


def refusal(capsys, name: str, root: Path, *words: str) -> str:
    """What the command says where it refuses; it must leave no file behind."""
    out = root / "out.jsonl"
    assert main(["data", name, "--root", str(root), "--out", str(out), *words]) == 2
    assert not list(root.glob("out.jsonl*"))
    said: str = capsys.readouterr().err
    assert "Traceback" not in said
    return said


def labels(lines: Sequence[dict[str, object]]) -> dict[object, object]:
    """The labels of each line by the name of its image."""
    return {Path(str(line["image"])).name: line["labels"] for line in lines}
