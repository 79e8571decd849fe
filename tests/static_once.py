"""The site's static files are looked up once a process, not once for every client.

Each of Django's test clients loads the middleware anew, and WhiteNoise then looks at
every file of the site and works out its headers: more than most requests take. The
files do not change during a run, so the later ones get what the first one found.
"""

from typing import Any

from whitenoise.middleware import WhiteNoiseMiddleware

_look_up = WhiteNoiseMiddleware.add_files_from_finders
_found: dict[str, Any] = {}


def _found_once(middleware: Any) -> None:
    if not _found:
        _look_up(middleware)
        _found.update(middleware.files)
    middleware.files.update(_found)


def look_up_static_files_once() -> None:
    WhiteNoiseMiddleware.add_files_from_finders = _found_once
