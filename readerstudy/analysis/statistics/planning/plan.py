"""A plan worked out: power of the numbers chosen, and of others around them."""

import platform
from bisect import bisect_left
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import readerstudy
from readerstudy.analysis.statistics.planning.advice import advice
from readerstudy.analysis.statistics.planning.inputs import Inputs
from readerstudy.analysis.statistics.planning.latent import Latent
from readerstudy.analysis.statistics.planning.power import (
    Cell,
    power_table,
    power_without_end,
)

SCHEMA = "readerstudy.sample_size/1"
SEED = 1
# Studies drawn: fewer where each is large, so that the answer comes in seconds.
MOST_REPLICATES, FEWEST_REPLICATES = 1000, 300
_MOST_CELLS = 20_000_000
_READERS = (3, 5, 8)
_CASES = (50, 100, 150, 200, 300, 500, 1000, 2000)
_COLUMNS = 5


def plan(inputs: Inputs, *, seed: int = SEED) -> dict[str, Any]:
    """Work a plan out; JSON-ready, the same for the same inputs, seed and versions.

    power      of the numbers chosen, by way of inference: power, se, half_width
    table      the same over readers x cases, in their order
    sentences  what it means, in plain words
    """
    readers = sorted({*_READERS, inputs.readers})
    cases = cases_around(inputs.cases)
    replicates = replicates_for(max(readers), max(cases))
    latent = Latent((inputs.reference_rate, inputs.rate), inputs.shares)
    cells = power_table(
        latent,
        inputs.layout,
        sizes=[(each, number) for each in readers for number in cases],
        arms=inputs.arms,
        margin=inputs.margin,
        alpha=inputs.alpha,
        replicates=replicates,
        seed=seed,
    )
    limit = None
    if inputs.readers > 1:
        limit = power_without_end(
            latent,
            readers=inputs.readers,
            margin=inputs.margin,
            alpha=inputs.alpha,
            seed=seed,
        )
    chosen = [
        cell
        for cell in cells
        if (cell.readers, cell.cases) == (inputs.readers, inputs.cases)
    ]
    if not chosen:
        raise ValueError("Every group needs a reader and a case of its own.")
    return {
        "schema": SCHEMA,
        "inputs": inputs.as_json(),
        "reads_per_reader": inputs.reads_per_reader,
        "power": _as_json(chosen[0])["power"],
        "table": [_as_json(cell) for cell in cells],
        "sentences": advice(inputs, cells, limit),
        "replicates": replicates,
        "seed": seed,
        "versions": {
            "readerstudy": readerstudy.VERSION,
            "python": platform.python_version(),
            **{package: version(package) for package in ("numpy", "scipy")},
        },
    }


def replicates_for(readers: int, cases: int) -> int:
    """How many studies of that size are drawn, so that the answer comes in seconds."""
    return max(
        FEWEST_REPLICATES, min(MOST_REPLICATES, _MOST_CELLS // (readers * cases * 2))
    )


def cases_around(chosen: int) -> list[int]:
    """Five usual numbers of cases around the one chosen, and that one."""
    last = min(len(_CASES), max(_COLUMNS, bisect_left(_CASES, chosen) + 2))
    return sorted({*_CASES[last - _COLUMNS : last], chosen})


def _as_json(cell: Cell) -> dict[str, Any]:
    return {
        "readers": cell.readers,
        "cases": cell.cases,
        "power": {name: asdict(power) for name, power in cell.by_inference.items()},
    }
