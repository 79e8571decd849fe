"""The further comparisons of any table again, in plain loops over the definitions."""

from collections.abc import Callable
from fractions import Fraction
from itertools import combinations
from math import exp, log, sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from readerstudy.analysis.statistics.sub_matrix import largest_complete
from tests.statistics.designs import full_designs
from tests.statistics.tables import Read
from tests.statistics.test_identities import results

pytestmark = pytest.mark.slow(seconds=25)

Key = tuple[str, str]


def cells(reads: list[Read], arm: str) -> dict[Key, Read]:
    """The graded reads of an arm by case and reader."""
    return {(r.case, r.reader): r for r in reads if r.arm == arm and r.grade}


def blocks(
    reads: list[Read], pair: Any, value: Callable[[Read], Any]
) -> dict[str, list[Any]]:
    """Per case, the differences of complete blocks; a block without a value is none."""
    first, second = cells(reads, pair["first"]), cells(reads, pair["second"])
    found: dict[str, list[Any]] = {}
    for key in first.keys() & second.keys():
        before, after = value(first[key]), value(second[key])
        if before is not None and after is not None:
            found.setdefault(key[0], []).append(after - before)
    return found


def clustered(found: dict[str, list[Any]]) -> tuple[Any, Any]:
    """The mean over blocks and its variance; None where one case or none has any."""
    number, cases = sum(map(len, found.values())), len(found)
    if not number:
        return None, None
    mean = sum(sum(d) for d in found.values()) / Fraction(number)
    if cases == 1:
        return mean, None
    squares = sum((sum(d) - len(d) * mean) ** 2 for d in found.values())
    return mean, squares * cases / (cases - 1) / number**2


def success(read: Read) -> int:
    return int(str(read.grade) in "AB")


def check(block: Any, mean: Any, variance: Any) -> None:
    assert (block["difference"] is None) == (mean is None)
    if mean is not None:
        assert block["difference"] == pytest.approx(float(mean), abs=1e-12)
    if "se" in block:
        assert (block["se"] is None) == (not variance)
        if variance:
            assert block["se"] == pytest.approx(sqrt(variance))


@settings(max_examples=60, deadline=None)
@given(full_designs())
def test_further_comparisons_are_those_of_the_definitions(reads):
    found = results(reads)
    for place, pair in enumerate(found["ordinal"]):
        grades = blocks(reads, pair, lambda read: "ABCD".index(str(read.grade)))
        check(pair, *clustered(grades))
        _check_strata(found["strata"][place], reads)
        _check_all_rows(found["sensitivity"][place], reads)
        _check_readers(found["readers"][place], reads, found)
    for pair in found["time"]["pairs"]:
        logs = blocks(
            reads, pair, lambda read: log(read.seconds or 0) if read.seconds else None
        )
        mean, _ = clustered({case: list(map(Fraction, d)) for case, d in logs.items()})
        assert pair["n"] == sum(map(len, logs.values()))
        assert (pair["ratio"] is None) == (mean is None)
        if mean is not None:
            assert pair["ratio"] == pytest.approx(exp(mean))


def _check_strata(pair: Any, reads: list[Read]) -> None:
    stratum = {read.case: read.stratum for read in reads}
    d = blocks(reads, pair, success)
    known = []
    for row in pair["strata"]:
        here = {
            case: each for case, each in d.items() if stratum[case] == row["stratum"]
        }
        mean, variance = clustered(here)
        check(row, mean, variance)
        assert (row["ci95"] is None) == (not variance)
        if variance:
            known.append((float(mean), float(variance), len(here) - 1))
    if pair["interaction"]["status"] == "ok" and len(known) == 2:
        (one, v, f), (two, w, g) = known
        df = (v + w) ** 2 / (v**2 / f + w**2 / g)
        t = abs(one - two) / sqrt(v + w)
        assert pair["interaction"]["df_denominator"] == pytest.approx(df)
        assert pair["interaction"]["p_value"] == pytest.approx(2 * stats.t.sf(t, df))


def _check_all_rows(pair: Any, reads: list[Read]) -> None:
    arms = [cells(reads, pair[name]) for name in ("first", "second")]
    rates = [Fraction(sum(map(success, arm.values())), len(arm)) for arm in arms]
    cases = {case for arm in arms for case, _ in arm}
    terms = []
    for case in cases:
        term = Fraction(0)
        for arm, rate, sign in zip(arms, rates, (-1, 1), strict=True):
            own = [success(read) for (name, _), read in arm.items() if name == case]
            term += sign * (sum(own) - len(own) * rate) / len(arm)
        terms.append(term)
    alone = min(len({case for case, _ in arm}) for arm in arms) == 1
    variance = None
    if not alone:
        variance = sum(term**2 for term in terms) * len(cases) / (len(cases) - 1)
    check(pair["all_rows"], rates[1] - rates[0], variance)


def _check_readers(pair: Any, reads: list[Read], whole: Any) -> None:
    """A reader left out is a table without his or her rows."""
    named = whole["design"]["readers"]
    assert len(pair["readers"]) == len(pair["left_out"]) == named
    for row in pair["readers"]:
        own = blocks([r for r in reads if r.reader == row["reader"]], pair, success)
        assert row["n"] == sum(map(len, own.values()))
        check(row, clustered(own)[0], None)
    row = pair["left_out"][0]
    rest = results([read for read in reads if read.reader != row["reader"]])
    same = [
        p for p in rest["pairs"] if all(p[k] == pair[k] for k in ("first", "second"))
    ]
    if same:
        headline = same[0]["headline"]
        assert row["difference"] == same[0]["difference"]
        assert row["status"] == headline["status"]
        for key in ("rule", "p_value", "ci95"):
            assert row[key] == headline[key]


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_complete_set_of_readers_and_cases_is_larger(data):
    readers, cases = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 8))
    flags = st.lists(st.booleans(), min_size=readers, max_size=readers)
    complete = np.array(data.draw(st.lists(flags, min_size=cases, max_size=cases)))
    best = 0
    for size in range(2, readers + 1):
        for chosen in combinations(range(readers), size):
            whole = int(complete[:, chosen].all(axis=1).sum())
            best = max(best, size * whole if whole > 1 else 0)
    found, places = largest_complete(complete)
    assert len(found) * len(places) == best
    assert complete[np.ix_(places, found)].all()


def test_many_readers_are_dropped_one_by_one():
    complete = np.ones((40, 20), dtype=bool)
    complete[:, 3] = False
    complete[::2, 7] = False
    found, places = largest_complete(complete)
    assert found == [reader for reader in range(20) if reader not in (3, 7)]
    assert len(places) == 40
    assert largest_complete(np.zeros((5, 15), dtype=bool))[0] == []
