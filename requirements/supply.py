"""Check what others wrote: known vulnerabilities and licences of every locked package.

    .venv/bin/python -m requirements.supply audit bill --folder build

`audit` asks PyPI's vulnerability service about every locked version and fails on what
it knows, unless supply.toml says why it does not matter here, and until when. Where the
service is out of reach it says so, and fails nothing.

`bill` writes a bill of materials (CycloneDX) of the environment into the folder and
fails where a locked package is not in it, or has a licence that supply.toml does not
allow.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from requirements.check import ROOT, locked

REQUIREMENTS = ROOT / "requirements"
BILL = "bill-of-materials.json"
_LARGEST = "test"
# Classifiers that name no licence.
_WHO_APPROVED = {"License :: OSI Approved", "License :: DFSG approved"}
_TORCH = re.compile(r'^TORCH = "torch==(\S+)"$', re.MULTILINE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checks", nargs="+", choices=["audit", "bill"])
    parser.add_argument("--folder", type=Path, default=ROOT / "build")
    asked = parser.parse_args()
    problems: list[str] = []
    if "audit" in asked.checks:
        found = advisories()
        if found is None:
            sys.stdout.write(
                "The vulnerability service is out of reach, so nothing was audited. "
                "Run `make check-audit` again where it can be reached.\n"
            )
        else:
            problems += audit_problems(found, policy(), date.today())
    if "bill" in asked.checks:
        problems += bill_problems(bill(asked.folder), pinned(), policy())
    if problems:
        sys.exit("\n".join(problems))


def policy() -> dict[str, Any]:
    """What supply.toml accepts, with the reasons."""
    return tomllib.loads((REQUIREMENTS / "supply.toml").read_text())


def pinned() -> dict[str, str]:
    """Every locked version by package, and torch, which install.py adds."""
    torch = _TORCH.search((REQUIREMENTS / "install.py").read_text())
    assert torch is not None  # noqa: S101
    return locked(_LARGEST) | {"torch": torch.group(1)}


def advisories() -> list[tuple[str, str, str]] | None:
    """What is known against locked versions: package, version, advisory.

    None where the service knew none of the packages, or could not be asked.
    """
    with tempfile.TemporaryDirectory() as folder:
        pins = Path(folder) / "pins.txt"
        lines = [f"{name}=={version}" for name, version in pinned().items()]
        pins.write_text("\n".join(lines))
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pip_audit", "--requirement", str(pins)),
                *("--no-deps", "--disable-pip", "--format", "json"),
                *("--progress-spinner", "off"),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    try:
        answers = json.loads(done.stdout)["dependencies"]
    except (ValueError, LookupError):
        return None
    if all("skip_reason" in each for each in answers):
        return None
    return [
        (each["name"], each["version"], known["id"])
        for each in answers
        for known in each.get("vulns", ())
    ]


def audit_problems(
    found: Iterable[tuple[str, str, str]], accepted: dict[str, Any], today: date
) -> Iterator[str]:
    """Yield each advisory that nobody has looked at, and each that is due again."""
    known = {
        (canonicalize_name(each["package"]), each["id"]): each
        for each in accepted.get("accepted", ())
    }
    for package, version, advisory in found:
        entry = known.get((canonicalize_name(package), advisory))
        if entry is None:
            yield (
                f"{package} {version}: {advisory}. Lock a version without it, or say "
                "in requirements/supply.toml why it does not matter here."
            )
        elif entry["until"] < today:
            yield (
                f"{package} {version}: {advisory} was accepted until "
                f"{entry['until']}. Look at it again."
            )


def bill(folder: Path) -> dict[str, Any]:
    """The bill of materials of this environment, written into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / BILL
    subprocess.run(
        [
            *(sys.executable, "-m", "cyclonedx_py", "environment"),
            *("--output-reproducible", "--output-format", "JSON"),
            *("--pyproject", str(ROOT / "pyproject.toml"), "--no-validate"),
            *("--output-file", str(path), sys.executable),
        ],
        check=True,
    )
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def bill_problems(
    written: dict[str, Any], pins: dict[str, str], accepted: dict[str, Any]
) -> Iterator[str]:
    """Yield each package that is missing, another one, or not free to pass on."""
    there = {
        canonicalize_name(each["name"]): each for each in written.get("components", ())
    }
    allowed = set(accepted["licences"]["allowed"])
    apart = accepted["licences"].get("apart", {})
    for package, version in sorted(pins.items()):
        component = there.get(canonicalize_name(package))
        if component is None:
            yield f"The bill of materials lacks {package}. Is it installed?"
            continue
        if component["version"].partition("+")[0] != version:
            yield f"{package} is {component['version']}, but {version} is locked."
        licences = licences_of(component)
        if package not in apart and not _is_allowed(licences, allowed):
            named = ", ".join(licences) or "no licence"
            yield (
                f"{package} comes under {named}, which requirements/supply.toml does "
                "not allow. Use another package, or say there why it may be used."
            )


def licences_of(component: dict[str, Any]) -> list[str]:
    """The licences of a package as it names them; classifiers come one by one."""
    named = [
        each.get("expression")
        or each["license"].get("id")
        or each["license"].get("name", "")
        for each in component.get("licenses", ())
    ]
    return [each for each in named if each not in _WHO_APPROVED]


def _is_allowed(licences: list[str], allowed: set[str]) -> bool:
    """Whether one alternative of each licence is made of allowed ones alone."""
    return bool(licences) and all(
        any(
            all({part, part.strip(" ()")} & allowed for part in way.split(" AND "))
            for way in licence.split(" OR ")
        )
        for licence in licences
    )


if __name__ == "__main__":
    main()
