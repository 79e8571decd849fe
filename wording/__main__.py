"""Bring the catalogues in step with the code and compile them; --check only looks."""

import argparse
import sys
from pathlib import Path

from wording import catalogues
from wording.found import ROOT, found


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m wording", description=__doc__)
    parser.add_argument("--check", action="store_true")
    is_check = parser.parse_args().check
    problems = [
        problem
        for path in catalogues.texts()
        for problem in _seen_to(path, is_check=is_check)
    ]
    sys.stderr.writelines(f"{problem}\n" for problem in problems)
    return bool(problems)


def _seen_to(path: Path, *, is_check: bool) -> list[str]:
    """Write a catalogue anew, or say what would change; and what is not translated."""
    catalogue = catalogues.brought_up(catalogues.read(path), found())
    wanted = {
        path: catalogues.as_text(catalogue),
        path.with_suffix(".mo"): catalogues.compiled(catalogue),
    }
    problems = []
    for file, content in wanted.items():
        if file.exists() and file.read_bytes() == content:
            continue
        if is_check:
            name = file.relative_to(ROOT)
            problems.append(f"{name} is out of step: make messages writes it.")
        else:
            file.write_bytes(content)
    missing = catalogues.untranslated(catalogue)
    return [*problems, *(f"Not translated in {path}: {text}" for text in missing)]


if __name__ == "__main__":
    sys.exit(main())
