"""A receiver of webhooks as a process of its own; it writes down what it is sent.

    python receiver.py PORT FILE

What it answers stands in the path: /500 answers 500, /302 leads to /taken, /flaky/2
fails twice and then takes it. Every request is a line of JSON in FILE.
"""

import json
import sys
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_TRIES: Counter[str] = Counter()


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        line = {"path": self.path, "headers": dict(self.headers), "body": body}
        with Path(sys.argv[2]).open("a") as file:
            file.write(json.dumps(line) + "\n")
        word, _, number = self.path.strip("/").partition("/")
        status = int(word) if word.isdigit() else 204
        if word == "flaky":
            _TRIES[body] += 1
            status = 503 if _TRIES[body] <= int(number) else 204
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", "/taken")
        self.end_headers()

    do_GET = do_POST

    def log_message(self, *arguments: object) -> None:
        """Keep the test output quiet."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
