"""Whether the tests meet as many lines and branches as pyproject.toml wants.

    python -m tests.covered COVERAGE.json

Prints a line for each app and folder, and every line and branch that is missed where
all are wanted. Ends with 1 where one of them has less than its limit.
"""

import json
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
ELSEWHERE = "elsewhere"


@dataclass
class Area:
    """A folder or file that is counted together."""

    limit: float
    there: int = 0
    met: int = 0
    missed: list[str] = field(default_factory=list)

    @property
    def percent(self) -> float:
        """Rounded down: 100 is everything."""
        return int(1000 * self.met / self.there) / 10 if self.there else 100.0

    def add(self, name: str, file: dict[str, Any]) -> None:
        found = file["summary"]
        self.there += found["num_statements"] + found["num_branches"]
        self.met += found["covered_lines"] + found["covered_branches"]
        self.missed += [f"{name}:{line}" for line in file["missing_lines"]]
        self.missed += [
            f"{name}:{start} never to {end if end > 0 else 'the end'}"
            for start, end in file.get("missing_branches", [])
        ]


def areas(files: dict[str, Any], limits: dict[str, float]) -> dict[str, Area]:
    """Every file in the area that it belongs to."""
    found: dict[str, Area] = {}
    for name, file in sorted(files.items()):
        area = area_of(name, limits)
        limit = limits.get(area, limits[ELSEWHERE])
        found.setdefault(area, Area(limit)).add(name, file)
    return found


def area_of(name: str, limits: dict[str, float]) -> str:
    """The file or folder of the limits, else the app, else the folder."""
    path = Path(name)
    for each in (path, *path.parents):
        if each.as_posix() in limits:
            return each.as_posix()
    return path.parent.as_posix() if len(path.parts) < 3 else "/".join(path.parts[:2])


def main(report: Path) -> int:
    """Print the table; 1 where a limit is missed."""
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())
    limits = wanted["tool"]["readerstudy"]["coverage"]
    found = areas(json.loads(report.read_text())["files"], limits)
    below = {name for name, area in found.items() if area.percent < area.limit}
    for name, area in found.items():
        says = "  below its limit" if name in below else ""
        _say(f"{area.percent:6.1f} % of {area.limit:3.0f} wanted  {name}{says}")
    for name in sorted(below):
        if found[name].limit == 100:
            _say("\n".join(["", f"Missed in {name}:", *found[name].missed]))
    return int(bool(below))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
