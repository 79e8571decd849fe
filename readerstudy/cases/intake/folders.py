"""Folders of the server that may be imported: those below IMPORT_ROOTS, no others."""

import os
from pathlib import Path

from django.conf import settings

from readerstudy.cases.radiograph import Refused


def roots() -> list[Path]:
    """The roots, with links resolved; those that are no folder are left out."""
    named = [Path(os.path.realpath(root)) for root in settings.IMPORT_ROOTS]
    return [root for root in named if root.is_dir()]


def allowed(path: str) -> Path:
    """A path with every link resolved. Raises Refused where it is below no root."""
    try:
        real = Path(os.path.realpath(path))
    except (OSError, ValueError):
        raise Refused("There is no such file or folder.") from None
    if not any(real == root or root in real.parents for root in roots()):
        raise Refused("It is outside the folders that may be imported.")
    return real
