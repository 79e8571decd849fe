"""Runs a module under libfaketime, which breaks the sleep of Python from 3.11 on.

    python -m drills.sleepless gunicorn readerstudy.wsgi ...

There time.sleep asks for a moment of the monotonic clock, and libfaketime 0.9.10
answers that the argument is invalid. Waiting on no file at all is as good a sleep.
"""

import runpy
import select
import sys
import time
from typing import SupportsIndex


def _sleep(seconds: SupportsIndex | float) -> None:
    select.select([], [], [], float(seconds))


if __name__ == "__main__":
    time.sleep = _sleep
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
