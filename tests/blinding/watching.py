"""What the product does for one answer: its statements in SQL and its executed lines.

Not what they say, which other tests compare, but that they are the same ones in the
same order: how an answer is made takes time, and time can be measured from outside.
"""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from django.db import connection
from django.test import Client

PRODUCT = str(Path(__file__).resolve().parents[2] / "readerstudy") + "/"
Line = tuple[str, int]
# A savepoint has a name of its own every time.
OF_A_SAVEPOINT = re.compile(r'"s\d+_x\d+"')


@dataclass
class Steps:
    """The statements of an answer without their parameters, and its lines in order."""

    statements: list[str] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)


@contextmanager
def watched() -> Iterator[Steps]:
    """Note every statement and every line of the product that is executed inside."""
    steps = Steps()

    def noted(
        execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        steps.statements.append(OF_A_SAVEPOINT.sub("savepoint", sql))
        return execute(sql, params, many, context)

    def in_product(frame: FrameType, event: str, argument: Any) -> Any:
        if event == "line":
            name = frame.f_code.co_filename.removeprefix(PRODUCT)
            steps.lines.append((name, frame.f_lineno))
        return in_product

    def called(frame: FrameType, event: str, argument: Any) -> Any:
        return in_product if frame.f_code.co_filename.startswith(PRODUCT) else None

    before = sys.gettrace()
    with connection.execute_wrapper(noted):
        sys.settrace(called)
        try:
            yield steps
        finally:
            sys.settrace(before)


@contextmanager
def every_request_watched(client: Client) -> Iterator[dict[str, Steps]]:
    """Note the steps of each request that a client makes, by number and address."""
    seen: dict[str, Steps] = {}
    request = client.request

    def watching(**asked: Any) -> Any:
        with watched() as steps:
            answer = request(**asked)
        name = f"{len(seen)}: {asked['REQUEST_METHOD']} {asked['PATH_INFO']}"
        seen[name] = steps
        return answer

    with ExitStack() as later:
        client.request = watching
        later.callback(setattr, client, "request", request)
        yield seen


def first_difference(one: dict[str, Steps], other: dict[str, Steps]) -> str:
    """Where two runs of the same requests part, in words; empty where they do not."""
    if list(one) != list(other):
        return "Other addresses were asked."
    for name in one:
        pairs = (
            ("statement", one[name].statements, other[name].statements),
            ("line", one[name].lines, other[name].lines),
        )
        for kind, mine, theirs in pairs:
            if mine == theirs:
                continue
            for number, both in enumerate(zip(mine, theirs, strict=False)):
                if both[0] != both[1]:
                    return f"{name}: {kind} {number} is {both[0]}, then {both[1]}."
            return f"{name}: {len(mine)} {kind}s, then {len(theirs)}."
    return ""
