"""Write the table of every locked package and its licence into the documentation.

    .venv/bin/python -m requirements.licences [--check]

The licences are those that the packages name, or what supply.toml says where they name
none; `check-bill` sees that they may be used.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from requirements.check import ROOT, locked
from requirements.supply import bill, licences_of, pinned, policy

TABLE = ROOT / "docs" / "reference" / "licences.md"
HEAD = """\
# Licences of everything that is installed

Written by `make licences` from the locked sets in `requirements/`; they hold versions.
readerstudy itself is under Apache-2.0. What a package names as its licence is shown in
its own words. None is under the GPL, whose terms would reach what imports it: `make
check-bill` fails otherwise, and writes a bill of materials (CycloneDX) with versions.
[Why each of our own choices is there](dependencies.md).

| Package | Installed for | Licence |
| --- | --- | --- |
"""
_SETS = (
    ("web", "the site"),
    ("worker", "a worker"),
    ("test", "tests and documentation"),
)
_CLASSIFIER = "License :: OSI Approved :: "


def table() -> str:
    """The page, from the packages of this environment."""
    with tempfile.TemporaryDirectory() as folder:
        written = bill(Path(folder))
    return HEAD + "".join(f"{row}\n" for row in _rows(written))


def _rows(written: dict[str, Any]) -> Iterator[str]:
    there = {
        str(canonicalize_name(each["name"])): each for each in written["components"]
    }
    apart = policy()["licences"]["apart"]
    for package in sorted(pinned()):
        named = licences_of(there[package]) if package in there else []
        plain = sorted({name.removeprefix(_CLASSIFIER) for name in named})
        licence = apart.get(package) or ", ".join(plain)
        yield f"| {package} | {_needed_for(package)} | {licence} |"


def _needed_for(package: str) -> str:
    """The smallest set that holds a package; torch, a worker's, stands in none."""
    for name, purpose in _SETS:
        if package in locked(name):
            return purpose
    return "a worker"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    wanted = table()
    if not parser.parse_args().check:
        TABLE.write_text(wanted)
    elif not TABLE.exists() or TABLE.read_text() != wanted:
        sys.exit(f"{TABLE.relative_to(ROOT)} is out of step: make licences writes it.")


if __name__ == "__main__":
    main()
