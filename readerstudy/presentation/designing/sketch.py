"""A design in small, drawn: a few readers, a few cases, and never the real lists."""

from dataclasses import dataclass, replace

from readerstudy.presentation.dealing import SPLIT_PLOT, Design, deal_design
from readerstudy.presentation.randomise import Infeasible
from readerstudy.presentation.sessions import SessionPlan

CELL, GAP, LEFT, SESSION = 24, 3, 34, 10
_MOST_READERS, _MOST_ARMS, _MOST_REPEATS = 6, 4, 2


@dataclass(frozen=True)
class Cell:
    """One report on its place: the case's number, the arm's, and what marks it."""

    x: int
    y: int
    case: int
    arm: int
    repeat: bool
    anchor: bool

    @property
    def middle(self) -> int:
        return self.x + CELL // 2

    @property
    def baseline(self) -> int:
        return self.y + CELL // 2 + 4


@dataclass(frozen=True)
class Row:
    """One reader's list, from left to right."""

    reader: str
    y: int
    cells: tuple[Cell, ...]

    @property
    def baseline(self) -> int:
        return self.y + CELL // 2 + 4


@dataclass(frozen=True)
class Sketch:
    """Everything that the picture shows, in its own units."""

    rows: tuple[Row, ...]
    arms: tuple[int, ...]
    width: int
    height: int
    has_anchors: bool
    has_repeats: bool
    has_sessions: bool
    cell: int = CELL


def sketch(
    design: Design, *, readers: int, arms: int, plan: SessionPlan
) -> Sketch | None:
    """Deal the design in small, with its own seed; None where it can't be dealt."""
    groups = min(design.reader_groups, 3) if design.allocation == SPLIT_PLOT else 1
    anchors = min(design.anchor_cases, 2) if design.allocation == SPLIT_PLOT else 0
    cases = anchors + 2 * groups if design.allocation == SPLIT_PLOT else 4
    small = replace(
        design,
        reader_groups=max(2, groups),
        anchor_cases=anchors,
        hidden_repeats=min(design.hidden_repeats, _MOST_REPEATS),
    )
    names = [f"R{number}" for number in range(1, _readers(readers, groups) + 1)]
    arm_names = [f"arm {number}" for number in range(1, min(arms, _MOST_ARMS) + 1)]
    try:
        deals = deal_design(
            small,
            readers=names,
            strata={f"{number}": "case" for number in range(1, cases + 1)},
            arms=arm_names,
            minimum_distance=2,
            seed=1,
            plan=SessionPlan(None, rounds_apart=plan.rounds_apart),
        )
    except Infeasible:
        return None
    read_by: dict[str, set[str]] = {}
    for each in deals:
        read_by.setdefault(each.case, set()).add(each.reader)
    shared = {case for case, by in read_by.items() if anchors and len(by) == len(names)}
    rows = []
    for number, name in enumerate(names):
        y = number * (CELL + 2 * GAP) + GAP
        cells = tuple(
            Cell(
                x=LEFT
                + (each.position - 1) * (CELL + GAP)
                + (each.session - 1) * SESSION,
                y=y,
                case=int(each.case),
                arm=arm_names.index(each.arm) + 1,
                repeat=bool(each.repeat),
                anchor=each.case in shared,
            )
            for each in deals
            if each.reader == name
        )
        rows.append(Row(name, y, cells))
    return Sketch(
        rows=tuple(rows),
        arms=tuple(range(1, len(arm_names) + 1)),
        width=max(cell.x for row in rows for cell in row.cells) + CELL + GAP,
        height=len(names) * (CELL + 2 * GAP),
        has_anchors=bool(shared),
        has_repeats=any(cell.repeat for row in rows for cell in row.cells),
        has_sessions=any(each.session > 1 for each in deals),
    )


def _readers(readers: int, groups: int) -> int:
    """Readers of the picture: those of the study, so that each group has one."""
    return max(groups, min(readers or 3, _MOST_READERS))
