"""A worked-out plan as the page shows it: grids of percentages and a figure."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

NAMES = {
    "headline": "Headline",
    "fixed": "These readers",
    "random": "Readers like these",
    "all_rows": "All grades, clustered by case",
}


@dataclass(frozen=True)
class Own:
    """What one way of inference achieves with the numbers chosen."""

    name: str
    power: str
    error: str
    half_width: str


@dataclass(frozen=True)
class Row:
    """Power with one number of readers."""

    readers: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    """Power over readers and cases for one way of inference."""

    name: str
    cases: tuple[int, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Shown:
    """Everything that the page shows of a plan."""

    sentences: tuple[str, ...]
    own: tuple[Own, ...]
    grids: tuple[Grid, ...]
    largest_error: str
    figure: str
    replicates: int
    seed: int


def shown(plan: dict[str, Any]) -> Shown:
    """Lay a plan out; the headline comes first where there is one."""
    names = [name for name in NAMES if name in plan["power"]]
    errors = [power["se"] for row in plan["table"] for power in row["power"].values()]
    return Shown(
        sentences=tuple(plan["sentences"]),
        own=tuple(_own(name, plan["power"][name]) for name in names),
        grids=tuple(_grid(name, plan["table"]) for name in names),
        largest_error=_points(max(errors)),
        figure=_figure(plan, names),
        replicates=plan["replicates"],
        seed=plan["seed"],
    )


def _own(name: str, power: dict[str, Any]) -> Own:
    half = power["half_width"]
    return Own(
        name=NAMES[name],
        power=_percent(power["power"]),
        error=_points(power["se"]),
        half_width="no interval" if half is None else f"± {_points(half)}",
    )


def _grid(name: str, table: Sequence[dict[str, Any]]) -> Grid:
    """Designs that a table has no place for are left empty."""
    power = {
        (row["readers"], row["cases"]): row["power"].get(name, {}).get("power")
        for row in table
    }
    cases = sorted({row["cases"] for row in table})
    return Grid(
        name=NAMES[name],
        cases=tuple(cases),
        rows=tuple(
            Row(
                readers,
                tuple(_percent(power.get((readers, number))) for number in cases),
            )
            for readers in sorted({row["readers"] for row in table})
        ),
    )


def _percent(share: float | None) -> str:
    return "\u2013" if share is None else f"{share:.0%}"


def _points(share: float) -> str:
    return f"{share * 100:.1f}"


def _figure(plan: dict[str, Any], names: Sequence[str]) -> str:
    """The curves as the address of an SVG image that holds itself."""
    from readerstudy.analysis.figures.power import Curve, power_curves

    def curve(name: str, readers: int) -> Curve:
        rows = [
            (row["cases"], row["power"][name])
            for row in plan["table"]
            if row["readers"] == readers and name in row["power"]
        ]
        return Curve(
            cases=tuple(cases for cases, _ in rows),
            power=tuple(power["power"] for _, power in rows),
            se=tuple(power["se"] for _, power in rows),
        )

    readers = sorted({row["readers"] for row in plan["table"]})
    figure = power_curves(
        {NAMES[name]: {each: curve(name, each) for each in readers} for name in names},
        chosen=(plan["inputs"]["cases"], plan["power"][names[0]]["power"]),
    )
    drawn = io.BytesIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None})
    return f"data:image/svg+xml;base64,{base64.b64encode(drawn.getvalue()).decode()}"
