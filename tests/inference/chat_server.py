"""A local server that speaks OpenAI's chat protocol and answers by a script.

It is a real HTTP server: faults such as 429, a slow or a cut answer cannot be had from
a real model at will.
"""

import json
import socket
import struct
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = dict[str, Any]
# From the body of a request and its number to what is answered.
Script = Callable[[dict[str, Any], int], Answer]


def says(text: str, finish: str = "stop") -> Answer:
    """A whole chat completion."""
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": "gpt-scripted-2026",
        "system_fingerprint": "fp_1",
        "choices": [
            {
                "index": 0,
                "finish_reason": finish,
                "message": {"role": "assistant", "content": text},
            }
        ],
        "usage": {"prompt_tokens": 200, "completion_tokens": 60, "total_tokens": 260},
    }


def pairs(count: int, about: str = "the lungs") -> str:
    """What a well-behaved model writes."""
    several = [
        {"question": f"Question {number} on {about}?", "answer": f"Answer {number}."}
        for number in range(count)
    ]
    return json.dumps({"pairs": several})


class ChatServer(ThreadingHTTPServer):
    """Runs in a thread of its own while it is entered.

    A script may answer with `status` (and `headers`, `body`), `delay` in seconds,
    `cut`, which closes the line in the middle of the answer, `reset`, which breaks it
    there, `chunked`, which sends it in pieces of no announced length, `trickle`: a byte
    every so many seconds, or `reason`: the words beside the status.
    """

    daemon_threads = True

    def __init__(self, script: Script) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script = script
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.most_at_once = 0
        self._at_once = 0
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """What --base-url is given."""
        return f"http://127.0.0.1:{self.server_port}/v1"

    def __enter__(self) -> "ChatServer":
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(self, *ignored: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    def answer(
        self, path: str, body: dict[str, Any], headers: dict[str, str]
    ) -> Answer:
        with self._lock:
            self.requests.append(body)
            self.headers.append(headers)
            self.paths.append(path)
            number = len(self.requests)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            answer = self.script(body, number)
            time.sleep(answer.pop("delay", 0))
        finally:
            with self._lock:
                self._at_once -= 1
        return answer

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: ChatServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        body = json.loads(self.rfile.read(length))
        answer = self.server.answer(self.path, body, dict(self.headers))
        status, cut = answer.pop("status", 200), answer.pop("cut", False)
        headers, reason = answer.pop("headers", {}), answer.pop("reason", None)
        reset = answer.pop("reset", False)
        chunked, trickle = answer.pop("chunked", False), answer.pop("trickle", 0)
        content = answer.pop("body", None) or json.dumps(answer)
        data = content.encode()
        self.send_response(status, reason)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self._send_in_pieces(data, cut=cut)
            return
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if trickle:
            self._trickle(data, trickle)
            return
        self.wfile.write(data[: len(data) // 2] if cut or reset else data)
        if cut or reset:
            self.close_connection = True
        if reset:
            time.sleep(0.1)  # for the client to read the head
            broken = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, broken)
            self.connection.close()

    def _send_in_pieces(self, data: bytes, *, cut: bool) -> None:
        for start in range(0, len(data), 50):
            piece = data[start : start + 50]
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            if cut and start > len(data) // 2:
                self.close_connection = True
                return
        self.wfile.write(b"0\r\n\r\n")

    def _trickle(self, data: bytes, pause: float) -> None:
        for byte in data:
            self.wfile.write(bytes([byte]))
            time.sleep(pause)

    def do_GET(self) -> None:
        """Where a redirect would lead to."""
        self.server.headers.append(dict(self.headers))
        self.send_error(404)

    def log_message(self, *ignored: object) -> None:
        """Tests print enough."""
