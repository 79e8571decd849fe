"""Each worker that starts proves the store once: so a new site's bucket is made.

Web processes do not: whether they are ready is asked by anybody, every few seconds.
"""

import threading

from readerstudy.operations import checks

_ready = threading.Event()


def prove_store() -> None:
    """Prove the store unless this process has; in a thread, for it may be away long."""
    if not _ready.is_set():
        threading.Thread(target=_prove, name="store", daemon=True).start()


def _prove() -> None:
    if not checks.storage(is_proved=True).is_wrong:
        _ready.set()
