"""Connections that another thread can cut, at whatever point of a call.

The timeouts of a socket begin anew with every byte. Whoever drips them, in the headers
or the handshake of TLS, or says `100 Continue` again and again, is never late by them.
"""

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

_Keep = Callable[[socket.socket], None]


class Cuttable(HTTPAdapter):
    """What a session calls through; it holds a second handle of each connection.

    By the handle a connection is cut though TLS has taken the first one over.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._handles: list[socket.socket] = []
        self._is_cut = False
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = _pools(self._keep)

    def cut(self) -> None:
        """End every connection, and those that are yet to be made."""
        with self._lock:
            self._is_cut = True
            for handle in self._handles:
                _end(handle)

    def close(self) -> None:
        super().close()
        with self._lock:
            for handle in self._handles:
                handle.close()
            self._handles.clear()

    def _keep(self, line: socket.socket) -> None:
        with self._lock:
            self._handles.append(line.dup())
            if self._is_cut:
                _end(line)


def _end(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def _pools(keep: _Keep) -> dict[str, Any]:
    """The pools of a session whose connections are handed to `keep` once made."""

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            line = super()._new_conn()
            keep(line)
            return line

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            line = super()._new_conn()
            keep(line)
            return line

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}
