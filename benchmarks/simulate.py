"""Type-I error of the headline and of its parts, with the product's own functions.

    make simulate

Studies without any difference between their arms are drawn from the latent probit model
and put through the functions of the result set, one study at a time. A test at 5% is to
reject 5% of them. Ends with 1 where the headline rejects more than 6% and two standard
errors anywhere, or where row-level Q, the test of the paper, does not do so where
readers share the quality of a report. The table is explained in
docs/explanation/simulation.md.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, starmap
from math import sqrt
from multiprocessing import get_context

import numpy as np
from tqdm import tqdm

from readerstudy.analysis.statistics.cochran import q_statistic
from readerstudy.analysis.statistics.exact_swap import exact_swap_p
from readerstudy.analysis.statistics.headline import headline
from readerstudy.analysis.statistics.mcnemar import holm
from readerstudy.analysis.statistics.mrmc import fixed_readers, random_readers
from readerstudy.analysis.statistics.planning.latent import Latent, Shares, draw
from readerstudy.analysis.statistics.reads import Bools
from readerstudy.analysis.statistics.sentences import Block

ALPHA, BOUND, RATE = 0.05, 0.06, 0.78
SCENARIOS = {
    "S0": Shares(0.45, 0.05, 0.0, 0.0, 0.05),
    "S1": Shares(0.35, 0.05, 0.15, 0.0, 0.05),
    "S2": Shares(0.25, 0.05, 0.30, 0.0, 0.05),
    "S3": Shares(0.10, 0.05, 0.50, 0.0, 0.05),
    "S2r": Shares(0.25, 0.05, 0.30, 0.02, 0.05),
    "S2R": Shares(0.25, 0.05, 0.30, 0.10, 0.05),
}
FEWER = ("S0", "S2", "S3", "S2r")
METHODS = ("rows Q", "case Q", "F", "R", "swap", "headline")
# Studies of one task; small enough for the progress to move.
_CHUNK = 100


@dataclass(frozen=True)
class Cell:
    """One scenario in one design."""

    scenario: str
    readers: int
    cases: int
    arms: int = 2

    def __str__(self) -> str:
        return f"{self.readers} x {self.cases} x {self.arms} {self.scenario}"


CELLS = (
    *(Cell(scenario, 3, 50) for scenario in SCENARIOS),
    *(Cell(scenario, 3, 200) for scenario in FEWER),
    *(Cell(scenario, 5, 100) for scenario in FEWER),
    *(Cell(scenario, 10, 50) for scenario in FEWER),
    *(Cell(scenario, 3, 50, arms=3) for scenario in FEWER),
)
# What an independent simulation gave, 4,000 studies a cell (2,000 for the headline).
_EARLIER: dict[tuple[int, int, int], dict[str, tuple[float, ...]]] = {
    (3, 50, 2): {
        "rows Q": (0.053, 0.086, 0.105, 0.132, 0.174, 0.374),
        "F": (0.054, 0.054, 0.049, 0.051, 0.098, 0.273),
        "R": (0.049, 0.067, 0.057, 0.052, 0.065, 0.066),
        "swap": (0.037, 0.036, 0.035, 0.041, 0.081, 0.241),
        "headline": (0.014, 0.017, 0.026, 0.030, 0.038, 0.046),
    },
    (3, 200, 2): {
        "rows Q": (0.048, 0.113, 0.145, 0.335),
        "F": (0.047, 0.051, 0.054, 0.236),
        "R": (0.052, 0.059, 0.061, 0.073),
    },
    (5, 100, 2): {
        "rows Q": (0.054, 0.163, 0.208, 0.280),
        "F": (0.051, 0.048, 0.050, 0.121),
        "R": (0.046, 0.052, 0.052, 0.046),
    },
    (10, 50, 2): {
        "rows Q": (0.047, 0.274, 0.354, 0.318),
        "F": (0.049, 0.053, 0.056, 0.076),
        "R": (0.044, 0.060, 0.060, 0.054),
    },
    (3, 50, 3): {
        "rows Q": (0.048, 0.130, 0.178, 0.247),
        "case Q": (0.047, 0.044, 0.043, 0.118),
    },
}


@dataclass(frozen=True)
class Rates:
    """Shares of a cell's studies that each method rejects, in the order of METHODS."""

    cell: Cell
    replicates: int
    rejected: tuple[float, ...]

    def of(self, method: str) -> float:
        return self.rejected[METHODS.index(method)]


def too_often(rate: float, replicates: int) -> bool:
    """Whether a rate lies above the bound and two of its standard errors."""
    return rate > BOUND + 2 * sqrt(BOUND * (1 - BOUND) / replicates)


def earlier(cell: Cell, method: str) -> float | None:
    """What the independent simulation gave."""
    key = (cell.readers, cell.cases, cell.arms)
    scenarios = tuple(SCENARIOS) if key == (3, 50, 2) else FEWER
    known = _EARLIER[key].get(method)
    return None if known is None else known[scenarios.index(cell.scenario)]


def p_values(success: Bools) -> tuple[float, ...]:
    """The p values of one study, success [case, reader, arm], by METHODS.

    Of several arms F, R, swap and headline are the least over all pairs after Holm.
    """
    rows = success.reshape(-1, success.shape[2]).astype(np.int64)
    arms = np.moveaxis(success, 2, 0)
    pairs = list(starmap(_of_pair, combinations(arms, 2)))
    of_pairs = (min(holm(list(p))) for p in zip(*pairs, strict=True))
    of_q = (q_statistic(totals) for totals in (rows, success.sum(axis=1)))
    return (*(found[1] if found else 1.0 for found in of_q), *of_pairs)


def _of_pair(first: Bools, second: Bools) -> tuple[float, ...]:
    """p values of F, R, the exact swap and the headline; 1 where there is none."""
    d = second.astype(np.int64) - first.astype(np.int64)
    totals = d.sum(axis=1)
    fixed = fixed_readers(d, np.ones(d.shape, dtype=np.bool_))
    fixed["exact_swap_p"] = exact_swap_p(totals)
    random = random_readers(d, 0)
    said = headline(
        fixed,
        random,
        cases=d.shape[0],
        discordant_cases=int((totals != 0).sum()),
        readers=d.shape[1],
    )
    return _p(fixed), _p(random), fixed["exact_swap_p"], _p(said)


def _p(block: Block) -> float:
    return 1.0 if block["p_value"] is None else float(block["p_value"])


def _counted(task: tuple[int, Cell, int, int]) -> tuple[int, tuple[int, ...]]:
    """How many of a chunk's studies each method rejects."""
    place, cell, number, seed = task
    shares = SCENARIOS[cell.scenario]
    studies = draw(
        Latent((RATE,) * cell.arms, shares),
        np.random.default_rng([seed, place, number]),
        replicates=_CHUNK,
        cases=cell.cases,
        readers=cell.readers,
    )
    rejected = np.array([p_values(study) for study in studies]) < ALPHA
    return place, tuple(rejected.sum(axis=0).tolist())


def simulate(
    cells: Sequence[Cell], *, replicates: int, seed: int = 0, processes: int = 1
) -> list[Rates]:
    """Draw and analyse studies; the same seed gives the same rates on any machine."""
    chunks = -(-replicates // _CHUNK)
    tasks = [
        (place, cell, number, seed)
        for place, cell in enumerate(cells)
        for number in range(chunks)
    ]
    totals = np.zeros((len(cells), len(METHODS)), dtype=np.int64)
    for place, rejected in tqdm(
        _done(tasks, processes), total=len(tasks), unit=f" x {_CHUNK}", disable=None
    ):
        totals[place] += rejected
    number = chunks * _CHUNK
    return [
        Rates(cell, number, tuple((count / number).tolist()))
        for cell, count in zip(cells, totals, strict=True)
    ]


def _done(
    tasks: Sequence[tuple[int, Cell, int, int]], processes: int
) -> Iterator[tuple[int, tuple[int, ...]]]:
    if processes == 1:
        yield from map(_counted, tasks)
        return
    with get_context("spawn").Pool(processes) as pool:
        yield from pool.imap_unordered(_counted, tasks)


def problems(found: Sequence[Rates]) -> list[str]:
    """What the simulation was to show and does not, as sentences."""
    sentences = [
        f"{rates.cell}: the headline rejects {rates.of('headline'):.3f} of the studies."
        for rates in found
        if too_often(rates.of("headline"), rates.replicates)
    ]
    sentences += [
        f"{rates.cell}: row-level Q rejects only {rates.of('rows Q'):.3f}."
        for rates in found
        if rates.cell.scenario == "S2"
        and not too_often(rates.of("rows Q"), rates.replicates)
    ]
    return sentences


def table(found: Sequence[Rates]) -> str:
    """Rates with standard errors; in brackets what was known before."""
    lines = [["readers x cases x arms", *METHODS]]
    for rates in found:
        shown = [str(rates.cell)]
        for method, rate in zip(METHODS, rates.rejected, strict=True):
            se = sqrt(rate * (1 - rate) / rates.replicates)
            before = earlier(rates.cell, method)
            known = "" if before is None else f" [{before:.3f}]"
            shown.append(f"{rate:.3f} ± {se:.3f}{known}")
        lines.append(shown)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True))
        for line in lines
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--replicates", type=int, default=4000, metavar="N")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    if given.replicates < 1 or given.processes < 1:
        parser.error("Replicates and processes are whole numbers from 1.")
    found = simulate(
        CELLS,
        replicates=given.replicates,
        seed=given.seed,
        processes=given.processes,
    )
    sys.stdout.write(f"{table(found)}\n")
    wrong = problems(found)
    for sentence in wrong:
        sys.stderr.write(f"{sentence}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
