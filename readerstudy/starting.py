"""How a process of the site begins: with settings that make sense, or not at all.

Whoever runs the site reads one sentence in the log, and no traceback.
"""

import sys

from django.conf import settings as settings
from django.core.exceptions import ImproperlyConfigured
from environs import EnvError

try:
    # Whichever is asked for first reads them all.
    settings.DEBUG  # noqa: B018
except (EnvError, ImproperlyConfigured) as problem:
    sys.exit(str(problem))
