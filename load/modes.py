"""The ways in which a site is put under load, each on a site of its own."""

import asyncio
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from load.connection import Browser
from load.crowd import Outcome, crowd
from load.reader import Pace, Reader
from load.site import Running, answering, stored

# saturation  everybody submits as soon as the next page and its radiograph are there
# pace        a page takes 20 to 60 seconds, with drafts and all that a browser fetches
MODES: dict[str, Pace] = {
    "saturation": Pace(),
    "pace": Pace(least=20.0, most=60.0, drafts=True, whole=True, rest=40.0),
}
READERS: Mapping[str, int] = {"saturation": 32, "pace": 200}
# More a second than the site takes in, of all and of one: nobody reaches the end of a
# list.
MOST_GRADES_PER_SECOND = 300
FASTEST = 15.0
FEWEST_CASES = 12
MAKE = """
import json
from load.world import make
print(json.dumps(make(readers={readers}, cases={cases}, side={side})))
"""


@dataclass(frozen=True)
class Wish:
    """How long, how many, and how large the radiographs are (pixels of a side)."""

    seconds: float = 60.0
    warm_up: float = 10.0
    side: int = 512
    readers: Mapping[str, int] = field(default_factory=lambda: READERS)


def measured(mode: str, wish: Wish) -> Outcome:
    """Start a site, let its readers read in it, throw it away."""
    pace, readers = MODES[mode], wish.readers[mode]
    lasts = wish.warm_up + wish.seconds
    fastest = min(FASTEST, MOST_GRADES_PER_SECOND / readers)
    pages = lasts * (1 / pace.least if pace.least else fastest)
    with (
        tempfile.TemporaryDirectory(prefix="readerstudy-load-") as name,
        stored(Path(name)) as (site, database, broker),
    ):
        # Every case is read with two reports.
        cases = max(FEWEST_CASES, round(pages / 2) + 2)
        world = site.shell(MAKE.format(readers=readers, cases=cases, side=wish.side))
        with answering(site, database, broker) as running:
            return asyncio.run(_read(running, world, pace, wish))


async def _read(
    running: Running, world: dict[str, Any], pace: Pace, wish: Wish
) -> Outcome:
    readers = readers_of(world, running.port, pace)
    times = {"warm_up": wish.warm_up, "seconds": wish.seconds, "rest": pace.rest}
    return await crowd(running, readers, **times)


def readers_of(world: dict[str, Any], port: int, pace: Pace) -> list[Reader]:
    """The readers of a study, each with a browser that has never been there."""
    password, study = world["password"], world["study"]
    return [
        Reader(Browser(port), name, password, study=study, pace=pace)
        for name in world["readers"]
    ]
