"""Many scripted readers at once: started together, stopped at a given time."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from load.connection import Failed
from load.machine import Spent, load_average, resident_bytes
from load.reader import Done, Scripted
from load.site import Running

# So many sign in at the same time: Argon2 takes memory and time on purpose.
TOGETHER = 4
SAMPLE_SECONDS = 5.0
MOST_ERRORS_TOLD = 10


@dataclass
class Outcome:
    """What was measured in the time that counts.

    seconds     how long that was
    grades      acknowledged in it
    finished    readers who came to the end of their list
    answers     seconds of each answer, by what was asked
    errors      how many readers gave up, and what the first of them met
    spent       processor seconds by part
    memory      (seconds, bytes) by process
    """

    seconds: float = 0.0
    grades: int = 0
    bytes_read: int = 0
    finished: int = 0
    gave_up: int = 0
    answers: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)
    spent: Spent | None = None
    memory: dict[str, list[tuple[float, float]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    load_before: float = 0.0
    load_after: float = 0.0


async def crowd(
    running: Running,
    readers: Sequence[Scripted],
    *,
    warm_up: float,
    seconds: float,
    rest: float = 0.0,
) -> Outcome:
    """Let readers read; what they do after the warm-up counts.

    rest: seconds over which they begin, so that they do not march in step.
    """
    return await _Crowd(running, readers, rest).run(warm_up, seconds)


class _Crowd:
    def __init__(
        self, running: Running, readers: Sequence[Scripted], rest: float
    ) -> None:
        self.running = running
        self.readers = readers
        self.rest = rest
        self.outcome = Outcome()
        self.counts = False
        self.is_over = False
        for reader in readers:
            reader.note = self._note

    def _note(self, what: str, seconds: float) -> None:
        if self.counts:
            self.outcome.answers[what].append(seconds)
            self.outcome.grades += what == "grade"

    async def run(self, warm_up: float, seconds: float) -> Outcome:
        await self._sign_in()
        reading = [
            asyncio.create_task(self._read(number, reader))
            for number, reader in enumerate(self.readers)
        ]
        await asyncio.sleep(warm_up)
        await self._measure(seconds)
        self.is_over = True
        await self._end(reading)
        return self.outcome

    async def _end(self, reading: list["asyncio.Task[None]"]) -> None:
        """Let everybody finish what they asked for; who only looks is sent home."""
        _, looking = await asyncio.wait(reading, timeout=2.0)
        for task in looking:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)
        for reader in self.readers:
            reader.browser.close()

    async def _sign_in(self) -> None:
        gate = asyncio.Semaphore(TOGETHER)

        async def one(reader: Scripted) -> None:
            async with gate:
                await reader.sign_in()

        await asyncio.gather(*map(one, self.readers))

    async def _read(self, number: int, reader: Scripted) -> None:
        await asyncio.sleep(self.rest * number / len(self.readers))
        try:
            await reader.read(lambda: self.is_over)
        except Done:
            self.outcome.finished += 1
        except Failed as problem:
            self.outcome.gave_up += 1
            if len(self.outcome.errors) < MOST_ERRORS_TOLD:
                self.outcome.errors.append(str(problem))

    async def _measure(self, seconds: float) -> None:
        outcome, parts = self.outcome, self.running.processes
        outcome.load_before = load_average()
        before, began = Spent.until_now(parts), time.monotonic()
        read_before = self._bytes_read()
        self.counts = True
        while (left := began + seconds - time.monotonic()) > 0:
            self._sample_memory(time.monotonic() - began)
            await asyncio.sleep(min(SAMPLE_SECONDS, left))
        self.counts = False
        outcome.seconds = time.monotonic() - began
        outcome.spent = Spent.until_now(parts).since(before)
        outcome.bytes_read = self._bytes_read() - read_before
        outcome.load_after = load_average()

    def _bytes_read(self) -> int:
        return sum(reader.browser.bytes_read for reader in self.readers)

    def _sample_memory(self, at: float) -> None:
        for name, pid in self.running.memory_processes():
            held = resident_bytes(pid)
            if held:
                self.outcome.memory[name].append((at, float(held)))
