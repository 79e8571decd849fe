"""Start the demonstration: worker, site and story, and keep them running."""

import os
import sys
import urllib.request
from argparse import ArgumentParser
from typing import Any
from urllib.error import URLError

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from readerstudy.demo import story
from readerstudy.demo.people import PASSWORD, SIGN_INS
from readerstudy.demo.supervisor import Process, Ready, run


class Command(BaseCommand):
    help = "Start the demonstration: worker, site and story, until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, **options: Any) -> None:
        self.address = f"http://{options['host']}:{options['port']}"
        call_command("migrate", verbosity=0)
        self.stdout.write(f"Data: {settings.DATA_DIR}")
        run(
            self._processes(options["host"], options["port"]),
            ready=Ready(check=self._is_ready, say=self._say_ready),
        )

    def _processes(self, host: str, port: int) -> list[Process]:
        python = sys.executable
        worker = "-m celery -q -A readerstudy worker --pool solo --loglevel WARNING"
        site = "-m gunicorn readerstudy.wsgi --threads 4 --log-level warning --bind"
        return [
            # The demonstration may run as root; Celery's warning of it helps nobody.
            Process(
                "worker",
                [python, *worker.split()],
                {"PYTHONWARNINGS": "ignore", "HF_HUB_DISABLE_PROGRESS_BARS": "1"},
            ),
            Process("site", [python, *site.split(), f"{host}:{port}"]),
            Process("story", [python, "manage.py", "demo_story"]),
        ]

    def _is_ready(self) -> bool:
        host = "127.0.0.1" if "0.0.0.0" in self.address else None  # noqa: S104
        address = self.address.replace("0.0.0.0", host) if host else self.address  # noqa: S104
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=1):  # noqa: S310
                return story.is_told()
        except (URLError, OSError):
            return False

    def _say_ready(self) -> None:
        lines = [f"Ready: {self.address}", ""]
        lines += [
            f"  {role:<12} {username:<6} {PASSWORD}" for role, username, _ in SIGN_INS
        ]
        lines += [
            "",
            "Synthetic radiographs, demonstration model. Not for clinical use.",
        ]
        self.stdout.write(os.linesep.join(lines))
