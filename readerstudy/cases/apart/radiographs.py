"""A radiograph as parent and child tell it to each other, checked where it arrives."""

from dataclasses import asdict
from typing import Any, get_args

import numpy as np

from readerstudy.cases.apart.line import Bytes, Message
from readerstudy.cases.bitmaps import read_bitmap
from readerstudy.cases.deidentification.policy import Policy
from readerstudy.cases.deidentification.removed import Element, Removal
from readerstudy.cases.dicom import read_dicom
from readerstudy.cases.frames import Frame, SpacingKind
from readerstudy.cases.radiograph import (
    HeaderValue,
    RadiographFile,
    Refused,
    View,
    refuse_size,
)
from readerstudy.cases.voi import ENTRIES, LookupTable, Voi, Window, WindowFunction

_MOST_LISTED = 10_000
_MOST_CHARACTERS = 2000


def dicom(content: bytearray, asked: dict[str, Any]) -> tuple[Any, list[Bytes]]:
    """`read_dicom` in the child."""
    pseudonym = asked.pop("pseudonym")
    read = read_dicom(
        bytes(content), pseudonym=Policy(**pseudonym) if pseudonym else None, **asked
    )
    return _told(read)


def bitmap(content: bytearray, asked: dict[str, Any]) -> tuple[Any, list[Bytes]]:
    """`read_bitmap` in the child."""
    return _told(read_bitmap(bytes(content)))


def _told(read: RadiographFile) -> tuple[Any, list[Bytes]]:
    frame, removal = read.frame, read.removal
    words = {
        "shape": frame.pixels.shape,
        "windows": [asdict(each) for each in frame.windows],
        "slope": float(frame.slope),
        "intercept": float(frame.intercept),
        "spacing_mm": frame.spacing_mm,
        "spacing_kind": frame.spacing_kind,
        "eight_bit": frame.eight_bit,
        "header": read.header,
        "view": read.view,
        "view_reason": read.view_reason,
        "body_part": read.body_part,
        "code": read.code,
        "warnings": read.warnings,
        "removal": removal and {**asdict(removal), "elements": removal.as_json()},
    }
    parts = [frame.pixels] if frame.padding is None else [frame.pixels, frame.padding]
    return words, [np.ascontiguousarray(each).data.cast("B") for each in parts]


def radiograph_in(answer: Message, source_sha256: str) -> RadiographFile:
    """The radiograph that a child tells of. Raises Refused where it makes no sense.

    source_sha256   of the file, which a child is not asked for
    """
    try:
        return _radiograph(answer, source_sha256)
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError):
        raise Refused("It is damaged: its reader broke on it.") from None


def _radiograph(answer: Message, source_sha256: str) -> RadiographFile:
    said = answer.words
    code = said["code"]
    return RadiographFile(
        frame=_frame(said, answer.content),
        header={_text(key): _header_value(value) for key, value in _items(said)},
        view=_one_of(said["view"], get_args(View)),
        view_reason=_text(said["view_reason"]),
        body_part=_text(said["body_part"]),
        source_sha256=source_sha256,
        code=None if code is None else _text(code),
        warnings=tuple(_text(each) for each in _list(said["warnings"])),
        removal=None if said["removal"] is None else _removal(said["removal"]),
    )


def _frame(said: dict[str, Any], content: bytearray) -> Frame:
    rows, columns = map(_whole, said["shape"])
    refuse_size(rows, columns)
    pixels = np.frombuffer(content, dtype=np.uint16, count=rows * columns)
    rest = memoryview(content)[pixels.nbytes :]
    padding = np.frombuffer(rest, dtype=np.uint8) if rest else None
    if padding is not None and (padding.size != pixels.size or padding.max() > 1):
        raise ValueError
    spacing, kind = said["spacing_mm"], said["spacing_kind"]
    return Frame(
        pixels=pixels.reshape(rows, columns),
        padding=None if padding is None else padding.view(bool).reshape(rows, columns),
        windows=tuple(_window(each) for each in _list(said["windows"])),
        slope=_number(said["slope"]),
        intercept=_number(said["intercept"]),
        spacing_mm=None
        if spacing is None
        else (_number(spacing[0]), _number(spacing[1])),
        spacing_kind=None if kind is None else _one_of(kind, get_args(SpacingKind)),
        eight_bit=said["eight_bit"] is True,
    )


def _window(said: dict[str, Any]) -> Voi:
    if "values" in said:
        values = tuple(map(_whole, said["values"]))
        if not 0 < len(values) <= ENTRIES or not 0 <= min(values) <= max(values) <= 255:
            raise ValueError
        return LookupTable(_whole(said["first"]), values, _text(said["explanation"]))
    return Window(
        _number(said["centre"]),
        _number(said["width"]),
        _one_of(said["function"], get_args(WindowFunction)),
        _text(said["explanation"]),
    )


def _removal(said: dict[str, Any]) -> Removal:
    elements = tuple(
        (Element(*map(_text, row[:5])), _whole(row[5])) for row in said["elements"]
    )
    further, trailing = _whole(said["further"]), _whole(said["trailing"])
    return Removal(elements, further, trailing, _text(said["dates"]))


def _items(said: dict[str, Any]) -> list[tuple[Any, Any]]:
    return list(said["header"].items())


def _header_value(value: Any) -> HeaderValue:
    if isinstance(value, list):
        if all(isinstance(each, str) for each in value):
            return [_text(each) for each in value]
        return [_number(each) for each in value]
    return _whole(value) if isinstance(value, int) else _text(value)


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list) or len(value) > _MOST_LISTED:
        raise ValueError
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > _MOST_CHARACTERS:
        raise TypeError
    return value


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise TypeError
    return value


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not np.isfinite(value):
        raise TypeError
    return float(value)


def _one_of(value: Any, known: tuple[Any, ...]) -> Any:
    if value not in known:
        raise ValueError
    return value
