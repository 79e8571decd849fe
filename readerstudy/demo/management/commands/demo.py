"""Start the demonstration: worker, site and story, and keep them running."""

import os
import socket
import sys
import urllib.request
from argparse import ArgumentParser
from typing import Any
from urllib.error import HTTPError, URLError

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from readerstudy.demo import story
from readerstudy.demo.people import PASSWORD, SIGN_INS
from readerstudy.demo.supervisor import Process, Ready, run

EVERYWHERE = "0.0.0.0"  # noqa: S104 - only where HOST says so


class Command(BaseCommand):
    help = "Start the demonstration: worker, site and story, until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", default="8000")

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = options["host"], _port(options["port"])
        _require_free(host, port)
        self.address = f"http://{host}:{port}"
        call_command("migrate", verbosity=0)
        self.stdout.write(f"Data: {settings.DATA_DIR}")
        if not story.is_told():
            self.stdout.write(
                "Radiographs are drawn and the worker writes their reports: a minute "
                f"or two. {self.address} answers meanwhile; all is there at `Ready`."
            )
        run(
            self._processes(host, port),
            ready=Ready(check=self._is_ready, say=self._say_ready),
        )
        self.stdout.write("Stopped. What was stored is kept for the next time.")

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
        address = self.address.replace(EVERYWHERE, "127.0.0.1")
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=1):  # noqa: S310
                return story.is_told()
        except HTTPError as refusal:
            refusal.close()
            return False
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
            "Ctrl-C stops everything.",
        ]
        if EVERYWHERE in self.address:
            lines.append("Everybody in this network can sign in with these passwords.")
        self.stdout.write(os.linesep.join(lines))


def _port(word: str) -> int:
    if not word.isdecimal() or not 0 < int(word) < 65536:
        raise CommandError(f"PORT is {word}; a port is a number from 1 to 65535.")
    return int(word)


def _require_free(host: str, port: int) -> None:
    """Refuse with a sentence where the site could not listen.

    Else it would be started again and again, and a stranger's site under this address
    would be taken for ours.
    """
    try:
        with socket.socket() as listener:
            # As the site does it: a port that was left a moment ago is free.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, port))
    except OSError as problem:
        reason = (problem.strerror or str(problem)).lower()
        raise CommandError(
            f"The site cannot listen on {host}, port {port}: {reason}. Choose another "
            f"HOST or PORT, as in `make demo PORT={min(port + 1, 65535)}`."
        ) from None
