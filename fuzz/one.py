"""Fuzz one parser: `python -m fuzz.one NAME`, then libFuzzer's own words."""

import os
import sys
import tempfile
from pathlib import Path

import atheris

from fuzz.targets import attempt

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "readerstudy.settings")
os.environ.setdefault("SECRET_KEY", "only-for-fuzzing")
os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="readerstudy-fuzz-"))
os.environ.setdefault("DATABASE_URL", "sqlite://:memory:")

# The parsers of others are followed into as well as our own.
FOLLOWED = ["inference", "readerstudy", "pydicom", "defusedxml", "csv", "json"]
CORPUS = Path(__file__).resolve().parent / "corpus"
WITH_MODELS = ("bodies", "archives")


def main() -> None:
    """Load one parser, with what tells which branch an input took, and fuzz it."""
    name = sys.argv.pop(1)
    with atheris.instrument_imports(include=FOLLOWED):
        if name in WITH_MODELS:
            import django

            django.setup()
        # What loads late, and a child that takes long to start, is no input's fault.
        for path in sorted(CORPUS.joinpath(name).iterdir()):
            attempt(name, path.read_bytes())
    atheris.Setup(sys.argv, lambda content: attempt(name, content))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
