"""What goes wrong, when, and how long it took to be well again: all from one seed."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from drills import processes
from drills.browser import Browser, Experience, LineBroke
from drills.names import ANALYST, PASSWORD
from drills.stack import Stack

PROBE_SECONDS = 0.5
WATCH_SECONDS = 0.1
# Seconds from one thing to the next, on average; in a short drill each kind comes once.
GAP = 12.0
# For such a part of it a disk stays full, a clock wrong, a line bad.
LASTS = (0.25, 0.5)
SKEWS = (-86_400, -3_600, -120, 120, 3_600, 86_400)


@dataclass
class Event:
    """One thing that was done to the site; seconds since the drill began."""

    at: float
    what: str
    back_after: float | None = None


@dataclass(frozen=True)
class Look:
    """Whether a page came; seconds since the drill began."""

    began: float
    ended: float
    ok: bool


class Weather:
    """Does one thing after the other to a site, in an order that a seed decides."""

    def __init__(self, site: Stack, seed: int, began: float, seconds: float) -> None:
        self.site, self.began = site, began
        self.chance = random.Random(seed)  # noqa: S311 - to be repeated
        self.events: list[Event] = []
        self.kinds: dict[str, Callable[[], None]] = self._kinds()
        self._coming: list[str] = []
        self._gap = min(GAP, seconds / len(self.kinds) / (1 + sum(LASTS) / 2))

    @property
    def is_full(self) -> bool:
        """Whether each kind has come."""
        return len(self.events) >= len(self.kinds)

    def wait(self) -> None:
        """Wait for the next thing to go wrong."""
        time.sleep(self.chance.uniform(0.5, 1.5) * self._gap)

    def _kinds(self) -> dict[str, Callable[[], None]]:
        kinds: dict[str, Callable[[], None]] = {
            "kill -9 web": lambda: self._kill("web"),
            "kill -9 a web worker": lambda: self._kill_child("web", "gunicorn"),
            "kill -9 worker": lambda: self._kill("worker"),
            "readers' lines cut": lambda: self._bad_line("readers", 0.3),
            "disk full": self._full_disk,
        }
        if self.site.database == "postgresql":
            kinds |= {
                "kill -9 postgresql": lambda: self._kill("postgresql"),
                "kill -9 a backend": lambda: self._kill_child("postgresql", "postgres"),
                "kill -9 redis": lambda: self._kill("redis"),
                "database lines cut": lambda: self._cut("database", 0.01),
                "broker lines cut": lambda: self._cut("broker", 0.05),
            }
        if self.site.clock.can_be_wrong:
            kinds["clock of web wrong"] = self._wrong_clock
        return kinds

    def strike(self) -> Event:
        """Let the next thing go wrong; each kind comes before any comes again."""
        if not self._coming:
            self._coming = list(self.kinds)
            self.chance.shuffle(self._coming)
        event = Event(time.monotonic() - self.began, self._coming.pop())
        self.events.append(event)
        self.kinds[event.what]()
        return event

    def strike_all(self) -> None:
        """SIGKILL to everything at once."""
        self.events.append(Event(time.monotonic() - self.began, "kill -9 all"))
        for pid in self.site.running().values():
            processes.kill_with_children(pid)

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        for line in ("readers", "database", "broker"):
            self.site.cut(line, share=0)
        self.site.disk.free()
        self.site.clock.set(0)

    def as_json(self) -> list[dict[str, Any]]:
        return [asdict(event) for event in self.events]

    def _kill(self, name: str) -> None:
        pid = self.site.running().get(name)
        if pid is not None:
            processes.kill_with_children(pid)

    def _kill_child(self, name: str, word: str) -> None:
        pid = self.site.running().get(name)
        found = [each for each in processes.children(pid or 0) if each]
        found = [each for each in found if word in processes.words(each)]
        if found:
            processes.kill(self.chance.choice(found))

    def _lasting(self) -> None:
        time.sleep(self.chance.uniform(*LASTS) * self._gap)

    def _bad_line(self, line: str, share: float) -> None:
        self.site.cut(line, share=share)
        self._lasting()
        self.site.cut(line, share=0.01 if line == "readers" else 0)

    def _cut(self, line: str, share: float) -> None:
        self.site.cut(line, now=True)
        self._bad_line(line, share)

    def _full_disk(self) -> None:
        self.site.disk.fill()
        self._lasting()
        self.site.disk.free()

    def _wrong_clock(self) -> None:
        skew = self.chance.choice(SKEWS)
        self.events[-1].what += f" by {skew:+d} s"
        self.site.clock.set(skew)
        self._lasting()
        self.site.clock.set(0)


class Watch(threading.Thread):
    """Sees processes come back, and whether a signed-in person gets a page."""

    def __init__(self, site: Stack, began: float) -> None:
        super().__init__(name="watch", daemon=True)
        self.site, self.began = site, began
        self.restarts: list[tuple[float, str]] = []
        self.looks: list[Look] = []
        self.enough = threading.Event()
        self._pids = site.running()
        self._browser = Browser(site.address_of_web, Experience())
        self._signed_in = False

    def run(self) -> None:
        looking = threading.Thread(target=self._look_on, daemon=True)
        looking.start()
        while not self.enough.wait(WATCH_SECONDS) and self.site.is_started:
            for name, pid in self.site.running().items():
                if self._pids.get(name) != pid:
                    self.restarts.append((time.monotonic() - self.began, name))
                    self._pids[name] = pid
        looking.join()

    def _look_on(self) -> None:
        while not self.enough.wait(PROBE_SECONDS):
            began, ok = time.monotonic(), self.look()
            ended = time.monotonic() - self.began
            self.looks.append(Look(began - self.began, ended, ok))

    def look(self) -> bool:
        """Whether the page of one's studies comes."""
        try:
            if not self._signed_in:
                self._signed_in = self._browser.sign_in(ANALYST, PASSWORD)
            status = self._browser.ask("GET", "/").status
            # Whoever was there while the clock was a day behind has to sign in again.
            self._signed_in = status != 302
            return status == 200
        except LineBroke:
            return False


def tell_recoveries(events: list[Event], looks: list[Look]) -> None:
    """Note with each event how long the site was not to be had after it.

    A look that failed belongs to the last event before its end. Zero where none failed
    before the next event; None where the site never came back.
    """
    for event, following in zip(events, [*events[1:], None], strict=True):
        until = following.at if following else float("inf")
        bad = [each for each in looks if event.at <= each.ended < until and not each.ok]
        if not bad:
            event.back_after = 0.0
            continue
        good = [each.ended for each in looks if each.began > bad[0].began and each.ok]
        event.back_after = good[0] - event.at if good else None
