"""Files as they came, kept only where the site asks for it (KEEP_ORIGINALS).

They lie in the store's originals by their SHA-256. No address serves them.
"""

from django.conf import settings

from readerstudy.cases.frame_store import frames_held
from readerstudy.media_store import store

FOLDER = "originals"


def original_name(sha256: str) -> str:
    """What the original of this SHA-256 is called in the store."""
    return f"{FOLDER}/{sha256}"


def keep_original(content: bytes | None, sha256: str) -> bool:
    """Store a file as it came, if the site asks for it; whether it is kept."""
    if not settings.KEEP_ORIGINALS or content is None:
        return False
    name = original_name(sha256)
    with frames_held():
        # What is needed again is no leftover (leftovers.py).
        if not store().make_young(name):
            store().put(name, content)
    return True
