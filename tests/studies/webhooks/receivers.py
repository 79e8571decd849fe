"""Starting the receiver, and reading what it was sent."""

import contextlib
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from standardwebhooks.webhooks import Webhook as Verifier

from tests.installation import kill
from tests.servers import free_port

PROGRAM = Path(__file__).with_name("receiver.py")


@dataclass
class Inbox:
    """A receiver that listens on a port and writes to a file."""

    port: int
    file: Path

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def requests(self) -> list[dict[str, Any]]:
        text = self.file.read_text() if self.file.exists() else ""
        return [json.loads(line) for line in text.splitlines()]

    def bodies(self) -> list[dict[str, str]]:
        return [json.loads(each["body"]) for each in self.requests()]

    @contextlib.contextmanager
    def listening(self) -> Iterator["Inbox"]:
        words = [sys.executable, str(PROGRAM), str(self.port), str(self.file)]
        process = subprocess.Popen(words, start_new_session=True)
        try:
            while True:
                with contextlib.suppress(ConnectionRefusedError):
                    socket.create_connection(("127.0.0.1", self.port)).close()
                    break
                assert process.poll() is None
                time.sleep(0.02)
            yield self
        finally:
            kill(process)


def inbox(folder: Path) -> Inbox:
    return Inbox(free_port(), folder / "received.jsonl")


def verified(secret: str, request: dict[str, Any]) -> dict[str, str]:
    """A body whose signature an independent library of the standard believes."""
    headers = {name.lower(): value for name, value in request["headers"].items()}
    found: dict[str, str] = Verifier(secret).verify(request["body"], headers)
    return found
