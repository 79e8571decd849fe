"""The record of what was removed, as a table for people and programs."""

import csv
import io
from collections.abc import Iterator

from readerstudy.cases.deidentification.models import HeaderRecord
from readerstudy.cases.models import Collection

COLUMNS = (
    *("case", "image", "tag", "within", "element", "vr", "action", "count"),
    *("profile", "software", "dates", "original_kept", "made_at"),
)
# A spreadsheet takes what begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_lines(collection: Collection) -> Iterator[str]:
    """A line per element that was removed or replaced, of every file."""
    yield _line(COLUMNS)
    records = HeaderRecord.objects.filter(image__case__collection=collection)
    ordered = records.select_related("image__case").order_by(
        "image__case__code", "image_id"
    )
    for record in ordered.iterator(chunk_size=200):
        for row in _rows(record):
            yield _line((*_image(record), *row, *_making(record)))


def _rows(record: HeaderRecord) -> Iterator[tuple[object, ...]]:
    yield from map(tuple, record.elements)
    if record.further:
        yield ("", "", "further elements", "", "removed", record.further)
    if record.trailing:
        yield ("", "", "bytes behind the picture", "", "removed", record.trailing)


def _image(record: HeaderRecord) -> tuple[str, str]:
    return record.image.case.code, record.image.name


def _making(record: HeaderRecord) -> tuple[object, ...]:
    return (
        record.profile,
        record.software,
        record.dates,
        "yes" if record.original_is_kept else "no",
        record.made_at.isoformat(timespec="seconds"),
    )


def _line(cells: tuple[object, ...]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(
        f"'{cell}" if str(cell).startswith(_FORMULA) else cell for cell in cells
    )
    return buffer.getvalue()
