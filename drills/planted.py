"""The site with a delay planted for some slots: what the drill of times must find.

The file that PLANTED_SLOTS names lists the slots; all else is answered as ever.
"""

import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from drills.names import PLANTED_SECONDS, PLANTED_SLOTS
from readerstudy.wsgi import application as site

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_SLOW = frozenset(Path(os.environ[PLANTED_SLOTS]).read_text().split())


def application(
    environ: "WSGIEnvironment", start_response: "StartResponse"
) -> Iterable[bytes]:
    """Answer as the site does, a little later where the path names a slow slot."""
    if not _SLOW.isdisjoint(environ["PATH_INFO"].split("/")):
        time.sleep(PLANTED_SECONDS)
    return site(environ, start_response)
