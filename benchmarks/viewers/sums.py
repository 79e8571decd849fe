"""What the runs add up to: medians, spread, ratios, and the table of them."""

import statistics
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, TypedDict

import numpy as np

from benchmarks.viewers.others import VERSIONS, Weight
from benchmarks.viewers.serving import OURS, OURS_GL

# What is measured of a viewer in a run, in the order of the table.
FIGURES = {
    "preview_ms": "preview, new browser, ms",
    "first_cold_ms": "first image, new browser, ms",
    "first_warm_ms": "first image, scripts kept, ms",
    "next_ms": "next case after the key, median, ms",
    "next_p95_ms": "next case after the key, p95, ms",
    "frame_ms": "window drag, frame, median, ms",
    "frame_p95_ms": "window drag, frame, p95, ms",
    "objects_mb": "JS heap, objects, MB",
    "buffers_mb": "JS heap, array buffers, MB",
    "error_raw16": "grey error, raw 16 bit, levels",
    "error_mono1": "grey error, MONOCHROME1, levels",
    "error_voilut": "grey error, VOI LUT only, levels",
}
NAMES = {OURS: "ours"} | VERSIONS | {OURS_GL: "ours, WebGL forced"}
WIDTH = 19


class Summary(TypedDict):
    """Over the runs."""

    median: float
    low: float
    high: float
    samples: list[float]


@dataclass
class Results:
    """samples: mode -> viewer -> figure -> one value a run; missing: why not."""

    samples: dict[str, dict[str, dict[str, list[float]]]] = field(default_factory=dict)
    engines: dict[str, dict[str, str]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    weights: dict[str, Weight] = field(default_factory=dict)

    def add(self, mode: str, viewer: str, figures: dict[str, float]) -> None:
        kept = self.samples.setdefault(mode, {}).setdefault(viewer, {})
        for name, value in figures.items():
            kept.setdefault(name, []).append(value)

    def summary(self, mode: str, viewer: str, figure: str) -> Summary | None:
        values = self.samples[mode].get(viewer, {}).get(figure)
        if not values:
            return None
        return {
            "median": statistics.median(values),
            "low": min(values),
            "high": max(values),
            "samples": values,
        }

    def ratio(self, mode: str, viewer: str, figure: str) -> float | None:
        """The medians' quotient, ours by theirs: below 1 is for ours."""
        ours = self.summary(mode, OURS, figure)
        theirs = self.summary(mode, viewer, figure)
        if not ours or not theirs or not theirs["median"]:
            return None
        return ours["median"] / theirs["median"]

    def as_json(self) -> dict[str, Any]:
        modes = {}
        for mode, viewers in self.samples.items():
            others = [viewer for viewer in viewers if viewer in VERSIONS]
            modes[mode] = {
                "engines": self.engines.get(mode, {}),
                "figures": {
                    viewer: {name: self.summary(mode, viewer, name) for name in figures}
                    for viewer, figures in viewers.items()
                },
                "ratios": {
                    viewer: {name: self.ratio(mode, viewer, name) for name in FIGURES}
                    for viewer in others
                },
            }
        return {
            "modes": modes,
            "bytes_of_scripts": {
                viewer: asdict(weight) for viewer, weight in self.weights.items()
            },
            "not_measured": self.missing,
        }

    def lines(self) -> Iterable[str]:
        """The table for people, one block a mode."""
        for mode, viewers in self.samples.items():
            others = [viewer for viewer in viewers if viewer in VERSIONS]
            heads = [NAMES[viewer] for viewer in viewers]
            heads += [f"/ {viewer}" for viewer in others]
            yield ""
            yield _row(f"-- {mode} --", heads)
            engines = self.engines.get(mode, {})
            yield _row("drawn by", [engines.get(viewer, "") for viewer in viewers])
            for figure, words in FIGURES.items():
                cells = [
                    _cell(self.summary(mode, viewer, figure)) for viewer in viewers
                ]
                ratios = [self.ratio(mode, viewer, figure) for viewer in others]
                cells += ["" if one is None else f"{one:.2f}" for one in ratios]
                if any(cells):
                    yield _row(words, cells)


def of_times(name: str, milliseconds: list[float]) -> dict[str, float]:
    """The median and the 95th percentile of what was timed in one run."""
    return {
        f"{name}_ms": statistics.median(milliseconds),
        f"{name}_p95_ms": float(np.percentile(milliseconds, 95)),
    }


def _cell(summary: Summary | None) -> str:
    if summary is None:
        return ""
    places = 0 if summary["median"] >= 100 else 1 if summary["median"] >= 10 else 2
    median, low, high = (
        f"{summary[key]:.{places}f}" for key in ("median", "low", "high")
    )
    return median if low == high else f"{median} ({low}-{high})"


def _row(head: str, cells: list[str]) -> str:
    return f"{head:34s}" + "".join(f"{cell:>{WIDTH}s} " for cell in cells).rstrip()
