"""The simulation of scale: the same seed says the same, and more of a thing helps."""

from dataclasses import replace

from benchmarks.scaling import Costs, Plan, simulated, steps, widened

SMALL = {"sites": 2, "readers": 60, "seconds": 120.0, "seed": 1}


def test_the_same_seed_says_the_same() -> None:
    assert simulated(Plan(), Costs(), **SMALL) == simulated(Plan(), Costs(), **SMALL)


def test_what_is_slow_is_found_and_widening_it_helps() -> None:
    for name, slow in {
        "web cores": Costs(web=2.0),
        "database cores": Costs(database=2.0),
        "record of a study": Costs(lock=1.0),
        "line of a hospital": Costs(sent=2e8),
    }.items():
        narrow = simulated(Plan(), slow, **SMALL)
        assert narrow.fullest == name
        assert simulated(widened(Plan(), name), slow, **SMALL).reads > narrow.reads


def test_readers_who_think_come_to_what_they_would_by_themselves() -> None:
    """Where nothing is full, each takes forty seconds a page and hardly more."""
    wide = replace(Plan(), web=64, database=64, studies=64, line=1e12)
    outcome = simulated(wide, Costs(), **(SMALL | {"seconds": 2000.0}))
    assert abs(outcome.reads - 120 / 40) < 0.1
    assert outcome.slow < 0.2


def test_the_steps_end_where_nineteen_of_twenty_wait_less_than_a_second() -> None:
    *before, (_, last) = steps(Costs(web=0.1), **(SMALL | {"readers": 400}))
    assert max(outcome.slow for _, outcome in before) > 1.0 > last.slow
    # A submit that is slow by itself is not waited for in vain.
    assert list(steps(Costs(web=3.0), **SMALL))[-1][1].slow > 1.0
