"""A scripted reader: signs in by the form, then reads as the reading page reads.

The page's scripts decide what is asked for and in which order (static/grading): the
radiograph of a page as soon as the page is there, the page after it while it is read,
a draft, the grade, and that the next page is shown.
"""

import asyncio
import html
import random
import re
import secrets
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from load.connection import Answer, Browser, Failed, parameters, pixels_of

Note = Callable[[str, float], None]
_PANEL = re.compile(r'data-(page|open|draft|grade|following)-url="([^"]*)"')
_IMAGE = re.compile(r'data-meta="([^"]*)" data-preview="([^"]*)" data-frame="([^"]*)"')
_INPUT = re.compile(r"<input\b[^>]*>")
_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')


class Done(Exception):
    """The reader's list is read to its end."""


@dataclass(frozen=True)
class Panel:
    """One page that is read, as its addresses."""

    name: str
    urls: dict[str, str]
    images: list[tuple[str, ...]]

    @classmethod
    def of(cls, text: str) -> "Panel":
        """The page in HTML; raises Failed where there is none."""
        urls = {name: html.unescape(url) for name, url in _PANEL.findall(text)}
        if "grade" not in urls:
            raise Failed("a reading page without a place for the grade")
        name = urls["page"].rstrip("/").rpartition("/")[2]
        return cls(name, urls, _IMAGE.findall(text))


@dataclass(frozen=True)
class Pace:
    """How a reader reads: seconds on a page (least, most), and whether a draft is sent.

    whole: whether description and preview of a radiograph are fetched beside its frame.
    rest: seconds before the first page, so that readers do not march in step.
    """

    least: float = 0.0
    most: float = 0.0
    drafts: bool = False
    whole: bool = False
    rest: float = 0.0


class Scripted(ABC):
    """One person at one browser. `note` is told (what, seconds) of every answer."""

    sign_in_path: str

    def __init__(self, browser: Browser, name: str, password: str) -> None:
        self.browser = browser
        self.name = name
        self.password = password
        self.note: Note = lambda what, seconds: None
        self.grades = 0

    async def sign_in(self) -> None:
        """Sign in by the form, whatever its fields are called."""
        path = self.sign_in_path
        page = await self.browser.ask("GET", path)
        filled = _filled(page.body.decode(), self.name, self.password)
        answer = await self.browser.ask("POST", path, form=parameters(filled))
        if answer.status != 302:
            raise Failed(f"{self.name} was not signed in: {answer.status}")

    @abstractmethod
    async def read(self, until: Callable[[], bool]) -> None:
        """Read one after the other until told to stop; raises Done at the end."""

    async def _ask(
        self, what: str, status: int | None, method: str, path: str, content: Any = None
    ) -> Answer:
        """Ask, and raise Failed unless the answer has this status, or any good one."""
        began = time.perf_counter()
        answer = await self.browser.ask(method, path, content)
        self.note(what, time.perf_counter() - began)
        if answer.status != (status or answer.status) or answer.status >= 400:
            said = answer.body[:200].decode(errors="replace")
            raise Failed(f"{what}: {answer.status} at {path}: {said}")
        return answer


class Reader(Scripted):
    """A reader of a study."""

    sign_in_path = "/sign-in/"

    def __init__(
        self, browser: Browser, name: str, password: str, *, study: str, pace: Pace
    ) -> None:
        super().__init__(browser, name, password)
        self.study = study
        self.pace = pace
        self.chance = random.Random(name)  # noqa: S311

    async def read(self, until: Callable[[], bool]) -> None:
        """Read page after page until told to stop; raises Done at the list's end."""
        page = await self._first_page()
        ahead = await self._ahead(page)
        while not until():
            visit = _Visit()
            await asyncio.sleep(self.chance.uniform(self.pace.least, self.pace.most))
            if self.pace.drafts:
                await self._draft(page, visit)
            began = time.perf_counter()
            answer = await self._grade(page, visit, ahead)
            if ahead is None:
                raise Done
            if not answer["opened"]:
                await self._ask("open", 200, "POST", ahead.urls["open"], {})
            page, ahead = ahead, await self._brought(answer, ahead)
            self.note("submit and next", time.perf_counter() - began)

    async def _first_page(self) -> Panel:
        answer = await self._ask("start", 302, "GET", f"/read/{self.study}/begin/")
        where = answer.header("location")
        answer = await self._ask("reading page", 200, "GET", where)
        page = Panel.of(answer.body.decode())
        await self._radiographs(page)
        return page

    async def _ahead(self, page: Panel) -> Panel | None:
        """The next page with its radiographs, fetched while this one is read."""
        if not page.urls["following"]:
            return None
        answer = await self._ask("next page", None, "GET", page.urls["following"])
        if answer.status == 204:
            return None
        following = Panel.of(answer.body.decode())
        await self._radiographs(following)
        return following

    async def _brought(self, answer: dict[str, Any], page: Panel) -> Panel | None:
        """The page behind a page: it came with the grade before, or is asked for."""
        if "ahead" not in answer:
            return await self._ahead(page)
        if answer["ahead"] is None:
            return None
        following = Panel.of(answer["ahead"])
        await self._radiographs(following)
        return following

    async def _radiographs(self, page: Panel) -> None:
        for meta, preview, frame in page.images:
            # Looked at closely once a reader: that costs more than it tells.
            if self.pace.whole or not self.grades:
                described = (await self._ask("description", 200, "GET", meta)).json()
                await self._ask("preview", 200, "GET", preview)
            answer = await self._ask("frame", 200, "GET", frame)
            if not self.grades:
                _require_whole(answer, described)

    async def _draft(self, page: Panel, visit: "_Visit") -> None:
        content = {"letter": visit.letter, "visits": [visit.log(is_over=False)]}
        await self._ask("draft", 200, "PUT", page.urls["draft"], content)

    async def _grade(
        self, page: Panel, visit: "_Visit", ahead: Panel | None
    ) -> dict[str, Any]:
        """Submit; returns the answer, as a rule with the page behind the next one."""
        content = {
            "idempotency_key": secrets.token_hex(12),
            "letter": visit.letter,
            "visits": [visit.log(is_over=True)],
            "opens": ahead.name if ahead else "",
            "ahead": True,
        }
        answer = await self._ask("grade", 201, "POST", page.urls["grade"], content)
        self.grades += 1
        stored: dict[str, Any] = answer.json()
        return stored


class _Visit:
    """The log that the page keeps of one opening."""

    def __init__(self) -> None:
        self.key = secrets.token_hex(12)
        self.began = time.monotonic()
        self.began_at = datetime.now(UTC).isoformat()
        self.letter = secrets.choice("ABCD")

    def log(self, *, is_over: bool) -> dict[str, Any]:
        spent = round((time.monotonic() - self.began) * 1000)
        events = [[0, "shown", ""], [1, "painted", ""], [spent, "input", ""]]
        if is_over:
            events.append([spent, "submit", ""])
        return {"key": self.key, "began_at": self.began_at, "events": events}


def _require_whole(answer: Answer, described: dict[str, Any]) -> None:
    if pixels_of(answer) != described["rows"] * described["columns"] * 2:
        raise Failed("a frame that is not whole")


def _filled(page: str, name: str, password: str) -> dict[str, str]:
    """The fields of the sign-in form, filled in."""
    filled: dict[str, str] = {}
    for element in _INPUT.findall(page):
        field = dict(_ATTRIBUTE.findall(element))
        if "name" not in field:
            continue
        match field.get("type", "text"):
            case "password":
                filled[field["name"]] = password
            case "text" | "email":
                filled[field["name"]] = name
            case "hidden":
                filled[field["name"]] = html.unescape(field.get("value", ""))
    return filled
