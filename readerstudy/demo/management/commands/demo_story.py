"""Tell the demonstration's story step by step, as the worker's reports come in."""

import time
from typing import Any

from django.core.management.base import BaseCommand

from readerstudy.demo import story


class Command(BaseCommand):
    help = "Used by `demo`: open and close the demonstration's studies in time."

    def handle(self, *args: Any, **options: Any) -> None:
        story.prepare()
        said = ""
        while not story.advance():
            progress = story.progress_sentence()
            if progress != said:
                said = progress
                self.stdout.write(progress)
                self.stdout.flush()
            time.sleep(0.5)
        self.stdout.write("The demonstration's studies are ready.")
        # Stay: a process that ends would be started again.
        while True:
            time.sleep(3600)
