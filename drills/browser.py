"""A browser as far as a site can tell: cookies, forms, patience, and honest doubts.

An answer is judged as static/grading/send.js judges it. Everything that happened is
counted, and what must never happen is kept with its words.
"""

import http.client
import json
import re
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import urlencode, urlsplit

# As in send.js.
PATIENCE_SECONDS = 15.0
PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0)
TRACEBACK = "Traceback (most recent call last)"
LONGEST_QUOTE = 300


def is_signed_out(answer: "Answer") -> bool:
    """Whether somebody has to sign in first: a clock a day ahead ends every session."""
    if answer.status in {301, 302, 303}:
        return "sign-in" in answer.headers.get("location", "")
    return answer.status == 401


class LineBroke(Exception):
    """No answer came, or not all of it."""


@dataclass(frozen=True)
class Answer:
    """What came back: status, headers in small letters, text, seconds that it took."""

    status: int
    headers: dict[str, str]
    content: bytes
    seconds: float

    @property
    def text(self) -> str:
        return self.content.decode(errors="replace")

    def json(self) -> Any:
        return json.loads(self.content)


@dataclass
class Experience:
    """What all browsers of a drill have lived through."""

    answers: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    dishonest: list[str] = field(default_factory=list)
    longest: float = 0.0
    seconds: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answered(self, method: str, path: str, answer: Answer) -> None:
        """Note an answer, and what is wrong with it."""
        with self.lock:
            self.answers[str(answer.status)] += 1
            self.longest = max(self.longest, answer.seconds)
            self.seconds.append(answer.seconds)
            if fault := dishonesty(answer):
                quote = answer.text[:LONGEST_QUOTE]
                self.dishonest.append(f"{method} {path}: {fault}: {quote}")

    def broke(self, why: str) -> None:
        with self.lock:
            self.broken[why] += 1


def dishonesty(answer: Answer) -> str:
    """What an answer must not be: a fault of the program, or trouble without a word."""
    if TRACEBACK in answer.text:
        return "it holds a traceback"
    if answer.status in {502, 504} or answer.status < 500:
        return ""
    if answer.status == 507:
        return "" if "disk" in answer.text else "a full disk without a sentence"
    if answer.status != 503:
        return f"the status is {answer.status}"
    if "retry-after" not in answer.headers:
        return "503 without Retry-After"
    return "" if "cannot reach" in answer.text else "503 without a sentence"


class Browser:
    """One person's browser. Every request opens a line of its own."""

    scheme = "http"

    def __init__(self, address: str, experience: Experience) -> None:
        self.address, self.experience = address, experience
        self.cookies: dict[str, str] = {}

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Send a request and wait for all of its answer. Raises LineBroke."""
        began = time.monotonic()
        connection = self._line()
        try:
            connection.request(method, path, body, self._headers() | (headers or {}))
            response = connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as problem:
            self.experience.broke(type(problem).__name__)
            raise LineBroke from problem
        finally:
            connection.close()
        self._keep_cookies(response)
        given = {name.lower(): value for name, value in response.getheaders()}
        seconds = time.monotonic() - began
        answer = Answer(response.status, given, content, seconds)
        self.experience.answered(method, path, answer)
        return answer

    def _line(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self.address, timeout=PATIENCE_SECONDS)

    @property
    def _token(self) -> str:
        plain = self.cookies.get("csrftoken", "")
        return self.cookies.get("__Host-csrftoken", plain)

    def _headers(self) -> dict[str, str]:
        pairs = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        told = {"Connection": "close", "Referer": f"{self.scheme}://{self.address}/"}
        return told | ({"Cookie": pairs} if pairs else {})

    def _keep_cookies(self, response: http.client.HTTPResponse) -> None:
        for told in response.msg.get_all("Set-Cookie", []):
            name, _, value = told.partition(";")[0].partition("=")
            self.cookies[name.strip()] = value.strip()

    def open(self, path: str, hops: int = 8) -> tuple[str, Answer]:
        """Open a page, wherever it leads; returns its path as well."""
        for _ in range(hops):
            answer = self.ask("GET", path)
            if answer.status not in {301, 302, 303}:
                return path, answer
            path = _path_of(answer.headers["location"])
        raise LineBroke(f"{path} leads round in a circle")

    def send_json(self, method: str, path: str, content: Any) -> Answer:
        """Send JSON as the scripts of the pages do."""
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "X-CSRFToken": self._token,
        }
        return self.ask(method, path, json.dumps(content).encode(), headers)

    def send_bytes(self, path: str, content: bytes) -> Answer:
        """Send a piece of a file as the upload page does."""
        headers = {
            "Content-Type": "application/octet-stream",
            "Accept": "application/json",
            "X-CSRFToken": self._token,
        }
        return self.ask("PUT", path, content, headers)

    def send_form(self, path: str, fields: dict[str, str]) -> Answer:
        """Send a form with the token of the cookie."""
        given = {"csrfmiddlewaretoken": self._token} | fields
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.ask("POST", path, urlencode(given).encode(), headers)

    def sign_in(self, username: str, password: str) -> bool:
        """Fill in the sign-in page; False where it did not work now."""
        path, page = self.open("/")
        if page.status != 200:
            return False
        if "password" not in page.text:
            return True  # signed in already
        fields = {"next": "/"}
        for tag in re.findall(r"<input\b[^>]*>", page.text):
            kind, name = _attribute(tag, "type"), _attribute(tag, "name")
            if kind == "password":
                fields[name] = password
            elif name in {"username", "login"}:
                fields[name] = username
        return self.send_form(path, fields).status == 302

    def copy(self) -> "Browser":
        """A second window of the same browser."""
        other = type(self)(self.address, self.experience)
        other.cookies = dict(self.cookies)
        return other


def _path_of(location: str) -> str:
    parts = urlsplit(location)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return unescape(found[1]) if found else ""


def data(page: str, name: str) -> str:
    """The first data attribute of that name on a page; empty where there is none."""
    return _attribute(page, f"data-{name}")
