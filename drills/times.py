"""The drill of times: does any answer come sooner or later for one of the arms?

    python -m drills.times --cases 40 --rounds 5 --seed 7 --json times.json

One reader asks every address of every slot, in an order that is drawn anew each round,
and reads the list to its end. The times of the two arms are compared for each address
by a permutation test over slots at 0.001, all addresses together. A second reader takes
turns with the first, with 2 ms planted for one arm: if that is not found, the machine
was too busy for the test to mean anything, and the exit is 2.
"""

import argparse
import json
import random
import secrets
import signal
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.viewers.machine import machine
from drills.browser import Answer, Browser, Experience, LineBroke
from drills.inside import enter
from drills.names import PASSWORD, PLANTED_SECONDS, PLANTED_SLOTS
from drills.permutation import Compared, compare, holm
from drills.stack import Stack, stack, wait_for

LEVEL = 0.001
PLANTED_WSGI = "drills.planted"
# Positions of a list whose pages are compared with each other: a machine's load drifts.
BLOCK = 10
START_SECONDS = 180
AGAIN = 3


@dataclass
class Sample:
    """Seconds by address and slot, for one reader whose arms are known."""

    username: str
    arms: dict[str, str]
    browser: Browser
    places: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, dict[str, list[float]]] = field(default_factory=dict)

    def note(self, address: str, slot: str, answer: Answer, *expected: int) -> None:
        """Keep the time of an answer; raises ValueError for another than expected."""
        if answer.status not in expected:
            raise ValueError(f"{address} of {slot} was answered {answer.status}.")
        self.seconds.setdefault(address, {}).setdefault(slot, []).append(answer.seconds)


@dataclass(frozen=True)
class Result:
    """One address: milliseconds of both arms, and the smaller adjusted p-value."""

    address: str
    compared: Compared
    p: float


def main(words: Sequence[str] | None = None) -> int:
    """Print what was found for the site as it is, and for the planted delay."""
    arguments = _arguments(words)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))
    about = machine("")
    with stack("postgresql", arguments.seed) as site:
        plain, planted = _measured(site, arguments)
    results = {
        name: _compared(sample, arguments.seed)
        for name, sample in (("as it is", plain), ("planted", planted))
    }
    for name, found in results.items():
        _tell(name, found)
    is_blind = results["as it is"][0].p > LEVEL
    is_found = results["planted"][0].p <= LEVEL
    _say(_verdict(is_blind, is_found, arguments.seed))
    if arguments.json:
        document = {
            "machine": about,
            "seed": arguments.seed,
            **{
                name: [asdict(each) for each in found]
                for name, found in results.items()
            },
        }
        arguments.json.write_text(json.dumps(document, indent=1) + "\n")
    return 1 if not is_blind else 0 if is_found else 2


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m drills.times")
    parser.add_argument("--cases", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--json", type=Path, help="also write the results to this file")
    arguments = parser.parse_args(words)
    if arguments.cases < 10 or arguments.rounds < 1:
        parser.error("Cases are whole numbers from 10, rounds from 1.")
    return arguments


# --- Measuring ---


def _measured(site: Stack, arguments: argparse.Namespace) -> tuple[Sample, Sample]:
    enter(site)
    # Django's models can be imported only now.
    from drills.world import World

    world = World(2, arguments.cases, arguments.seed)
    samples = [
        Sample(name, world.arms(name), Browser(site.address_of_web, Experience()))
        for name in world.usernames
    ]
    for sample in samples:
        sample.places = {slot: place for place, slot in enumerate(sample.arms)}
    slow = max(samples[1].arms.values())
    file = site.folder / "planted"
    file.write_text("\n".join(s for s, arm in samples[1].arms.items() if arm == slow))
    site.environment[PLANTED_SLOTS] = str(file)
    site.start(PLANTED_WSGI)
    wait_for(lambda: _answers(site), "an answer of the site", START_SECONDS)
    for sample in samples:
        sample.browser.sign_in(sample.username, PASSWORD)
    chance = random.Random(arguments.seed)  # noqa: S311 - to be repeated
    for number in range(arguments.rounds):
        sys.stderr.write(f"round {number + 1} of {arguments.rounds}\n")
        _ask_everything(samples, chance)
    sys.stderr.write("reading to the end of the list\n")
    _take_turns([_read_all(sample, chance) for sample in samples])
    return samples[0], samples[1]


def _answers(site: Stack) -> bool:
    try:
        return Browser(site.address_of_web, Experience()).open("/")[1].status == 200
    except LineBroke:
        return False


def _ask_everything(samples: Sequence[Sample], chance: random.Random) -> None:
    """Every address of every slot that is not the next one, in one random order."""
    asked = [
        (sample, slot, address)
        for sample in samples
        for slot in list(sample.arms)[1:]
        for address in ADDRESSES
    ]
    chance.shuffle(asked)
    for sample, slot, address in asked:
        method, path, body, status = ADDRESSES[address]
        where = path.format(slot=slot)
        if body is None:
            answer = sample.browser.ask(method, where)
        else:
            answer = sample.browser.send_json(method, where, body)
        sample.note(address, slot, answer, status)


_API = "/api/v1/slots/{slot}"
# Method, path, body and status of what a reader may ask of a slot that is not its turn.
ADDRESSES: dict[str, tuple[str, str, dict[str, Any] | None, int]] = {
    "description": ("GET", f"{_API}/images/0/", None, 200),
    "preview": ("GET", f"{_API}/images/0/preview/", None, 200),
    "frame": ("GET", f"{_API}/images/0/frame/", None, 200),
    "draft": ("PUT", f"{_API}/draft/", {"letter": "B"}, 200),
    "bad grade": ("POST", f"{_API}/grade/", {"letter": "E"}, 400),
    "grade too early": (
        "POST",
        f"{_API}/grade/",
        {"letter": "B", "idempotency_key": "a-key-too-early"},
        409,
    ),
    "open too early": ("POST", f"{_API}/open/", {}, 409),
    "page too early": ("GET", "/read/report/{slot}/", None, 302),
}


def _read_all(sample: Sample, chance: random.Random) -> Iterator[None]:
    """Read a list to its end, a request at a time."""
    for slot in sample.arms:
        page, grade = f"/read/report/{slot}/", f"/api/v1/slots/{slot}/grade/"
        for _ in range(AGAIN):
            sample.note("page", slot, sample.browser.ask("GET", page), 200)
            yield
            ahead = sample.browser.ask("GET", f"{page}following/")
            # It is the page of the slot behind this one.
            following = sample.places[slot] + 1
            if following < len(sample.arms):
                sample.note("page ahead", list(sample.arms)[following], ahead, 200)
            yield
        letter = chance.choice("ABCD")
        content = {"letter": letter, "idempotency_key": f"the-key-of-{slot}"[:64]}
        for address in ("grade", *["grade again"] * AGAIN):
            answer = sample.browser.send_json("POST", grade, content)
            sample.note(address, slot, answer, 201)
            yield


def _take_turns(readers: list[Iterator[None]]) -> None:
    while readers:
        readers = [each for each in readers if next(each, True) is None]


# --- Comparing ---


def _compared(sample: Sample, seed: int) -> list[Result]:
    """Compare the arms address by address; the smallest p-value first."""
    second = max(sample.arms.values())
    compared = {}
    for address, slots in sample.seconds.items():
        in_order = address not in ADDRESSES
        compared[address] = compare(
            [1000 * statistics.median(times) for times in slots.values()],
            [sample.arms[slot] == second for slot in slots],
            [sample.places[slot] // BLOCK if in_order else 0 for slot in slots],
            seed=seed,
        )
    both = [p for each in compared.values() for p in (each.p_median, each.p_gap)]
    adjusted = iter(holm(both))
    results = [
        Result(address, each, min(next(adjusted), next(adjusted)))
        for address, each in compared.items()
    ]
    return sorted(results, key=lambda each: each.p)


def _tell(name: str, results: Sequence[Result]) -> None:
    about = (
        "The site as it is"
        if name == "as it is"
        else f"With {PLANTED_SECONDS * 1e3:g} ms"
    )
    _say(f"\n{about}; milliseconds, slots, p adjusted for {2 * len(results)} tests:")
    head = f"{'median 1':>10s}{'median 2':>10s}{'gap':>7s}{'n':>9s}{'p':>10s}"
    _say(f"  {'address':18s}{head}")
    for each in results:
        one, two = each.compared.medians
        n = f"{each.compared.n[0]}+{each.compared.n[1]}"
        figures = f"{one:10.2f}{two:10.2f}{each.compared.gap:7.2f}{n:>9s}{each.p:10.4f}"
        _say(f"  {each.address:18s}{figures}")


def _verdict(is_blind: bool, is_found: bool, seed: int) -> str:
    if not is_blind:
        words = "BROKEN: the arms can be told apart by the time that an answer takes."
    elif not is_found:
        words = (
            "Nothing can be said: the planted delay was not found. Let the machine do "
            "nothing else, or take more --cases and --rounds."
        )
    else:
        words = (
            "Holds: no address tells the arms apart, and the planted delay is found."
        )
    return f"\n{words} Seed {seed}."


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
