"""What saturates first when many sites read at once, what to add, and what that costs.

    .venv/bin/python -m benchmarks.scaling
    .venv/bin/python -m benchmarks.scaling --sites 1 --readers 50 --radiographs 20000

Readers think, fetch a radiograph over their hospital's line, and submit. A submit
passes the web's cores, then the database's, and holds the lock of its study's record
while it is written to the disk. Each is a queue of its own. Whatever is fullest is
widened until nineteen of twenty submits take less than a second. Reports and imports
are counted, not simulated: they have no reader who waits. Seeded, pure Python; the
figures are those of docs/explanation/scaling.md, and each can be set.
"""

import argparse
import heapq
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

GIB, TIB = 1024**3, 1024**4


@dataclass(frozen=True)
class Costs:
    """Measured on one core or one disk, in seconds and bytes; what is not says so."""

    web: float = 0.0080
    database: float = 0.0027
    # The event's insert and the wait for the disk. Assumed: a disk of a data centre.
    lock: float = 0.003
    # A radiograph as it is sent, and all that is kept of it.
    sent: float = 18.0e6
    kept: float = 18.4e6
    image: float = 0.93
    row_of_image: float = 54e3
    row_of_read: float = 1.7e3
    # Assumed: the released model of 7 billion weights, 32 reports at once, one GPU.
    report: float = 0.3


@dataclass(frozen=True)
class Prices:
    """Assumed, a month of a rented machine in EUR; put in those of your own."""

    core: float = 15.0
    tebibyte: float = 25.0
    gpu_hour: float = 3.0
    core_hour: float = 0.03


@dataclass(frozen=True)
class Plan:
    """How much there is of everything."""

    web: int = 2
    database: int = 2
    studies: int = 1
    # Bits a second of each hospital's line.
    line: float = 100e6


@dataclass
class Queue:
    """One place with several servers; whoever comes first is served first."""

    servers: int
    free: list[float] = field(default_factory=list)
    busy: float = 0.0

    def __post_init__(self) -> None:
        self.free = [0.0] * self.servers

    def serve(self, now: float, seconds: float) -> float:
        """The moment at which somebody is done who comes now."""
        begun = max(now, heapq.heappop(self.free))
        heapq.heappush(self.free, begun + seconds)
        self.busy += seconds
        return begun + seconds

    def use(self, seconds: float) -> float:
        """Which part of the time its servers were busy, 1 at most."""
        return min(1.0, self.busy / (self.servers * seconds))


@dataclass(frozen=True)
class Outcome:
    """What a simulated while came to."""

    reads: float
    half: float
    slow: float
    use: dict[str, float]

    @property
    def fullest(self) -> str:
        return max(self.use, key=lambda name: self.use[name])


def simulated(
    plan: Plan, costs: Costs, *, sites: int, readers: int, seconds: float, seed: int
) -> Outcome:
    """Let every reader of every site read for a while; 20 to 60 seconds a page."""
    chance = random.Random(seed)  # noqa: S311 - to be repeated
    lines = [Queue(1) for _ in range(sites)]
    web, database = Queue(plan.web), Queue(plan.database)
    locks = [Queue(1) for _ in range(plan.studies)]
    fetching = 8 * costs.sent / plan.line
    # Each reader: when something happens next, what, since when, who.
    events = [
        (chance.uniform(0, 60), "submits", 0.0, number)
        for number in range(sites * readers)
    ]
    heapq.heapify(events)
    took: list[float] = []
    while events and events[0][0] < seconds:
        now, what, since, number = heapq.heappop(events)
        if what == "submits":
            done = web.serve(now, _varied(chance, costs.web))
            heapq.heappush(events, (done, "asks", now, number))
        elif what == "asks":
            done = database.serve(now, _varied(chance, costs.database))
            heapq.heappush(events, (done, "writes", since, number))
        elif what == "writes":
            lock = locks[number % plan.studies]
            done = lock.serve(now, _varied(chance, costs.lock))
            heapq.heappush(events, (done, "reads", since, number))
        else:
            took.append(now - since)
            # The next radiograph comes while the reader reads, if the line allows.
            there = lines[number % sites].serve(now, fetching)
            read = max(now + chance.uniform(20, 60), there)
            heapq.heappush(events, (read, "submits", 0.0, number))
    took.sort()
    use = {
        "web cores": web.use(seconds),
        "database cores": database.use(seconds),
        "record of a study": max(each.use(seconds) for each in locks),
        "line of a hospital": max(each.use(seconds) for each in lines),
    }
    return Outcome(
        len(took) / seconds, took[len(took) // 2], took[len(took) * 19 // 20], use
    )


def _varied(chance: random.Random, mean: float) -> float:
    """A time of service: half of it always the same, the rest by chance."""
    return mean / 2 + chance.expovariate(2 / mean)


def widened(plan: Plan, fullest: str) -> Plan:
    """The plan with twice as much of what was fullest."""
    if fullest == "web cores":
        return replace(plan, web=2 * plan.web)
    if fullest == "database cores":
        return replace(plan, database=2 * plan.database)
    if fullest == "record of a study":
        return replace(plan, studies=2 * plan.studies)
    return replace(plan, line=2 * plan.line)


def steps(
    costs: Costs, *, sites: int, readers: int, seconds: float, seed: int
) -> Iterator[tuple[Plan, Outcome]]:
    """Plan after plan until nothing is full and submits are quick."""
    plan = Plan()
    while True:
        outcome = simulated(
            plan, costs, sites=sites, readers=readers, seconds=seconds, seed=seed
        )
        yield plan, outcome
        use = outcome.use[outcome.fullest]
        # Below a half, more of anything helps nobody: what is left is the work itself.
        if use < 0.5 or (outcome.slow < 1.0 and use < 0.8):
            return
        plan = widened(plan, outcome.fullest)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the steps, then what has to be kept and written, with its price."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--sites", type=int, default=10)
    words.add_argument("--readers", type=int, default=1000, help="of each site")
    words.add_argument("--radiographs", type=int, default=1_000_000, help="in all")
    words.add_argument("--reads", type=int, default=2, help="of each report")
    words.add_argument("--seconds", type=float, default=300)
    words.add_argument("--seed", type=int, default=1)
    for name, value in vars(Costs()).items():
        words.add_argument(
            f"--cost-{name.replace('_', '-')}", type=float, default=value
        )
    asked = words.parse_args(arguments)
    costs = Costs(**{name: getattr(asked, f"cost_{name}") for name in vars(Costs())})
    _say("web db studies Mbit/s  reads/s  p50 s   p95 s  fullest")
    for plan, outcome in steps(
        costs,
        sites=asked.sites,
        readers=asked.readers,
        seconds=asked.seconds,
        seed=asked.seed,
    ):
        _say(
            f"{plan.web:3} {plan.database:2} {plan.studies:7} {plan.line / 1e6:6.0f}"
            f" {outcome.reads:8.1f} {outcome.half:6.2f} {outcome.slow:7.2f}  "
            f"{outcome.fullest} {outcome.use[outcome.fullest]:.0%}"
        )
    _say_what_is_kept(plan, costs, asked)
    return 0


def _say_what_is_kept(plan: Plan, costs: Costs, asked: argparse.Namespace) -> None:
    prices, count = Prices(), asked.radiographs
    reads = 2 * count * asked.reads
    media = count * costs.kept / TIB
    rows = (count * costs.row_of_image + reads * costs.row_of_read) / GIB
    imports, reports = count * costs.image / 3600, count * costs.report / 3600
    cores = plan.web + plan.database
    _say("")
    _say(f"media            {media:9.1f} TiB   {media * prices.tebibyte:8.0f} a month")
    _say(f"database         {rows:9.1f} GiB   for {reads:,} reads")
    _say(f"cores            {cores:9}       {cores * prices.core:8.0f} a month")
    _say(
        f"imports          {imports:9.0f} core-h {imports * prices.core_hour:7.0f} once"
    )
    _say(
        f"reports          {reports:9.0f} GPU-h  {reports * prices.gpu_hour:7.0f} once"
    )


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
