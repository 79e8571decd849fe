"""Scripted readers: they open, draft and grade by HTTP, and never give a grade up.

Each does what the reading page does: it chooses a key before the first byte is sent and
sends the same grade under the same key until the server has answered.
"""

import contextlib
import random
import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from drills.browser import (
    PAUSES,
    Answer,
    Browser,
    Experience,
    LineBroke,
    data,
    is_signed_out,
)
from drills.names import CODE, PASSWORD

LETTERS = "ABCD"
# How often a reader looks at the radiograph's description, sends a grade in two windows
# at once, or sends one again that was acknowledged.
LOOKS, TWICE, AGAIN = 0.3, 0.15, 0.1
# 401 to whoever a wrong clock has signed out; the grade signs in again.
GOOD = {200, 401, 503}


@dataclass
class Diary:
    """What one reader knows: what was sent, and what was acknowledged."""

    sent: dict[str, tuple[str, str]] = field(default_factory=dict)
    acknowledged: dict[str, str] = field(default_factory=dict)
    # What the site has done that it must never do.
    wrongs: list[str] = field(default_factory=list)
    retries: int = 0
    sign_ins: int = 0
    is_done: bool = False


class Reader(threading.Thread):
    """One reader at work until told to stop, or until all is graded."""

    def __init__(
        self,
        username: str,
        address: str,
        experience: Experience,
        pace: float,
        seed: int,
    ) -> None:
        super().__init__(name=username, daemon=True)
        self.browser = Browser(address, experience)
        self.chance = random.Random(seed)  # noqa: S311 - to be repeated
        self.pace = pace
        self.diary = Diary()
        self.enough = threading.Event()

    def run(self) -> None:
        self._pause(self.chance.uniform(0, self.pace))
        while not self.enough.is_set() and not self.diary.is_done:
            page = self._next_page()
            if page is not None:
                self._read(page)

    # --- From page to page ---

    def _next_page(self) -> str | None:
        """The next reading page; None where it is not to be had now, or all is read."""
        try:
            path, answer = self.browser.open(f"/read/{CODE}/next/")
            if 'name="password"' in answer.text:
                self._sign_in_again()
                return None
        except LineBroke:
            self._pause(PAUSES[0])
            return None
        if answer.status != 200:
            self._expect(answer, {200, 503}, path)
            self._pause(PAUSES[0])
            return None
        if not data(answer.text, "grade-url"):
            self.diary.is_done = "graded all" in answer.text
            if not self.diary.is_done:
                self.diary.wrongs.append(f"{path} is no page to read")
            return None
        return answer.text

    def _read(self, page: str) -> None:
        slot, letter = data(page, "page"), self.chance.choice(LETTERS)
        if slot in self.diary.acknowledged:
            self.diary.wrongs.append(f"{slot} is shown again after it was graded")
        if self.chance.random() < LOOKS:
            self._look(page)
        self._think()
        self._draft(page, letter)
        self._think()
        self._grade(slot, data(page, "grade-url"), letter)

    def _look(self, page: str) -> None:
        try:
            for name in ("meta", "preview"):
                path = data(page, name)
                self._expect(self.browser.ask("GET", path), GOOD, path)
        except LineBroke:
            self.diary.retries += 1

    def _draft(self, page: str, letter: str) -> None:
        """Once: what a draft loses is still on the reader's screen."""
        path = data(page, "draft-url")
        try:
            answer = self.browser.send_json("PUT", path, {"letter": letter})
            self._expect(answer, GOOD, path)
        except LineBroke:
            self.diary.retries += 1

    # --- The grade ---

    def _grade(self, slot: str, path: str, letter: str) -> None:
        """Send a grade until it is acknowledged; perhaps from two windows at once."""
        key, letter = self.diary.sent.setdefault(slot, (secrets.token_hex(12), letter))
        content = {"letter": letter, "idempotency_key": key, "comment": f"{letter}."}
        if self.chance.random() < TWICE:
            other = threading.Thread(
                target=self._send_once, args=(self.browser.copy(), path, content)
            )
            other.start()
            self._deliver(slot, path, content)
            other.join()
        else:
            self._deliver(slot, path, content)
        if slot in self.diary.acknowledged and self.chance.random() < AGAIN:
            self._deliver(slot, path, content)

    def _deliver(self, slot: str, path: str, content: dict[str, Any]) -> None:
        failures = 0
        while True:
            answer = self._send_once(self.browser, path, content)
            if answer is not None and answer.status == 201:
                self._acknowledged(slot, content["letter"], answer.json())
                return
            if answer is not None and is_signed_out(answer):
                self._sign_in_again()
            elif answer is not None and answer.status < 500:
                quote = answer.text[:200]
                self.diary.wrongs.append(f"{path}: {answer.status} {quote}")
                return
            self.diary.retries += 1
            self._pause(PAUSES[min(failures, len(PAUSES) - 1)])
            failures += 1

    def _sign_in_again(self) -> None:
        self.diary.sign_ins += 1
        with contextlib.suppress(LineBroke):
            self.browser.sign_in(self.name, PASSWORD)

    def _send_once(
        self, browser: Browser, path: str, content: dict[str, Any]
    ) -> Answer | None:
        try:
            return browser.send_json("POST", path, content)
        except LineBroke:
            return None

    def _acknowledged(self, slot: str, letter: str, told: dict[str, Any]) -> None:
        if told["letter"] != letter or told["version"] != 1:
            self.diary.wrongs.append(f"{slot}: {letter} was answered with {told}")
        self.diary.acknowledged[slot] = told["letter"]

    # --- Small things ---

    def _expect(self, answer: Answer, statuses: set[int], path: str) -> None:
        if answer.status not in statuses:
            quote = answer.text[:200]
            self.diary.wrongs.append(f"{path}: {answer.status} {quote}")

    def _think(self) -> None:
        self._pause(self.chance.uniform(0.2, 0.8) * self.pace)

    def _pause(self, seconds: float) -> None:
        if self.enough.is_set():
            # A grade that is on its way is still sent until it is acknowledged.
            time.sleep(min(seconds, PAUSES[0]))
        else:
            self.enough.wait(seconds)
