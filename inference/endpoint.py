"""A chat endpoint that speaks OpenAI's protocol, asked over plain HTTP.

One request, one whole answer: what GPT-4, vLLM, llama.cpp or `transformers serve` offer
under /v1/chat/completions. The standard library is enough for that. What may pass is
tried again with growing waits; what cannot pass is told in a sentence. The key goes
into one header and into no message, and no redirect carries it elsewhere. Contents are
texts or, with images, lists of parts.
"""

import json
import os
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

from inference.characters import whole_characters

KEY_VARIABLE = "OPENAI_API_KEY"
LONGEST_WAIT = 60.0
# Nobody means a longer wait; beyond all measure there is no date to tell.
_LONGEST_ASKED = timedelta(days=3650).total_seconds()
LARGEST_ANSWER = 16 * 1024**2
# Besides all of 500 and above: timeouts, conflicts, too early, too many.
_PASSING = (408, 409, 425, 429)
# What is wrong with one request alone: its content, its length.
_OF_THE_REQUEST = (400, 413, 422)
# Codes of an error by which an endpoint says that its content filter stepped in.
_FILTERED = ("content_filter", "content_policy_violation")
_READ_BLOCK = 1 << 16
# Bytes of what a failed try says that are read, and characters of it that are told.
_READ_OF_ERROR, _TOLD = 2000, 300
# A shorter key may be a word, such as "none", that a report has every right to.
_SHORTEST_SECRET = 16


class Refused(ValueError):
    """The endpoint answered, but refuses this request; others may go through.

    usage  what it counted all the same; None where it gave no answer to count
    """

    def __init__(self, problem: str, usage: Mapping[str, Any] | None = None) -> None:
        super().__init__(problem)
        self.usage = usage


class Declined(Refused):
    """The model or its content filter will not answer; `said` are its words."""

    usage: Mapping[str, Any]

    def __init__(self, said: str, usage: Mapping[str, Any]) -> None:
        super().__init__(f"The answer is empty ({said}).", usage)
        self.said = said


class Unreachable(ValueError):
    """The endpoint gives no answers: asking on is of no use."""


class TurnedAway(Unreachable):
    """Nor is asking soon: somebody must mend something, or a stated time must come."""


@dataclass(frozen=True)
class Reply:
    """One answer with what its maker says of it; `finish` is "stop" for a whole one."""

    text: str
    finish: str
    model: str
    system_fingerprint: str | None
    usage: Mapping[str, Any]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *ignored: Any, **also: Any) -> None:
        return None


@dataclass(frozen=True)
class Endpoint:
    """Where to ask, and how patiently.

    base_url  as clients of OpenAI have it, such as http://127.0.0.1:8000/v1
    key_place where the key was found, for whoever must mend it
    timeout   seconds without a word before a try is given up
    deadline  seconds before a try is given up that keeps on trickling
    tries     how often one request is sent at most
    wait      seconds before the second try; they double, up to LONGEST_WAIT
    patience  the longest wait that an endpoint may ask for; if it asks for more, asking
              ends at once
    stop      set to end all asking at once
    given_up  why nobody asks any longer, the first reason first
    """

    base_url: str
    model: str
    key: str = field(
        default_factory=lambda: os.environ.get(KEY_VARIABLE, "").strip(), repr=False
    )
    key_place: str = KEY_VARIABLE
    timeout: float = 120.0
    deadline: float = 600.0
    tries: int = 6
    wait: float = 1.0
    patience: float = 300.0
    stop: threading.Event = field(default_factory=threading.Event)
    given_up: list[Unreachable] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Refuse an address or a key that is none with a ValueError."""
        parts = urlsplit(self.base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(
                f"{self.base_url!r} is no address such as https://HOST/v1."
            )
        if parts.username or parts.password:
            raise ValueError(
                f"The address must hold no password: put the key into {self.key_place}."
            )
        # A header with a line break in it would be refused with the key in the message.
        if not self.key.isascii() or any(not sign.isprintable() for sign in self.key):
            raise ValueError(f"What {self.key_place} holds is no key.")

    def ask(
        self,
        messages: Sequence[Mapping[str, Any]],
        *,
        before_sending: Callable[[], None] = lambda: None,
        **settings: Any,
    ) -> Reply:
        """Send one conversation; settings such as temperature and seed go along.

        before_sending  called right before each try; what it raises ends the asking

        Raises Refused, of which Declined is one kind, or Unreachable.
        """
        body = {"model": self.model, "messages": list(messages), **settings}
        problem, wait = "", 0.0
        for attempt in range(self.tries):
            if self.stop.wait(wait):
                raise self._stopped()
            wait = min(self.wait * 2**attempt, LONGEST_WAIT)
            before_sending()
            try:
                return self._reply(self._post(body))
            except urllib.error.HTTPError as error:
                problem = self._told(error)
                wait = self._asked_for(error, wait)
            except (OSError, HTTPException) as error:
                reason = getattr(error, "reason", None) or error
                problem = f"{type(error).__name__}: {self.told(str(reason))}"
            except _NoChat as error:
                problem = str(error)
        self._give_up(
            Unreachable, f"gives no answer after {self.tries} tries ({problem})"
        )
        raise self._stopped()

    def _asked_for(self, error: urllib.error.HTTPError, wait: float) -> float:
        """Seconds to wait by the Retry-After of an answer, else as long as planned."""
        asked = seconds_to_wait(error.headers.get("Retry-After", ""))
        if asked is None:
            return wait
        if asked > self.patience:
            until = datetime.now(UTC) + timedelta(seconds=min(asked, _LONGEST_ASKED))
            until += timedelta(minutes=1)  # the minute that is told is never early
            self._give_up(
                TurnedAway,
                f"asks to be left alone until {until:%Y-%m-%d %H:%M} UTC "
                f"({error.code} {self.told(error.reason)}); try again after that",
            )
            raise self._stopped()
        # Whoever says the same again and again is given more time than it asks for.
        return max(asked, wait) if asked else 0.0

    def _give_up(self, kind: type[Unreachable], what: str) -> None:
        """End all asking, and note why."""
        self.given_up.append(kind(f"{self.base_url} {what}."))
        self.stop.set()

    def _stopped(self) -> Unreachable:
        """Why nobody asks any longer, for each thread an exception of its own."""
        for reason in self.given_up:
            return type(reason)(str(reason))
        return Unreachable("The run was stopped.")

    def _post(self, body: Mapping[str, Any]) -> bytes:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        # The scheme was looked at above: no file is opened here.
        request = urllib.request.Request(  # noqa: S310
            f"{self.base_url.rstrip('/')}/chat/completions",
            data=json.dumps(body).encode(),
            headers=headers,
        )
        opener = urllib.request.build_opener(_NoRedirect())
        with opener.open(request, timeout=self.timeout) as response:
            return _whole(response, time.monotonic() + self.deadline)

    def told(self, words: str) -> str:
        """Words from elsewhere for a message: without the key, on one line, and cut."""
        return whole_characters(" ".join(self._masked(words).split()))[:_TOLD]

    def _masked(self, words: str) -> str:
        return words.replace(self.key, "***") if self.key else words

    def _told(self, error: urllib.error.HTTPError) -> str:
        """What a failed try says; raises for what another try cannot mend."""
        said = self._said(error)
        words = self.told(said)
        problem = f"{error.code} {self.told(error.reason)}: {words}"
        if error.code in _OF_THE_REQUEST:
            if any(code in said for code in _FILTERED):
                raise Declined(words, {})
            raise Refused(problem)
        if error.code < 500 and error.code not in _PASSING:
            self._give_up(TurnedAway, f"refuses to answer ({problem})")
            raise self._stopped()
        return problem

    def _said(self, error: urllib.error.HTTPError) -> str:
        """The beginning of an error's body; nothing where the line breaks before it."""
        most = _READ_OF_ERROR + len(self.key)
        try:
            with error:
                content = error.read(most)
        except (OSError, HTTPException):
            return ""
        said = self._masked(content.decode(errors="replace"))
        # Where reading ended in the middle of the key, no mask finds its half.
        return said[: -len(self.key)] if self.key and len(content) == most else said

    def _reply(self, content: bytes) -> Reply:
        """Read an answer; raises Declined, Refused, or _NoChat where it is none."""
        try:
            answer = json.loads(content)
            choice = answer["choices"][0]
            text = _joined(choice["message"].get("content"))
            refusal = choice["message"].get("refusal")
            counted = answer.get("usage")
            usage = counted if isinstance(counted, dict) else {}
            finish = str(choice.get("finish_reason") or "stop")
            made_by = str(answer.get("model") or self.model)
            version = answer.get("system_fingerprint")
            version = None if version is None else self._kept(str(version))
        except (
            *(ValueError, LookupError, TypeError, AttributeError),
            RecursionError,
        ) as problem:
            raise _NoChat("the answer is no chat completion") from problem
        if finish != "content_filter" and not isinstance(text, str | None):
            raise Refused(
                "The answer has another form: its content is neither a text nor a list "
                "of parts that are texts.",
                usage,
            )
        is_empty = not isinstance(text, str) or not text.strip()
        if is_empty and finish == "length":
            raise Refused(
                "The answer is empty (length): the model used up its tokens before the "
                "first word. Allow it more.",
                usage,
            )
        if finish == "content_filter" or is_empty:
            raise Declined(self.told(str(refusal or finish)), usage)
        finish, made_by = self.told(finish), self._kept(made_by)
        return Reply(self._kept(text), finish, made_by, version, usage)

    def _kept(self, text: str) -> str:
        """Part of an answer as it may be stored: whole characters, without the key."""
        if len(self.key) >= _SHORTEST_SECRET:
            text = self._masked(text)
        return whole_characters(text)


def seconds_to_wait(retry_after: str) -> float | None:
    """What a Retry-After header asks for, in seconds or as a date, else None."""
    asked = retry_after.strip()
    if asked.isascii() and asked.isdigit():
        return float(asked)
    try:
        until = parsedate_to_datetime(asked)
        if until.tzinfo is None:
            until = until.replace(tzinfo=UTC)
        return max(0.0, (until - datetime.now(UTC)).total_seconds())
    except (ValueError, OverflowError):
        return None


def _joined(content: Any) -> Any:
    """A list of parts that are all texts as one text; anything else as it is."""
    if not isinstance(content, list):
        return content
    texts = [_text_of(part) for part in content]
    return content if None in texts else "".join(filter(None, texts))


def _text_of(part: Any) -> str | None:
    """The words of a part of an answer; None where it is no text."""
    if not isinstance(part, dict) or part.get("type") != "text":
        return None
    words = part.get("text")
    return words if isinstance(words, str) else None


def _whole(response: HTTPResponse, until: float) -> bytes:
    """The body of an answer; raises OSError where it is cut, endless or too slow."""
    content = bytearray()
    while block := response.read1(_READ_BLOCK):
        content += block
        if time.monotonic() > until:
            raise TimeoutError("the answer trickles and does not end")
        if len(content) > LARGEST_ANSWER:
            raise OSError("the answer is too large")
    if response.length:
        raise ConnectionError(f"it was cut: {response.length} bytes are missing")
    return bytes(content)


class _NoChat(Exception):
    """An answer came that is none of this protocol."""
