"""A whole bundle in memory, for the tests that look into it."""

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from readerstudy.export.bundle import build
from readerstudy.studies.models import Study


def bundle_files(study: Study, checklists: Iterable[str] = ()) -> dict[str, bytes]:
    """Every file of a closed study's bundle, by name."""
    with TemporaryDirectory() as folder:
        names = build(study, Path(folder), checklists=checklists)
        return {name: (Path(folder) / name).read_bytes() for name in names}
