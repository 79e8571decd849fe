"""The course of a drill: readers at work, weather, the last blow, and the reckoning.

Imports Django: the environment must be set before.
"""

import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from drills import verify
from drills.browser import Experience, LineBroke
from drills.names import PASSWORD
from drills.readers import Reader
from drills.stack import Stack, wait_for
from drills.uploader import Uploader
from drills.weather import Watch, Weather, tell_recoveries
from drills.world import World, patiently
from readerstudy.work.models import WorkerPulse

# So many reports wait for the worker at all times.
WAITING = 12
BUSY_SECONDS = 2.0
# What is promised: the site answers, and the worker has written a report.
SITE_SECONDS, WORKER_SECONDS = 10.0, 30.0
START_SECONDS, END_SECONDS = 300.0, 600.0
# Of all requests so few may end without any answer within a browser's patience.
MOST_TIMEOUTS = 0.01


@dataclass
class Figures:
    """What was measured; `findings` are the rules with what breaks them."""

    findings: list[verify.Finding] = field(default_factory=list)
    site_back: float | None = None
    worker_back: float | None = None
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def all_hold(self) -> bool:
        return all(finding.holds for finding in self.findings)


class Drill:
    """One drill on a site that is filled and started."""

    def __init__(
        self, site: Stack, world: World, *, seconds: float, pace: float, seed: int
    ) -> None:
        self.site, self.world = site, world
        self.seconds, self.seed = seconds, seed
        self.began = time.monotonic()
        self.experience = Experience()
        self.readers = [
            Reader(name, site.address, self.experience, pace, seed + number)
            for number, name in enumerate(world.usernames)
        ]
        self.uploader = Uploader(site.address, self.experience, seed)
        self.weather: Weather
        self.watch: Watch
        self._busy_enough = threading.Event()

    def run(self) -> Figures:
        """Go through all of it; raises TimeoutError where something never ends."""
        figures = Figures()
        self._wait_for_the_site()
        self._sign_in()
        self.began = time.monotonic()
        self.weather = Weather(self.site, self.seed, self.began, self.seconds)
        self.watch = Watch(self.site, self.began)
        busy = threading.Thread(target=self._keep_busy, daemon=True)
        for thread in (self.watch, busy, self.uploader, *self.readers):
            thread.start()
        self._storm()
        self._calm(busy)
        self._last_blow(figures)
        self._end()
        self._reckon(figures)
        return figures

    # --- Beginning ---

    def _wait_for_the_site(self) -> None:
        watch = Watch(self.site, self.began)
        wait_for(watch.look, "an answer of the site", START_SECONDS)
        wait_for(
            lambda: patiently(WorkerPulse.objects.alive().exists),
            "a worker",
            START_SECONDS,
        )

    def _sign_in(self) -> None:
        tell(f"{len(self.readers)} readers sign in.")
        for reader in self.readers:
            try:
                reader.browser.sign_in(reader.name, PASSWORD)
            except LineBroke:
                continue  # the reader does it when the next page asks for it
        self.site.cut("readers", share=0.01)

    def _keep_busy(self) -> None:
        while not self._busy_enough.wait(BUSY_SECONDS):
            patiently(lambda: self.world.keep_busy(WAITING))

    # --- The storm, and its end ---

    def _storm(self) -> None:
        while time.monotonic() - self.began < self.seconds or not self.weather.is_full:
            self.weather.wait()
            event = self.weather.strike()
            tell(f"{event.at:6.0f} s  {event.what}")
        self.weather.clear()

    def _calm(self, busy: threading.Thread) -> None:
        """The readers read on; what is asked for is finished."""
        tell("The weather clears. Reports and uploads are finished.")
        self._busy_enough.set()
        self.uploader.enough.set()
        busy.join(END_SECONDS)
        self.uploader.join(END_SECONDS)
        if self.uploader.is_alive():
            raise TimeoutError(
                "An upload is not taken in, long after the last fault: "
                f"{self.uploader.ledger}, {patiently(self.world.jobs)}."
            )
        # Of the last uploads as well.
        patiently(lambda: self.world.ask_for(0))
        wait_for(self._is_all_written, "the end of all reports", END_SECONDS)

    def _is_all_written(self) -> bool:
        time.sleep(0.5)
        return not {"queued", "running"} & patiently(self.world.jobs).keys()

    def _is_all_done(self) -> bool:
        time.sleep(0.5)
        return not patiently(verify.unfinished)

    def _last_blow(self, figures: Figures) -> None:
        """Kill everything at once while the readers read; time the return."""
        wait_for(self._is_whole, "all processes at once", START_SECONDS)
        before = self.site.running()
        self.weather.strike_all()
        tell("Everything is killed at once.")
        wait_for(lambda: self._are_back(before), "all processes again", START_SECONDS)
        restarted = time.monotonic()
        asked: list[int] = []
        threading.Thread(
            target=lambda: asked.extend(patiently(lambda: self.world.ask_for(1))),
            daemon=True,
        ).start()
        wait_for(self.watch.look, "an answer of the site", START_SECONDS)
        figures.site_back = self._since_the_last_restart(restarted)
        wait_for(
            lambda: asked and patiently(lambda: self.world.is_written(asked)),
            "a report of the worker",
            START_SECONDS,
        )
        figures.worker_back = self._since_the_last_restart(restarted)

    def _is_whole(self) -> bool:
        return sorted(self.site.running()) == sorted(self.site.names)

    def _are_back(self, before: dict[str, int]) -> bool:
        now = self.site.running()
        return all(now.get(name, before[name]) != before[name] for name in before)

    def _since_the_last_restart(self, restarted: float) -> float:
        # PostgreSQL may have been started twice: it waits for what it left behind.
        last = max(at for at, _ in self.watch.restarts) + self.began
        return time.monotonic() - max(last, restarted)

    def _end(self) -> None:
        """Every grade that is on its way arrives; then nobody reads any more."""
        for reader in self.readers:
            reader.enough.set()
        for reader in self.readers:
            reader.join(END_SECONDS)
        stuck = [reader.name for reader in self.readers if reader.is_alive()]
        if stuck:
            raise TimeoutError(f"Grades of {', '.join(stuck)} never arrive.")
        self.watch.enough.set()
        self.watch.join(END_SECONDS)
        # What the last blow interrupted begins again once its lease is over.
        wait_for(self._is_all_done, "the end of all work", END_SECONDS)

    # --- The reckoning ---

    def _reckon(self, figures: Figures) -> None:
        tell_recoveries(self.weather.events, self.watch.looks)
        diaries = {reader.name: reader.diary for reader in self.readers}
        ledger = self.uploader.ledger
        figures.findings = verify.everything(diaries, ledger)
        figures.findings += self._manners(figures)
        acknowledged = sum(len(diary.acknowledged) for diary in diaries.values())
        times = sorted(self.experience.seconds)
        figures.told = {
            "events": self.weather.as_json(),
            "restarts": [list(each) for each in self.watch.restarts],
            "site_back_s": figures.site_back,
            "worker_back_s": figures.worker_back,
            "grades_acknowledged": acknowledged,
            "retries": sum(diary.retries for diary in diaries.values()),
            "signed_in_again": sum(diary.sign_ins for diary in diaries.values()),
            "reports_written": self.world.jobs().get("done", 0),
            "uploaded": len(ledger.files),
            "uploads_refused_by_a_full_disk": ledger.full,
            "deliveries_tried_again": ledger.retried,
            "answers": dict(self.experience.answers),
            "lines_broken": dict(self.experience.broken),
            "median_answer_s": times[len(times) // 2],
            "p95_answer_s": times[int(len(times) * 0.95)],
            "longest_answer_s": self.experience.longest,
            "disk": self.site.disk.words,
            "clock": "libfaketime on web"
            if self.site.clock.can_be_wrong
            else "left out: libfaketime is not installed",
        }

    def _manners(self, figures: Figures) -> list[verify.Finding]:
        """What nobody may ever be answered, and how fast all is well again."""
        wrongs = [each for reader in self.readers for each in reader.diary.wrongs]
        asked = sum(self.experience.answers.values())
        waited = self.experience.broken["TimeoutError"]
        hanging = [f"{waited} of {asked}"] if waited > MOST_TIMEOUTS * asked else []
        return [
            verify.Finding(
                f"None of {asked} answers was an error without a sentence.",
                tuple(self.experience.dishonest),
            ),
            verify.Finding("No reader was answered what is not true.", tuple(wrongs)),
            verify.Finding(
                f"Requests that waited in vain for 15 seconds: {waited}, fewer than "
                "one in a hundred.",
                tuple(hanging),
                is_timed=True,
            ),
            _within("The site answers", figures.site_back, SITE_SECONDS),
            _within(
                "The worker has written a report", figures.worker_back, WORKER_SECONDS
            ),
        ]


def _within(what: str, seconds: float | None, most: float) -> verify.Finding:
    late = seconds is None or seconds > most
    return verify.Finding(
        f"{what} within {most:g} s of the last restart: {seconds or 0:.1f} s.",
        (f"{seconds} s",) if late else (),
        is_timed=True,
    )


def tell(line: str) -> None:
    """A line of progress, apart from the results."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
