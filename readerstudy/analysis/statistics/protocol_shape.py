"""What a protocol's parts have to be, so that everything that reads it can rely on it.

A part that is absent, or null, says nothing; a part that nobody reads may be anything.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

# Beyond this a number is none that a study has, and some formats have no place for it.
_LARGEST = 2**53


@dataclass(frozen=True)
class Kind:
    """One value, what it has to be in words, and whether it is."""

    words: str
    holds: Callable[[Any], bool]


@dataclass(frozen=True)
class Parts:
    """An object with parts by name; those needed may be neither absent nor null."""

    parts: dict[str, "Shape"]
    needed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ListOf:
    """A list whose entries are all alike; names may stand for objects."""

    shape: "Shape"
    names_too: bool = False


@dataclass(frozen=True)
class EachOf:
    """An object with any names, whose values are all alike."""

    shape: "Shape" = field(kw_only=True)


Shape = Kind | Parts | ListOf | EachOf


def _is_number(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and -_LARGEST <= value <= _LARGEST


def _is_whole(value: Any) -> bool:
    return _is_number(value) and isinstance(value, int)


_TEXT = Kind("text", lambda value: isinstance(value, str))
_FLAG = Kind("true or false", lambda value: isinstance(value, bool))
_WHOLE = Kind("a whole number", _is_whole)
_COUNT = Kind(
    "a whole number, 0 or more", lambda value: _is_whole(value) and value >= 0
)
_NUMBER = Kind("a number", _is_number)
_SHARE = Kind(
    "a number from 0 to 1", lambda value: _is_number(value) and 0 <= value <= 1
)
_INTERVAL = Kind(
    "two numbers",
    lambda value: (
        isinstance(value, list) and len(value) == 2 and all(map(_is_number, value))
    ),
)
_LIST = Kind("a list", lambda value: isinstance(value, list))


def _all_of(**parts: Shape) -> Parts:
    return Parts(parts, frozenset(parts))


_DESIGN = Parts(
    {
        "allocation": _TEXT,
        "reader_groups": _COUNT,
        "anchor_cases": _COUNT,
        "arm_order": _TEXT,
        "hidden_repeats": _COUNT,
    }
)
_LAYOUT = Parts(
    {"name": _TEXT, "groups": _COUNT, "anchors": _COUNT},
    frozenset({"name", "groups", "anchors"}),
)
_INPUTS = Parts(
    {
        "readers": _COUNT,
        "cases": _COUNT,
        "rate": _SHARE,
        "reference_rate": _SHARE,
        "margin_points": _NUMBER,
        "alpha": _SHARE,
        "layout": _LAYOUT,
        "shares": EachOf(shape=_SHARE),
    },
    frozenset({"readers", "cases", "rate", "reference_rate", "layout", "shares"}),
)
_SAMPLE_SIZE = Parts(
    {
        "schema": _TEXT,
        "inputs": _INPUTS,
        "power": EachOf(shape=_all_of(power=_SHARE)),
        "replicates": _COUNT,
        "seed": _COUNT,
    },
    frozenset({"schema", "inputs", "power", "replicates", "seed"}),
)
_CASE_SET = Parts(
    {
        "collection": _TEXT,
        "seed": _WHOLE,
        "available": EachOf(shape=_COUNT),
        "normal": _COUNT,
        "abnormal": _COUNT,
        "unknown": _COUNT,
        "method": _TEXT,
        "collection_cases": _COUNT,
        "left_out": ListOf(_all_of(what=_TEXT, count=_COUNT)),
        "candidates": EachOf(shape=ListOf(_TEXT)),
        "exclusions": ListOf(
            Parts(
                {
                    "case": _TEXT,
                    "reason": _TEXT,
                    "note": _TEXT,
                    "after_draw": _FLAG,
                    "replaced": _FLAG,
                    "replaced_by": _TEXT,
                },
                frozenset({"case", "reason", "after_draw", "replaced"}),
            )
        ),
        "cases": ListOf(_TEXT),
    },
    frozenset({"collection", "seed"}),
)
_READING = Parts(
    {
        "presentation": _TEXT,
        "washout_days": _COUNT,
        "session_reads": _COUNT,
        "idle_seconds": _COUNT,
        "guess_sample": _COUNT,
        "instruments": ListOf(_TEXT),
    }
)
_PROTOCOL = Parts(
    {
        "title": _TEXT,
        "arms": ListOf(
            Parts({"label": _TEXT, "source": _TEXT, "reference": _FLAG}),
            names_too=True,
        ),
        "scale": ListOf(_all_of(letter=_TEXT, label=_TEXT)),
        "alpha": _SHARE,
        "design": _DESIGN,
        "analysis": Parts({"sample_size": _SAMPLE_SIZE}),
        "reading": _READING,
        "case_set": _CASE_SET,
        "cases": _LIST,
        "practice": _LIST,
        "allocation_sha256": _TEXT,
        "layout_version": _COUNT,
        "layout_profile": _TEXT,
        "blinding_audit": Parts(
            {"auc": _SHARE, "ci95": _INTERVAL, "cases": _COUNT, "reports": _COUNT}
        ),
        "seed": _WHOLE,
        "minimum_pair_distance": _COUNT,
        "show_indication": _FLAG,
    }
)


def faults(protocol: Any) -> Iterator[str]:
    """What is not as it has to be, each a clause such as "alpha is not a number"."""
    yield from _faults(protocol, _PROTOCOL, "")


def _faults(value: Any, shape: Shape, place: str) -> Iterator[str]:
    if isinstance(shape, Kind):
        if not shape.holds(value):
            yield f"{place} is not {shape.words}"
    elif isinstance(shape, ListOf):
        yield from _in_list(value, shape, place)
    elif not isinstance(value, dict):
        yield f"{place or 'the whole'} is not an object"
    elif isinstance(shape, EachOf):
        for name, each in value.items():
            yield from _faults(each, shape.shape, f"{place}.{name}")
    else:
        yield from _in_parts(value, shape, place)


def _in_list(value: Any, shape: ListOf, place: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{place} is not a list"
    else:
        for number, each in enumerate(value, 1):
            if not (shape.names_too and isinstance(each, str)):
                yield from _faults(each, shape.shape, f"{place}, entry {number}")


def _in_parts(value: dict[str, Any], shape: Parts, place: str) -> Iterator[str]:
    for name in sorted(shape.needed):
        if value.get(name) is None:
            yield f"{_below(place, name)} is missing"
    for name, part in shape.parts.items():
        found = value.get(name)
        # An empty object says as little as none, unless it has to be there.
        is_object = isinstance(part, Parts | EachOf) and name not in shape.needed
        if found is not None and not (is_object and found == {}):
            yield from _faults(found, part, _below(place, name))


def _below(place: str, name: str) -> str:
    return f"{place}: {name}" if "entry" in place else f"{place}.{name}".lstrip(".")
