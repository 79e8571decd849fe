"""Metrics beside grades as a table for people: tau over reports, and over reads."""

from collections.abc import Iterator, Mapping
from typing import Any

from readerstudy.analysis.panels.panel import Panel, Row, message_row
from readerstudy.analysis.wording import (
    NOTHING,
    coefficient,
    coefficient_interval,
    whole,
    with_interval,
)

# A row of `agreement_with_grades`.
Agreement = Mapping[str, Any]
_COLUMNS = (
    *("Metric", "Reports of", "Tau over reports (95% CI)", "Tau over reads (95% CI)"),
    *("Better", "Cases", "Reports", "Reads"),
)
_UNITS = {"report": "over reports", "read": "over reads"}
_WHAT = (
    "Tau over reports is Kendall's tau-b of the metric with the mean grade of a "
    "report. Tau over reads is that with each single grade: a report counts as often "
    "as it was read, and what its readers disagree about counts too."
)
_TURNED = (
    "Both are turned so that 1 means that what the metric calls better, readers called "
    "better too, and 0 that it says nothing of their grades. Where neither is better, "
    "1 means that more of it went with better grades. Intervals draw cases again, with "
    "all their reports and reads, {draws} times."
)


def grades_and_metrics(result: Mapping[str, Any]) -> Panel:
    """Kendall's tau of each metric with the grades of a closed study."""
    return Panel(
        name="metrics",
        title="Metrics and grades: Kendall's tau",
        is_exploratory=True,
        columns=_COLUMNS,
        rows=tuple(_rows(result["metrics"])),
        numbers=frozenset({2, 3, 5, 6, 7}),
        notes=(
            _WHAT,
            _TURNED.format(draws=result.get("draws")),
            *result.get("warnings", ()),
        ),
    )


def _rows(found: list[Agreement]) -> Iterator[Row]:
    """A row for each metric and source, with both taus; sentences where one lacks."""
    pairs: dict[tuple[str, str | None], dict[str, Agreement]] = {}
    for each in found:
        pairs.setdefault((each["metric"], each["source"]), {})[each["unit"]] = each
    for (metric, source), held in pairs.items():
        whose = source or "all arms"
        lacking = [unit for unit, each in held.items() if each["tau"] is None]
        if len(lacking) == len(held):
            message = str(held[lacking[0]]["message"])
            yield message_row(f"{metric}, {whose}", message)
            continue
        shared = next(iter(held.values()))
        taus = [_tau(held.get(unit)) for unit in _UNITS]
        counts = [whole(held[unit]["n"] if unit in held else None) for unit in _UNITS]
        better, cases = str(shared["better"]), whole(shared["cases"])
        yield Row((metric, whose, *taus, better, cases, *counts))
        for unit in lacking:
            message = str(held[unit]["message"])
            yield message_row(f"{metric}, {whose}, {_UNITS[unit]}", message)


def _tau(each: Agreement | None) -> str:
    """Tau with its interval, both turned where less of the metric is better."""
    if each is None:
        return NOTHING
    if each["agreement"] is None:
        tau, bounds = each["tau"], each["ci95"]
    else:
        tau, bounds = each["agreement"], each["agreement_ci95"]
    return with_interval(coefficient(tau), coefficient_interval(bounds))
