"""What the machine does meanwhile: processor seconds and memory by process, load.

Read from /proc, so that nothing has to be installed and watching costs next to nothing.
"""

import os
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def family_of(pid: int) -> list[int]:
    """A process and all its descendants."""
    found, look = [], [pid]
    while look:
        one = look.pop()
        found.append(one)
        try:
            listing = Path(f"/proc/{one}/task/{one}/children").read_text()
        except OSError:
            continue
        look += map(int, listing.split())
    return found


def processor_seconds(pid: int) -> float:
    """What a process, its children and those that have ended used, in seconds."""
    return sum(map(_seconds, family_of(pid)))


def _seconds(pid: int) -> float:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0.0
    fields = text.rpartition(")")[2].split()
    # utime, stime, and both of the children that have ended.
    return sum(map(int, fields[11:15])) / TICKS


def resident_bytes(pid: int) -> int:
    """The memory that a process holds, shared pages included; 0 once it has ended."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES
    except OSError:
        return 0


@dataclass(frozen=True)
class Spent:
    """Processor seconds by part of the site, and of the harness itself."""

    by_part: dict[str, float]

    @classmethod
    def until_now(cls, parts: dict[str, int]) -> "Spent":
        """What was used since each part was started."""
        spent = {name: processor_seconds(pid) for name, pid in parts.items()}
        own = os.times()
        return cls(spent | {"harness": own.user + own.system})

    def since(self, before: "Spent") -> "Spent":
        """What was used between two moments."""
        return Spent(
            {name: now - before.by_part[name] for name, now in self.by_part.items()}
        )


def load_average() -> float:
    """How many processes wanted a core, over the last minute."""
    return os.getloadavg()[0]


def slope(points: list[tuple[float, float]]) -> float:
    """The slope of the straight line nearest to points (x, y), by least squares."""
    if len(points) < 2:
        return 0.0
    middle_x = sum(x for x, _ in points) / len(points)
    middle_y = sum(y for _, y in points) / len(points)
    width = sum((x - middle_x) ** 2 for x, _ in points)
    rise = sum((x - middle_x) * (y - middle_y) for x, y in points)
    return rise / width if width else 0.0
