"""Kendall's tau-b against scipy's, in the data and in every draw of cases."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kendalltau

from readerstudy.analysis.statistics.bootstrap import draw_weights
from readerstudy.analysis.statistics.metrics import MetricTable, agreement_with_grades
from readerstudy.analysis.statistics.metrics import tau as module
from readerstudy.analysis.statistics.metrics.tables import agreement_csv
from readerstudy.analysis.statistics.reads_csv import read_csv

ARMS = ("model", "human")
SMALL = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=12
)


def reads_of(rows):
    lines = [",".join(row) for row in rows]
    return read_csv("\n".join(["reader,case,arm,grade", *lines]))


def study(seed, cases=12, readers=3):
    """Reads and metrics; a grade now and then is missing."""
    random = np.random.default_rng(seed)
    rows = [
        (f"R{reader}", f"C{case}", arm, "ABCD"[random.integers(4)])
        for case in range(cases)
        for arm in ARMS
        for reader in range(readers)
        if random.random() < 0.8
    ]
    tables = [
        MetricTable(
            arm,
            tuple(f"C{case}" for case in range(cases)),
            {"RadCliQ-v1": tuple(random.integers(5, size=cases).astype(float))},
            {"RadCliQ-v1": "theirs.csv"},
        )
        for arm in ARMS
    ]
    return rows, tables


def pairs_of(rows, tables, unit):
    """Value, quality and case of every report or read, in plain loops."""
    values = {
        (table.source, case): value
        for table in tables
        for case, value in zip(table.ids, table.values["RadCliQ-v1"], strict=True)
    }
    given = [(case, arm, 4 - "ABCD".index(grade)) for _, case, arm, grade in rows]
    if unit == "report":
        reports = sorted({(case, arm) for case, arm, _ in given})
        given = [
            (case, arm, np.mean([q for c, a, q in given if (c, a) == (case, arm)]))
            for case, arm in reports
        ]
    return [(values[arm, case], quality, case) for case, arm, quality in given]


@given(SMALL)
def test_tau_is_scipys(pairs):
    value, quality = np.array(pairs, dtype=float).T
    cases = tuple(f"C{place}" for place in range(len(pairs)))
    grades = [
        ("R1", case, "model", "DCBA"[number])
        for case, (_, number) in zip(cases, pairs, strict=True)
    ]
    row, _ = only(grades, tuple(value), cases)
    expected = kendalltau(value, quality).statistic
    if np.isnan(expected):
        assert row["tau"] is None
    else:
        assert row["tau"] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("unit", ["report", "read"])
@pytest.mark.parametrize("seed", range(3))
def test_tau_and_its_interval_are_those_of_cases_drawn_row_by_row(seed, unit):
    rows, tables = study(seed)
    draws = 60
    found = agreement_with_grades(reads_of(rows), tables, draws=draws, seed=seed)
    (row,) = [
        each
        for each in found["metrics"]
        if each["source"] is None and each["unit"] == unit
    ]
    pairs = pairs_of(rows, tables, unit)
    value, quality, case = zip(*pairs, strict=True)
    assert row["tau"] == pytest.approx(kendalltau(value, quality).statistic, abs=1e-12)
    assert row["n"] == len(pairs) and row["readers"] == 3
    assert row["better"] == "lower" and row["agreement"] == -row["tau"]
    names = sorted(set(case), key=lambda name: int(name[1:]))
    assert row["cases"] == len(names)
    drawn = []
    for weights in np.concatenate(
        list(draw_weights(len(names), seed=seed, draws=draws))
    ):
        times = dict(zip(names, weights.astype(int), strict=True))
        taken = [pair for pair in pairs for _ in range(times[pair[2]])]
        drawn.append(kendalltau(*np.array([pair[:2] for pair in taken]).T).statistic)
    low, high = np.percentile(drawn, [2.5, 97.5])
    assert row["ci95"] == pytest.approx([low, high], abs=1e-12)
    assert row["agreement_ci95"] == pytest.approx([-high, -low], abs=1e-12)


@given(st.integers(0, 50), st.randoms())
@settings(deadline=None, max_examples=10)
def test_the_order_of_rows_and_of_tables_changes_nothing(seed, random):
    rows, tables = study(seed, cases=5)
    mixed = random.sample(rows, len(rows))
    one = agreement_with_grades(reads_of(rows), tables, draws=20)
    other = agreement_with_grades(reads_of(mixed), tables[::-1], draws=20)

    def key(row):
        return (row["source"] or "", row["unit"])

    for ours, theirs in zip(
        sorted(one["metrics"], key=key), sorted(other["metrics"], key=key), strict=True
    ):
        assert ours == theirs


def test_the_size_of_a_block_decides_nothing(monkeypatch):
    rows, tables = study(1)
    whole = agreement_with_grades(reads_of(rows), tables, draws=20)
    monkeypatch.setattr(module, "_ROWS", 3)
    assert agreement_with_grades(reads_of(rows), tables, draws=20) == whole


def only(rows, values, cases=("C1", "C2", "C3")):
    table = MetricTable("model", cases, {"GREEN": values})
    found = agreement_with_grades(reads_of(rows), [table], draws=30)
    return found["metrics"][0], found["warnings"]


def test_what_can_not_be_computed_is_said_in_a_sentence():
    grades = [("R1", f"C{case}", "model", "ABB"[case - 1]) for case in (1, 2, 3)]
    row, _ = only(grades, (1.0, 1.0, 1.0))
    assert (row["tau"], row["status"]) == (None, "constant_metric")
    assert row["message"] == "Undefined: the metric is the same for every report."
    row, _ = only([(*each[:3], "B") for each in grades], (1.0, 2.0, 3.0))
    assert row["message"] == "Undefined: every grade is the same."
    row, _ = only(grades[:1], (1.0, 2.0, 3.0))
    assert (row["status"], row["n"]) == ("too_few", 1)
    row, warnings = only(grades, (None, None, None))
    assert row["message"].startswith("Tau needs at least 2 reports")
    row, warnings = only([("R1", "C9", "else", "A")], (1.0, 2.0, 3.0))
    assert warnings == ["model is no arm of reads.csv; its metrics stay out."]


def test_one_case_has_no_interval():
    tables = [
        MetricTable(arm, ("C1",), {"GREEN": (place,)})
        for place, arm in enumerate((ARMS), 1)
    ]
    reads = reads_of([("R1", "C1", "model", "B"), ("R1", "C1", "human", "A")])
    row = agreement_with_grades(reads, tables)["metrics"][0]
    assert row["tau"] == 1.0 and row["ci95"] is None
    assert row["message"] == "1 case: no interval."


def test_what_found_no_partner_is_counted():
    rows = [("R1", f"C{case}", "model", "ABC"[case - 1]) for case in (1, 2, 3)]
    _, warnings = only(rows, (1.0, 2.0, 3.0), cases=("C2", "C3", "C4"))
    assert warnings == [
        "Graded reports of model without a metric: 1.",
        "Reports of model with a metric but no grade: 1.",
    ]


def test_repeats_and_excluded_reads_stay_out():
    text = (
        "reader,case,arm,grade,repeat,included\n"
        "R1,C1,model,A,0,1\nR1,C2,model,B,0,1\nR1,C3,model,C,0,1\n"
        "R1,C1,model,D,1,1\nR2,C1,model,D,0,0\n"
    )
    table = MetricTable("model", ("C1", "C2", "C3"), {"GREEN": (3.0, 2.0, 1.0)})
    row = agreement_with_grades(read_csv(text), [table])["metrics"][0]
    assert row["tau"] == 1.0 and row["readers"] == 1


def test_the_agreement_is_a_table():
    rows, tables = study(2)
    tables[0].values["words"] = (3.0,) * 12  # type: ignore[index]
    found = agreement_with_grades(reads_of(rows), tables, draws=20)
    lines = agreement_csv(found).splitlines()
    assert lines[0].startswith("metric,origin,source,unit,better,n,cases,readers,tau")
    assert lines[1].startswith("RadCliQ-v1,theirs.csv,all,report,lower,")
    assert len(lines) == 1 + len(found["metrics"])


def test_a_metric_whose_direction_is_not_known_is_not_turned_and_told():
    table = MetricTable("model", ("C1", "C2"), {"answer": (1.0, 2.0)})
    reads = reads_of([("R1", "C1", "model", "B"), ("R1", "C2", "model", "A")])
    found = agreement_with_grades(reads, [table])
    row = found["metrics"][0]
    assert (row["better"], row["tau"], row["agreement"]) == ("neither", 1.0, None)
    assert (
        "Whether more of answer is better can't be told by its name; its tau is not "
        "turned." in found["warnings"]
    )
