"""Reports as XML and tables of views, read by a child and checked where they arrive."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, get_args

from readerstudy.cases import mimic, openi
from readerstudy.cases.apart.children import ask
from readerstudy.cases.apart.line import Bytes
from readerstudy.cases.openi import OpeniStudy, Stratum
from readerstudy.cases.radiograph import Refused, View, file_bytes
from readerstudy.cases.tables import LONGEST_CELL

_SECTIONS = ("code", "comparison", "indication", "findings", "impression")


def read_study_apart(content: bytes) -> OpeniStudy:
    """`openi.read_study` in the reading process. Raises Refused."""
    said = ask(study, {}, file_bytes(content)).words
    try:
        if said["stratum"] not in get_args(Stratum):
            raise ValueError
        return OpeniStudy(
            **{name: _text(said[name]) for name in _SECTIONS},
            stratum=said["stratum"],
            images=tuple(map(_text, said["images"])),
        )
    except (ValueError, TypeError, LookupError):
        raise _nonsense() from None


def read_projections_apart(content: bytes, name: str) -> dict[str, View]:
    """`openi.read_projections` in the reading process. Raises Refused."""
    return _views(ask(projections, {"name": name}, file_bytes(content)).words)


def read_views_apart(content: bytes, name: str) -> dict[str, View]:
    """`mimic.read_views` in the reading process. Raises Refused."""
    return _views(ask(views, {"name": name}, file_bytes(content)).words)


def study(content: bytearray, asked: dict[str, Any]) -> tuple[Any, list[Bytes]]:
    """One report of Open-i; in the child."""
    return asdict(openi.read_study(bytes(content))), []


def projections(content: bytearray, asked: dict[str, Any]) -> tuple[Any, list[Bytes]]:
    """A table of projections; in the child."""
    return openi.read_projections(bytes(content), asked["name"]), []


def views(content: bytearray, asked: dict[str, Any]) -> tuple[Any, list[Bytes]]:
    """A table of view positions; in the child."""
    return mimic.read_views(bytes(content), asked["name"]), []


def _views(said: Any) -> dict[str, View]:
    if not isinstance(said, Mapping) or not set(said.values()) <= {*get_args(View)}:
        raise _nonsense()
    return dict(said)


def _text(said: Any) -> str:
    if not isinstance(said, str) or len(said) > LONGEST_CELL:
        raise ValueError
    return said


def _nonsense() -> Refused:
    return Refused("It is damaged: its reader broke on it.")
