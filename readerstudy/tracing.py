"""Which request and which job a line of the log belongs to. Knows nothing of Django.

A request gets an id when it comes; work that it asks for carries the id to the worker
in the headers of the message. Threads begin without either.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from secrets import token_hex
from typing import Any

from celery import Task

# In the headers of a message, and in those of a request where a proxy gives ids.
HEADER = "request_id"
FROM_PROXY = "HTTP_X_REQUEST_ID"
# Where the server finds it for its own log: in the environment of a request.
IN_ENVIRON = "readerstudy.request_id"
_FIT = re.compile(r"[\w-]{8,64}", re.ASCII)

_request: ContextVar[str] = ContextVar("request", default="")
_job: ContextVar[str] = ContextVar("job", default="")


def request_id(given: str = "") -> str:
    """What a request goes by: the id that it brought, if it is fit, else a new one."""
    return given if _FIT.fullmatch(given) else token_hex(8)


@contextmanager
def of_request(name: str) -> Iterator[None]:
    """Everything that is logged meanwhile belongs to a request."""
    token = _request.set(name)
    try:
        yield
    finally:
        _request.reset(token)


@contextmanager
def of_job(name: str) -> Iterator[None]:
    """Everything that is logged meanwhile belongs to a job."""
    token = _job.set(name)
    try:
        yield
    finally:
        _job.reset(token)


def told() -> dict[str, str]:
    """The ids of the moment, without those that there are not."""
    named = {"request": _request.get(), "job": _job.get()}
    return {name: value for name, value in named.items() if value}


def headers() -> dict[str, str]:
    """What a message tells of the request for which it is sent."""
    return {HEADER: _request.get()} if _request.get() else {}


class TracedTask(Task):  # type: ignore[type-arg]
    """A Celery task whose lines in the log name the job, and the request behind it."""

    def __call__(self, *given: Any, **named: Any) -> Any:
        asked_by = self.request.get(HEADER) or _request.get()
        row = f" {given[0]}" if given else ""
        with of_request(asked_by), of_job(f"{self.name}{row}"):
            return super().__call__(*given, **named)
