"""The figure: each AUC as a point with its interval, from 0 to 1, guessing marked."""

from dataclasses import dataclass

from readerstudy.presentation.blind import PROFILES
from readerstudy.presentation.blinding_audit.models import BlindingAudit
from readerstudy.studies.models import Study

WIDTH = 680
_LEFT, _RIGHT, _ROW, _TOP = 250, 20, 30, 12
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Mark:
    """One row: its words, its numbers, and where they are drawn."""

    label: str
    auc: float
    low: float
    high: float
    middle: float
    audit: BlindingAudit

    @property
    def x(self) -> float:
        return _x(self.auc)

    @property
    def x_low(self) -> float:
        return _x(self.low)

    @property
    def x_high(self) -> float:
        return _x(self.high)


@dataclass(frozen=True)
class Tick:
    """A number under the axis, and where it stands."""

    value: float
    x: float


@dataclass(frozen=True)
class Figure:
    """Rows from top to bottom, and the measures of the drawing."""

    marks: list[Mark]
    height: int
    foot: int
    ticks: list[Tick]
    width: int = WIDTH


def _x(value: float) -> float:
    return round(_LEFT + value * (WIDTH - _LEFT - _RIGHT), 1)


def figure_of(study: Study, audit: BlindingAudit) -> Figure:
    """The audit itself, of more than two arms each of them, then other layouts."""
    rows: list[tuple[str, dict[str, object], BlindingAudit]] = []
    found = audit.found
    rows.append((layout_name(audit), found, audit))
    if len(found["arms"]) > 2:
        labels = {each["arm"]: each["label"] for each in found["arms"]}
        for each in found["each"]:
            rows.append((f"{labels[each['arm']]} against the rest", each, audit))
    rows += [(layout_name(each), each.found, each) for each in _others(study, audit)]
    marks: list[Mark] = []
    for label, numbers, of_audit in rows:
        auc, interval = numbers["auc"], numbers["ci95"]
        if isinstance(auc, int | float) and isinstance(interval, list):
            middle = _TOP + _ROW * len(marks) + _ROW / 2
            low, high = interval
            marks.append(Mark(label, auc, low, high, middle, of_audit))
    foot = _TOP + _ROW * max(len(marks), 1)
    ticks = [Tick(value, _x(value)) for value in _TICKS]
    return Figure(marks, foot + 24, foot, ticks)


def layout_name(audit: BlindingAudit) -> str:
    """A layout as the figure and its table name it."""
    profile = PROFILES.get(audit.layout_profile)
    title = profile.title if profile else audit.layout_profile
    mark = "[\u2026]" if audit.redaction == Study.Redaction.ELLIPSIS else "XXXX"
    return f"{title}, {mark}"


def _others(study: Study, audit: BlindingAudit) -> list[BlindingAudit]:
    """The newest audit of every other layout."""
    newest: dict[tuple[str, str], BlindingAudit] = {}
    for each in BlindingAudit.objects.done(study):
        newest.setdefault((each.layout_profile, each.redaction), each)
    newest.pop((audit.layout_profile, audit.redaction), None)
    return list(newest.values())
