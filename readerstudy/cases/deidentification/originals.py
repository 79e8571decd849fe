"""Files as they came, kept only where the site asks for it (KEEP_ORIGINALS).

They lie under MEDIA_ROOT/originals by their SHA-256. No address serves them.
"""

import os
import tempfile
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage

FOLDER = "originals"


def original_path(sha256: str) -> Path:
    """Where the original of this SHA-256 lies, or would."""
    return Path(default_storage.path(f"{FOLDER}/{sha256}"))


def keep_original(content: bytes | None, sha256: str) -> bool:
    """Store a file as it came, if the site asks for it; whether it is kept."""
    if not settings.KEEP_ORIGINALS or content is None:
        return False
    path = original_path(sha256)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(stream.name).replace(path)
    return True
