"""A file of labels or metrics, checked by a child: readerstudy/cases/apart/."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from readerstudy.cases.apart.children import ask
from readerstudy.cases.apart.line import Bytes
from readerstudy.cases.radiograph import Refused, file_bytes
from readerstudy.reports.labels.checking import (
    Checked,
    Line,
    Problem,
    check_answers,
    check_labels,
    check_metrics,
)

_CHECKS = {"labels": check_labels, "answers": check_answers, "metrics": check_metrics}
# More of them say the same: this is another file than was meant.
MOST_PROBLEMS = 20_000


def checked_apart(
    kind: str, content: bytes, name: str, known: Mapping[str, int]
) -> Checked:
    """`check_labels`, `check_answers` or `check_metrics` in the reading process.

    Raises Refused.
    """
    asked = {"kind": kind, "name": name, "known": dict(known)}
    said = ask(checked, asked, file_bytes(content)).words
    try:
        return _checked(said, set(known.values()))
    except (ValueError, TypeError, LookupError):
        raise Refused(f"{name} is damaged: its reader broke on it.") from None


def checked(content: bytearray, asked: dict[str, Any]) -> tuple[Any, list[Bytes]]:
    """A check; in the child."""
    found = _CHECKS[asked["kind"]](bytes(content), asked["name"], asked["known"])
    if len(found.problems) > MOST_PROBLEMS:
        raise Refused(
            f"{asked['name']}: {len(found.problems)} lines cannot be taken. The first "
            f"is line {found.problems[0].line}: {found.problems[0].sentence}"
        )
    return asdict(found), []


def _checked(said: Any, cases: set[int]) -> Checked:
    found = Checked(
        **{name: _texts(said[name]) for name in ("columns", "ignored", "missing")},
        warnings=_texts(said["warnings"]),
        lines=[Line(**each) for each in said["lines"]],
        problems=[Problem(**each) for each in said["problems"]],
        making={str(key): str(value) for key, value in said["making"].items()},
    )
    for line in found.lines:
        if line.case not in cases or not set(line.values) <= set(found.columns):
            raise ValueError
        if not all(type(value) in (int, float) for value in line.values.values()):
            raise TypeError
    return found


def _texts(said: Any) -> list[str]:
    if not isinstance(said, list) or not all(isinstance(each, str) for each in said):
        raise TypeError
    return said
