"""The signing key of an embedded site: made on first use, kept beside its data."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

_BYTES = 48


def kept_key(folder: Path) -> str:
    """Return the key kept in a folder; the first process to ask makes it."""
    path = folder / "secret-key"
    folder.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        # The file is readable by its owner alone.
        descriptor, unfinished = tempfile.mkstemp(dir=folder)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(secrets.token_urlsafe(_BYTES) + "\n")
        # A link, unlike a rename, never replaces the key of a quicker process.
        with contextlib.suppress(FileExistsError):
            os.link(unfinished, path)
        Path(unfinished).unlink()
    return path.read_text().strip()
