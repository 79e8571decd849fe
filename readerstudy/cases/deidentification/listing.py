"""The record of what was removed, as a table for people and programs."""

from collections.abc import Iterator

from readerstudy import csv_text
from readerstudy.cases.deidentification.models import HeaderRecord
from readerstudy.cases.models import Collection

COLUMNS = (
    *("case", "image", "tag", "within", "element", "vr", "action", "count"),
    *("profile", "software", "dates", "original_kept", "made_at"),
)


def csv_lines(collection: Collection) -> Iterator[str]:
    """A line per element that was removed or replaced, of every file."""
    records = HeaderRecord.objects.filter(image__case__collection=collection)
    ordered = records.select_related("image__case").order_by(
        "image__case__code", "image_id"
    )
    rows = (
        dict(zip(COLUMNS, (*_image(record), *row, *_making(record)), strict=True))
        for record in ordered.iterator(chunk_size=200)
        for row in _rows(record)
    )
    return csv_text.csv_lines(COLUMNS, rows)


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
