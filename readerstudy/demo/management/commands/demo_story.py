"""Tell the demonstration's story step by step, as the worker's reports come in."""

import logging
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand

from readerstudy.demo import story

# How often the progress is told in the terminal, where every line stays.
TELL_SECONDS = 5.0


class Command(BaseCommand):
    help = "Used by `demo`: open and close the demonstration's studies in time."

    def handle(self, *args: Any, **options: Any) -> None:
        _speak_plainly()
        story.prepare()
        said, said_at = "", 0.0
        while not story.advance():
            progress = story.progress_sentence()
            if progress != said and time.monotonic() - said_at > TELL_SECONDS:
                said, said_at = progress, time.monotonic()
                self._say(progress)
            time.sleep(0.5)
        self._say("The demonstration's studies are ready.")
        # Stay: a process that ends would be started again.
        while True:
            time.sleep(3600)

    def _say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()


def _speak_plainly() -> None:
    """Log to the people before the terminal: sentences without time and level."""
    logger = logging.getLogger("readerstudy.demo")
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger.addHandler(handler)
    logger.propagate = False
