"""A lean HTTP client: one connection of one browser, on asyncio's own transport.

What it costs is counted as the harness's share, so it does no more than it must: one
request at a time, bodies by their announced length, cookies by name. One of no length
that ends with its connection comes as it is, chunks and all.
"""

import asyncio
import contextlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

# A page, a frame of pixels: nothing of the site is larger.
LARGEST_BYTES = 64 * 2**20
PATIENCE_SECONDS = 30.0


class Failed(Exception):
    """The site gave no answer, or none that a browser could use."""


@dataclass(frozen=True)
class Answer:
    """What came back. `head` holds the lines of the header in small letters."""

    status: int
    head: bytes
    body: bytes

    def header(self, name: str) -> str:
        """A header's value, empty where it is absent."""
        start = self.head.find(f"\r\n{name}: ".encode())
        if start < 0:
            return ""
        start += len(name) + 4
        return self.head[start : self.head.find(b"\r\n", start)].decode("latin-1")

    def json(self) -> Any:
        return json.loads(self.body)


class _Wire(asyncio.Protocol):
    """One TCP connection, and the answer that is coming in on it."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.waiting: asyncio.Future[Answer] | None = None
        self.parts: list[bytes] = []
        self.head = b""
        self.names = b""
        self.missing = -1
        self.ends_with_connection = False
        self.is_heard = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.is_heard = True
        if self.missing < 0:
            data = self._begin(self.head + data)
            if self.missing < 0:
                return
        self.parts.append(data)
        self.missing -= len(data)
        if self.missing <= 0:
            self._finish()

    def _begin(self, data: bytes) -> bytes:
        """Read the header once it is whole; return what of the body is there."""
        self.head = data
        end = data.find(b"\r\n\r\n")
        if end < 0:
            return b""
        self.names = _small_names(data[: end + 2])
        answer = Answer(int(data[9:12]), self.names, b"")
        length = answer.header("content-length")
        self.ends_with_connection = (
            not length and answer.header("connection") == "close"
        )
        if self.ends_with_connection:
            length = str(LARGEST_BYTES)
        if not length and answer.status not in (204, 304):
            self._fail(Failed(f"no length in {data[:end]!r}"))
            return b""
        self.missing = int(length or 0)
        if self.missing > LARGEST_BYTES:
            self._fail(Failed("an answer beyond all measure"))
        return data[end + 4 :]

    def _finish(self) -> None:
        answer = Answer(int(self.head[9:12]), self.names, b"".join(self.parts))
        waiting, self.waiting = self.waiting, None
        self.parts, self.head, self.missing = [], b"", -1
        if "close" in answer.header("connection") and self.transport:
            self.transport.close()
            self.transport = None
        if waiting and not waiting.done():
            waiting.set_result(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        if exc is None and self.missing >= 0 and self.ends_with_connection:
            self._finish()
        self._fail(ConnectionResetError("closed"))

    def _fail(self, problem: Exception) -> None:
        if self.waiting and not self.waiting.done():
            self.waiting.set_exception(problem)


def _small_names(head: bytes) -> bytes:
    """Header names in small letters; values stay, as cookies know the difference."""
    lines = head.split(b"\r\n")
    named = (line.partition(b":") for line in lines[1:])
    return b"\r\n".join([lines[0], *(a.lower() + b + c for a, b, c in named)])


@dataclass
class Browser:
    """What a reader's browser keeps: one connection, cookies; and what it counted."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    bytes_read: int = 0
    _wire: _Wire | None = None

    async def ask(
        self, method: str, path: str, content: Any = None, *, form: str = ""
    ) -> Answer:
        """Send one request and return the answer; raises Failed without one.

        content  sent as JSON;  form  sent as a form. A connection that the site closed
        while it was idle is opened anew, as browsers do.
        """
        body, kind = form.encode(), "application/x-www-form-urlencoded"
        if content is not None:
            body, kind = json.dumps(content).encode(), "application/json"
        request = self._request(method, path, body, kind)
        for _ in range(2):
            wire = await self._connected()
            was_idle = wire.is_heard
            try:
                answer = await self._exchange(wire, request)
            except ConnectionResetError:
                if not was_idle:
                    break
            else:
                self._note(answer)
                return answer
        raise Failed(f"the connection broke at {method} {path}")

    async def _connected(self) -> _Wire:
        if self._wire is None or self._wire.transport is None:
            loop = asyncio.get_running_loop()
            _, self._wire = await loop.create_connection(_Wire, "127.0.0.1", self.port)
        return self._wire

    async def _exchange(self, wire: _Wire, request: bytes) -> Answer:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Answer] = loop.create_future()
        wire.waiting = answer
        if wire.transport is None:
            raise ConnectionResetError
        wire.transport.write(request)
        patience = loop.call_later(PATIENCE_SECONDS, self.close)
        try:
            return await answer
        finally:
            patience.cancel()

    def _request(self, method: str, path: str, body: bytes, kind: str) -> bytes:
        lines = [
            f"{method} {path} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            "Accept-Encoding: gzip",
        ]
        if self.cookies:
            pairs = "; ".join(f"{name}={text}" for name, text in self.cookies.items())
            lines.append(f"Cookie: {pairs}")
        if method != "GET":
            lines += [f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
            lines.append(f"X-CSRFToken: {self.cookies.get('csrftoken', '')}")
        return "\r\n".join([*lines, "", ""]).encode() + body

    def _note(self, answer: Answer) -> None:
        self.bytes_read += len(answer.body)
        at = answer.head.find(b"\r\nset-cookie: ")
        while at >= 0:
            end = answer.head.find(b"\r\n", at + 2)
            pair = answer.head[at + 14 : end].partition(b";")[0].decode("latin-1")
            name, _, text = pair.partition("=")
            self.cookies[name] = text
            at = answer.head.find(b"\r\nset-cookie: ", end)

    def close(self) -> None:
        if self._wire and self._wire.transport:
            with contextlib.suppress(OSError):
                self._wire.transport.abort()


def pixels_of(answer: Answer) -> int:
    """How many bytes of pixels an answer holds; raises Failed where it is damaged."""
    try:
        return len(zlib.decompress(answer.body, wbits=31))
    except zlib.error as problem:
        raise Failed("a frame that cannot be unpacked") from problem


def parameters(mapping: Mapping[str, str]) -> str:
    """A form as it is sent."""
    return urlencode(mapping)
