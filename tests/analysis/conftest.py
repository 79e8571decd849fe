"""Result sets of studies in which everything was asked, and of pairs."""

from typing import Any

import pytest

from readerstudy.analysis.statistics.design import Design
from readerstudy.analysis.statistics.reads_csv import read_csv
from readerstudy.analysis.statistics.results import result_set

DESIGN = Design(arms=("model", "reference"), reference="reference")
_HEADER = (
    "reader,case,arm,grade,stratum,seconds,position,period,repeat,"
    "errors_omission,errors_significant,referable,guess_source,preference"
)


def _results(lines: list[str]) -> dict[str, Any]:
    return result_set(read_csv("\n".join(lines)), DESIGN).as_json()


@pytest.fixture(scope="session")
def all_asked() -> dict[str, Any]:
    """Three readers, twelve cases, two arms, with every further column."""
    lines = [_HEADER]
    for reader in range(3):
        for case in range(12):
            for place, arm in enumerate(DESIGN.arms or ()):
                lines += _reads(reader, case, place, arm)
    return _results(lines)


def _reads(reader: int, case: int, place: int, arm: str) -> list[str]:
    turn = (case + reader) % 2
    grade = "ABBAC"[(case + 2 * reader + place) % 5] if place else "BDCAB"[case % 5]
    position = 2 * case + (place if turn else 1 - place) + 1
    seconds = 30 + 7 * place + 3 * (case % 4) + reader
    missed = (case + reader + place) % 3 - place
    guess = ("person", "model", "unknown")[(case * 2 + reader + place) % 3]
    known = f"{'normal' if case % 2 else 'abnormal'},{seconds},{position}"
    found = f"{max(missed, 0)},{int(missed > 1)},{'yes' if case % 3 else 'no'},{guess},"
    row = f"R{reader},C{case:02d},{arm}"
    period = 1 + case // 6
    lines = [f"{row},{grade},{known},{period},0,{found}"]
    if case < 4:
        again = "A" if reader == case else grade
        lines.append(f"{row},{again},{known},2,1,{found}")
    return lines


@pytest.fixture(scope="session")
def pairs_study() -> dict[str, Any]:
    """Three readers compared two reports of each of twelve cases."""
    lines = [_HEADER]
    for reader in range(3):
        for case in range(12):
            turn = (case + reader) % 12
            said = ("model", "reference", "equal")[(turn > 2) + (turn > 7)]
            lines += [
                f"R{reader},C{case:02d},{arm},{grade},,,,,0,,,,,{said}"
                for arm, grade in zip(("model", "reference"), "BA", strict=True)
            ]
    return _results(lines)
