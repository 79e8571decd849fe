"""Gunicorn reads this by itself from the folder in which it is started."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from dotenv import load_dotenv

# What the site reads later; the log needs to know before.
load_dotenv(Path(__file__).with_name(".env"))

# The web processes count into files of one folder, so that whichever is asked for the
# metrics can add up all of them. A new start counts anew.
COUNTED = "PROMETHEUS_MULTIPROC_DIR"
_OURS = "readerstudy-metrics-"
if COUNTED not in os.environ:
    os.environ[COUNTED] = tempfile.mkdtemp(prefix=_OURS)

logger_class = "readerstudy.logs.MaskedAccessLog"


def on_exit(server: Any) -> None:
    """Remove what was counted: it is of no use to the next start."""
    folder = Path(os.environ[COUNTED])
    if folder.name.startswith(_OURS):
        shutil.rmtree(folder, ignore_errors=True)
