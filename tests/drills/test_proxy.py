"""The proxy that cuts lines: in a request, before an answer, in an answer, at once."""

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.servers import free_port

ROOT = Path(__file__).resolve().parents[2]
MESSAGE = b"0123456789"


class Echo(threading.Thread):
    """Answers with what it hears, and remembers it."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.heard: list[bytes] = []

    def run(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self.listener.accept()
                threading.Thread(target=self._talk, args=(line,), daemon=True).start()

    def _talk(self, line: socket.socket) -> None:
        with line, suppress(OSError):
            while heard := line.recv(100):
                self.heard.append(heard)
                line.sendall(heard)


class Proxy:
    """The proxy as the drill runs it."""

    def __init__(self, target: int, seed: int) -> None:
        self.port = free_port()
        route = f"line={self.port}:{target}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "drills.proxy", str(seed), route],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        assert json.loads(self.process.stdout.readline()) == {"ready": True}

    def tell(self, **command: Any) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps({"line": "line", **command}) + "\n")
        self.process.stdin.flush()

    def ask(self) -> bytes:
        """Send the message on a line of its own; returns all that comes back."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as line:
            got = b""
            with suppress(ConnectionError):
                line.sendall(MESSAGE)
                while len(got) < len(MESSAGE) and (more := line.recv(100)):
                    got += more
            return got

    def end(self) -> dict[str, int]:
        said, _ = self.process.communicate(timeout=20)
        cuts: dict[str, int] = json.loads(said)["line"]
        return cuts


@pytest.fixture
def echo() -> Iterator[Echo]:
    server = Echo()
    server.start()
    yield server
    server.listener.close()


def test_nothing_is_cut_before_it_is_told_to(echo: Echo) -> None:
    proxy = Proxy(echo.port, seed=1)
    assert [proxy.ask() for _ in range(5)] == [MESSAGE] * 5
    assert proxy.end() == {}


def test_a_line_is_cut_in_each_of_its_ways(echo: Echo) -> None:
    proxy = Proxy(echo.port, seed=3)
    proxy.tell(share=1)
    while proxy.ask() == MESSAGE:
        pass  # it has not heard of it yet
    answers = {proxy.ask() for _ in range(30)}
    # Nothing, or half of the answer; never all of it.
    assert answers == {b"", MESSAGE[:5]}
    cuts = proxy.end()
    assert set(cuts) == {"in the request", "before the answer", "in the answer"}
    assert sum(cuts.values()) >= 31
    # Half of a request reaches the server at most, or all of it and no answer comes.
    assert set(echo.heard) <= {MESSAGE, MESSAGE[:5]}


def test_a_share_of_none_mends_the_line_again(echo: Echo) -> None:
    proxy = Proxy(echo.port, seed=3)
    proxy.tell(share=1)
    proxy.tell(share=0)
    while proxy.ask() != MESSAGE:
        pass
    assert proxy.ask() == MESSAGE
    proxy.end()


def test_open_lines_can_be_cut_at_once(echo: Echo) -> None:
    proxy = Proxy(echo.port, seed=1)
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=20) as line:
        line.sendall(MESSAGE)
        assert line.recv(100) == MESSAGE
        proxy.tell(now=True)
        with suppress(ConnectionError):
            assert line.recv(100) == b""
    assert proxy.end() == {"at once": 1}


def test_a_server_that_is_away_closes_the_line() -> None:
    proxy = Proxy(free_port(), seed=1)
    assert proxy.ask() == b""
    proxy.end()
