"""A loopback proxy that cuts connections: at once, half way, or before the answer came.

    python -m drills.proxy SEED NAME=PORT:TARGET...

Commands are lines of JSON on its standard input: {"line": NAME, "share": 0.05} lets so
many of the messages that a client sends be the last of their connection; {"line": NAME,
"now": true} cuts every connection that is open. At the end of the input it prints how
many connections it cut, by line and kind, and ends.
"""

import asyncio
import json
import random
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any

# Half of a message and then nothing; all of it and no answer; half of the answer.
KINDS = ("in the request", "before the answer", "in the answer")


class Line:
    """One port that leads to one server."""

    def __init__(self, name: str, target: int, chance: random.Random) -> None:
        self.name, self.target, self.chance = name, target, chance
        self.share = 0.0
        self.open: set[Connection] = set()
        self.cuts: Counter[str] = Counter()

    def obey(self, command: dict[str, Any]) -> None:
        self.share = command.get("share", self.share)
        if command.get("now"):
            for connection in list(self.open):
                connection.cut("at once")

    def choose(self) -> str:
        """How the connection of a message ends; empty where it goes on."""
        if self.share and self.chance.random() < self.share:
            return self.chance.choice(KINDS)
        return ""


class Connection:
    """Two sockets, and what is to become of them."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.ends: list[asyncio.Transport] = []
        self.fate = ""
        line.open.add(self)

    def sent(self, data: bytes, target: asyncio.Transport) -> None:
        """The client has sent something."""
        self.fate = self.fate or self.line.choose()
        if self.fate == KINDS[0]:
            target.write(data[: len(data) // 2])
            # Closed, not aborted: what was written so far still arrives.
            target.close()
            self.cut(self.fate)
        else:
            target.write(data)

    def answered(self, data: bytes, client: asyncio.Transport) -> None:
        """The server has answered something."""
        if self.fate == KINDS[1]:
            self.cut(self.fate)
        elif self.fate == KINDS[2]:
            client.write(data[: len(data) // 2])
            client.close()
            self.cut(self.fate)
        else:
            client.write(data)

    def cut(self, kind: str) -> None:
        if self in self.line.open:
            self.line.cuts[kind] += 1
        self.close()

    def close(self) -> None:
        self.line.open.discard(self)
        for end in self.ends:
            if not end.is_closing():
                end.abort()


class End(asyncio.Protocol):
    """One end of a connection: `is_client` tells which."""

    def __init__(self, connection: Connection, *, is_client: bool) -> None:
        self.connection, self.is_client = connection, is_client
        self.other: End | None = None
        self.transport: asyncio.Transport | None = None
        self.early: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - TCP is one
        self.transport = transport
        self.connection.ends.append(transport)
        if self.is_client:
            self._dial = asyncio.get_running_loop().create_task(self._reach())

    async def _reach(self) -> None:
        loop, line = asyncio.get_running_loop(), self.connection.line
        other = End(self.connection, is_client=False)
        other.other = self
        try:
            await loop.create_connection(lambda: other, "127.0.0.1", line.target)
        except OSError:
            self.connection.close()
            return
        self.other = other
        for data in self.early:
            self.data_received(data)

    def data_received(self, data: bytes) -> None:
        if self.other is None or self.other.transport is None:
            self.early.append(data)
        elif self.is_client:
            self.connection.sent(data, self.other.transport)
        else:
            self.connection.answered(data, self.other.transport)

    def connection_lost(self, problem: Exception | None) -> None:
        self.connection.line.open.discard(self.connection)
        if self.other is not None and self.other.transport is not None:
            # What was written to it is still sent.
            self.other.transport.close()


async def serve(seed: int, routes: Sequence[str]) -> None:
    """Serve until the input ends."""
    loop = asyncio.get_running_loop()
    chance = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
    lines = {}
    for route in routes:
        name, _, ports = route.partition("=")
        port, _, target = ports.partition(":")
        line = lines[name] = Line(name, int(target), chance)
        await loop.create_server(_ends_of(line), "127.0.0.1", int(port))
    _say({"ready": True})
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    async for command in reader:
        told = json.loads(command)
        lines[told["line"]].obey(told)
    _say({name: dict(line.cuts) for name, line in lines.items()})


def _ends_of(line: Line) -> Any:
    return lambda: End(Connection(line), is_client=True)


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2:]))
