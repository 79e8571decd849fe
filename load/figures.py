"""The figures of a run, in words and as JSON."""

import os
import platform
from datetime import UTC, datetime
from typing import Any

from benchmarks.viewers.machine import machine
from load.crowd import Outcome
from load.machine import slope


def percentile(values: list[float], share: float) -> float:
    """The value that `share` (0..1) of the values do not exceed; 0 of none."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def figures(outcome: Outcome) -> dict[str, Any]:
    """An outcome in plain numbers: rates, milliseconds, processor ms per grade."""
    spent = outcome.spent.by_part if outcome.spent else {}
    grades = max(1, outcome.grades)
    return {
        "seconds": round(outcome.seconds, 1),
        "grades": outcome.grades,
        "grades_per_second": round(outcome.grades / max(outcome.seconds, 1e-9), 1),
        "gave_up": outcome.gave_up,
        "finished": outcome.finished,
        "errors": outcome.errors,
        "megabytes_per_second": round(outcome.bytes_read / outcome.seconds / 1e6, 1),
        "milliseconds": {
            what: {
                "count": len(values),
                "median": round(1000 * percentile(values, 0.5), 1),
                "p95": round(1000 * percentile(values, 0.95), 1),
                "largest": round(1000 * max(values), 1),
            }
            for what, values in outcome.answers.items()
        },
        "processor_ms_per_grade": {
            part: round(1000 * seconds / grades, 2) for part, seconds in spent.items()
        },
        "cores_used": {
            part: round(seconds / outcome.seconds, 2) for part, seconds in spent.items()
        },
        "memory": {
            name: {
                "last_mib": round(points[-1][1] / 2**20, 1),
                "slope_mib_per_minute": round(60 * slope(points) / 2**20, 3),
            }
            for name, points in outcome.memory.items()
        },
        "load_before": round(outcome.load_before, 1),
        "load_after": round(outcome.load_after, 1),
    }


def lines(name: str, found: dict[str, Any]) -> list[str]:
    """The figures as a page of a terminal."""
    said = [
        f"{name}: {found['grades_per_second']} grades/s over {found['seconds']} s, "
        f"{found['grades']} grades, {found['gave_up']} errors, "
        f"{found['megabytes_per_second']} MB/s, load average {found['load_before']} "
        f"before and {found['load_after']} after",
        f"  {'':18s}{'count':>8s}{'median ms':>12s}{'p95 ms':>10s}{'largest':>10s}",
    ]
    said += [
        f"  {what:18s}{row['count']:8d}{row['median']:12.1f}{row['p95']:10.1f}"
        f"{row['largest']:10.1f}"
        for what, row in sorted(found["milliseconds"].items())
    ]
    said.append(
        "  processor ms per grade: "
        + ", ".join(f"{k} {v}" for k, v in found["processor_ms_per_grade"].items())
        + f"; cores used {sum(found['cores_used'].values()):.2f}"
    )
    said += [
        f"  memory of {process}: {row['last_mib']} MiB, "
        f"{row['slope_mib_per_minute']:+.3f} MiB a minute"
        for process, row in found["memory"].items()
    ]
    return said + [f"  error: {sentence}" for sentence in found["errors"]]


def ratios(ours: dict[str, Any], theirs: dict[str, Any]) -> str:
    """How many times as many grades, and how many times less work a grade."""
    rate = ours["grades_per_second"] / max(theirs["grades_per_second"], 1e-9)
    work = _work(theirs) / max(_work(ours), 1e-9)
    return (
        f"{rate:.1f} times the grades a second of Label Studio in this run; a grade "
        f"takes it {work:.1f} times the processor time."
    )


def _work(found: dict[str, Any]) -> float:
    """Processor milliseconds of the server and of PostgreSQL for a grade."""
    spent = found["processor_ms_per_grade"]
    return float(spent["web"] + spent["postgresql"])


def about() -> dict[str, Any]:
    """On what it was measured."""
    import django

    return {
        **machine("none"),
        "django": django.get_version(),
        "kernel": platform.release(),
        "date": datetime.now(UTC).date().isoformat(),
        "processes_allowed": len(os.sched_getaffinity(0)),
    }
