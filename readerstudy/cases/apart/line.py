"""What parent and child say to each other: JSON, and bytes behind it; never a pickle.

A child that a hostile file has taken over can say whatever it likes. What it says is
cut at a length, is no code, and is checked by whoever asked (radiographs.py).
"""

import json
import socket
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

# Lengths of the JSON and of the bytes, in front of both.
_LENGTHS = struct.Struct("!QQ")
# A frame of the largest size that is read, its padding and a long description.
MOST_BYTES = 1024**3
Bytes = bytes | bytearray | memoryview


class Broken(Exception):
    """The other end is gone, or says what nobody says."""


@dataclass(frozen=True)
class Message:
    """`words` is what JSON can say; `content` are bytes that belong to it."""

    words: Any
    content: bytearray = field(default_factory=bytearray)


def send(
    line: socket.socket,
    words: Any,
    parts: Sequence[Bytes] = (),
    *,
    until: float | None = None,
) -> None:
    """Send a message; its parts arrive as one. Raises TimeoutError and OSError.

    until   a time of time.monotonic()
    """
    said = json.dumps(words).encode()
    size = sum(memoryview(part).nbytes for part in parts)
    for part in (_LENGTHS.pack(len(said), size), said, *parts):
        _wait_until(line, until)
        line.sendall(part)


def receive(
    line: socket.socket, *, until: float | None = None, most: int = MOST_BYTES
) -> Message:
    """Wait for a message. Raises TimeoutError, OSError and Broken.

    until   a time of time.monotonic()
    most    so many bytes of JSON, and so many others, are taken
    """
    said, size = _LENGTHS.unpack(_received(line, _LENGTHS.size, until))
    if said > most or size > most:
        raise Broken("a message is too long")
    try:
        words = json.loads(_received(line, said, until))
    except (ValueError, RecursionError) as problem:
        raise Broken("a message is no JSON") from problem
    return Message(words, _received(line, size, until))


def _received(line: socket.socket, size: int, until: float | None) -> bytearray:
    content = bytearray(size)
    rest = memoryview(content)
    while rest:
        _wait_until(line, until)
        come = line.recv_into(rest)
        if not come:
            raise Broken("the line was closed")
        rest = rest[come:]
    return content


def _wait_until(line: socket.socket, until: float | None) -> None:
    if until is None:
        return
    seconds = until - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    line.settimeout(seconds)
