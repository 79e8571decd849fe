"""Studies without any difference: the headline seldom finds one, row-level Q does.

`make simulate` runs all scenarios with 4,000 studies each.
"""

import numpy as np
import pytest

from benchmarks import simulate
from benchmarks.simulate import Cell, Rates

REPLICATES = 400
STUDIES = (Cell("S0", 3, 50), Cell("S2r", 3, 50))


@pytest.fixture(scope="module")
def rates():
    return simulate.simulate(STUDIES, replicates=REPLICATES, seed=1)


def test_the_headline_keeps_its_promise(rates):
    for found in rates:
        assert found.replicates == REPLICATES
        assert not simulate.too_often(found.of("headline"), REPLICATES), found.cell
        assert found.of("headline") <= min(found.of("F"), found.of("R"))


def test_the_row_level_test_does_not_where_reports_are_shared(rates):
    plain, shared = rates
    assert not simulate.too_often(plain.of("rows Q"), REPLICATES)
    assert simulate.too_often(shared.of("rows Q"), REPLICATES)
    assert shared.of("case Q") < shared.of("rows Q")


def test_rates_are_near_those_of_the_independent_simulation(rates):
    for found in rates:
        for method in ("rows Q", "F", "R", "swap", "headline"):
            known = simulate.earlier(found.cell, method)
            # Three and a half standard errors of 400 and 2,000 studies.
            error = 3.5 * np.sqrt(known * (1 - known) * (1 / REPLICATES + 1 / 2000))
            assert abs(found.of(method) - known) < error, (found.cell, method)


def test_the_same_seed_gives_the_same_rates():
    cells = [Cell("S2", 3, 20)]
    first, again = (simulate.simulate(cells, replicates=100, seed=5) for _ in range(2))
    assert first == again
    assert first != simulate.simulate(cells, replicates=100, seed=6)


def rejecting(scenario, *, rows, headline):
    rejected = [0.05] * len(simulate.METHODS)
    rejected[simulate.METHODS.index("rows Q")] = rows
    rejected[simulate.METHODS.index("headline")] = headline
    return Rates(Cell(scenario, 3, 50), 2000, tuple(rejected))


def test_a_headline_that_rejects_too_much_is_a_problem():
    good = rejecting("S1", rows=0.05, headline=0.07)
    bad = rejecting("S1", rows=0.05, headline=0.075)
    assert simulate.problems([good]) == []
    assert "the headline rejects 0.075" in simulate.problems([bad])[0]


def test_a_row_level_test_that_holds_in_shared_reports_is_a_problem():
    assert simulate.problems([rejecting("S2", rows=0.11, headline=0.03)]) == []
    weak = simulate.problems([rejecting("S2", rows=0.06, headline=0.03)])
    assert "row-level Q rejects only 0.060" in weak[0]


def test_the_table_shows_what_was_known_before(rates):
    header, first, *_ = simulate.table(rates).splitlines()
    assert header.split("  ")[0] == "readers x cases x arms"
    assert "3 x 50 x 2 S0" in first
    assert "[0.053]" in first
