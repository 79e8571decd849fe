"""Check what no linter knows: the locked sets, and how long files are.

    .venv/bin/python requirements/check.py locks lengths

Works offline: the locked files are compared with pyproject.toml, not with an index.
"""

import re
import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"
# Each locked set with the extras of pyproject.toml that it holds.
EXTRAS: dict[str, tuple[str, ...]] = {
    "web": (),
    "worker": ("worker",),
    "test": ("worker", "test"),
}
LONGEST_FILE = 500
OURS = (
    "benchmarks",
    "drills",
    "readerstudy",
    "inference",
    "requirements",
    "static",
    "templates",
    "tests",
    "wording",
)
SUFFIXES = {".py", ".js", ".css", ".html"}


def main(checks: Sequence[str]) -> None:
    known: dict[str, Callable[[], Iterator[str]]] = {
        "locks": lock_problems,
        "lengths": length_problems,
    }
    if not checks or not set(checks) <= set(known):
        sys.exit(f"Say what to check: {', '.join(known)}.")
    problems = [problem for check in checks for problem in known[check]()]
    if problems:
        sys.exit("\n".join(problems))


def lock_problems() -> Iterator[str]:
    """Yield where a locked set is out of step with pyproject.toml or install.py."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"]
    for name, extras in EXTRAS.items():
        asked = [*wanted]
        for extra in extras:
            asked += project["optional-dependencies"][extra]
        yield from _set_problems(name, [Requirement(each) for each in asked])
    for smaller, larger in (("web", "worker"), ("worker", "test")):
        for package, version in sorted(locked(smaller).items()):
            if locked(larger).get(package) != version:
                yield f"{larger}.txt lacks {package}=={version} of {smaller}.txt."


def _set_problems(name: str, asked: Sequence[Requirement]) -> Iterator[str]:
    text = (REQUIREMENTS / f"{name}.txt").read_text()
    if "://" in text or re.search(r"^--?(index|extra|find|f|i)\b", text, re.MULTILINE):
        yield f"{name}.txt names an address; where packages come from is the machine's."
    pins = locked(name)
    for requirement in asked:
        package = canonicalize_name(requirement.name)
        if package == "torch":
            yield from _torch_problems(requirement, name, pins)
        elif package not in pins:
            yield f"{name}.txt lacks {package}. Run `make locks`."
        elif pins[package] not in requirement.specifier:
            yield (
                f"{name}.txt has {package}=={pins[package]}, but pyproject.toml asks "
                f"for {requirement}. Run `make locks`."
            )


def _torch_problems(
    requirement: Requirement, name: str, pins: dict[str, str]
) -> Iterator[str]:
    if "torch" in pins:
        yield f"{name}.txt locks torch, which install.py adds without a hash."
    if f'TORCH = "{requirement}"' not in (REQUIREMENTS / "install.py").read_text():
        yield f"install.py installs another torch than pyproject.toml's {requirement}."


def locked(name: str) -> dict[str, str]:
    """Return the versions of a locked set by package name."""
    text = (REQUIREMENTS / f"{name}.txt").read_text()
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+) \\$", text, re.MULTILINE))


def length_problems() -> Iterator[str]:
    """Yield the files of ours that are too long to be read in one go."""
    for path in our_files():
        length = len(path.read_text().splitlines())
        if length > LONGEST_FILE:
            yield (
                f"{path.relative_to(ROOT)} has {length} lines; no file may have more "
                f"than {LONGEST_FILE}. Split it by what it is about."
            )


def our_files() -> list[Path]:
    """List what people wrote; nothing generated, hidden or installed."""
    inside = [path for place in OURS for path in sorted((ROOT / place).rglob("*"))]
    return [path for path in [*ROOT.iterdir(), *inside] if path.suffix in SUFFIXES]


if __name__ == "__main__":
    main(sys.argv[1:])
