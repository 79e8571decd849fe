"""Whether the record is whole, and whether the rows are what it says.

Both are read as a stream: what a chain said last of each row is kept in a file of its
own meanwhile, not in memory.
"""

import datetime
import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

from django.apps import apps
from django.db import connection, transaction

from readerstudy.audit.covered import COVERED
from readerstudy.audit.models import Event, Stream, digest_of_event
from readerstudy.audit.rows import label_of, numbered
from readerstudy.audit.services import SITE, Told

START = "0" * 64
COVERS = "record.covers_rows"
_COLUMNS = (
    *("id", "stream_id", "sequence", "at", "actor_id", "hashed_actor", "verb"),
    *("subject", "detail", "rows", "previous_sha256", "sha256"),
)
_AT_ONCE = 2000


@dataclass(frozen=True)
class Break:
    """Where the record and the database differ.

    kind   content, missing, order, or head for a chain; altered, missing, or added for
           a row
    """

    kind: str
    stream: str
    says: str
    sequence: int | None = None
    event: int | None = None
    table: str = ""
    row: int | None = None
    name: str = ""


@dataclass
class Verdict:
    """What verifying found, and what it looked at."""

    breaks: list[Break] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    heads: dict[str, tuple[int, str]] = field(default_factory=dict)
    events: int = 0
    rows: int = 0
    not_covered: dict[str, int] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        return not self.breaks

    def of_stream(self, stream: str) -> dict[str, Any]:
        """In short, for whoever gets the study's files: its end, and what is broken."""
        length, sha256 = self.heads.get(stream, (0, START))
        return {
            "events": length,
            "head_sha256": sha256,
            "rows": self.rows,
            "rows_not_covered": sum(self.not_covered.values()),
            "broken": [found.says for found in self.breaks],
        }

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"is_whole": self.is_whole}


def first_break(stream: str) -> int | None:
    """Return the sequence at which a stream's chain is broken, or None."""
    verdict = Verdict()
    for _ in _chain(stream, verdict):
        pass
    return verdict.breaks[0].sequence if verdict.breaks else None


def last_told(stream: str) -> Told:
    """What a stream said last of every row that it tells of, by name."""
    told: Told = {}
    for rows in (
        Event.objects.of_stream(stream)
        .filter(rows__isnull=False)
        .values_list("rows", flat=True)
        .iterator(chunk_size=_AT_ONCE)
    ):
        told |= rows or {}
    return told


def verify(stream: str = "") -> Verdict:
    """Verify every chain and every covered row, or those of one study or of the site.

    Everything is read as it was at one moment, also while the site is at work.
    """
    with _one_moment(), closing(_Kept()) as kept:
        verdict = Verdict()
        streams = [stream] if stream else _all_streams()
        for name in streams:
            for told in _chain(name, verdict):
                kept.keep(told)
        if stream and stream != SITE:
            # What the site's record says of the study's rows stands there.
            for told in _chain(SITE, Verdict()):
                kept.keep(told)
        _rows(kept, verdict, stream)
    return verdict


@contextmanager
def _one_moment() -> Iterator[None]:
    """A transaction that only reads, sees one moment, and keeps nobody waiting."""
    is_outermost = not connection.in_atomic_block
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            if is_outermost:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            yield
        return
    connection.ensure_connection()
    # An immediate one, as others are here, would keep all writers out meanwhile.
    mode = getattr(connection, "transaction_mode", None)
    setattr(connection, "transaction_mode", "DEFERRED")  # noqa: B010
    try:
        with transaction.atomic():
            yield
    finally:
        setattr(connection, "transaction_mode", mode)  # noqa: B010


def _all_streams() -> list[str]:
    named = set(Stream.objects.values_list("name", flat=True))
    # A stream's row may have been taken away with its events left.
    told = set(Event.objects.order_by().values_list("stream_id", flat=True).distinct())
    return sorted(named | told)


def _chain(stream: str, verdict: Verdict) -> Iterator[tuple[int, Told]]:
    """Follow a chain; yields what its events tell of rows, with the event's number.

    The first broken link is named; what comes after it is still read for its rows.
    """
    events = Event.objects.of_stream(stream).values_list(*_COLUMNS)
    expected, previous, last = 1, START, None
    broken: Break | None = None
    for values in events.iterator(chunk_size=_AT_ONCE):
        link = dict(zip(_COLUMNS, values, strict=True))
        broken = broken or _broken(link, expected, previous)
        if last is not None and link["at"] < last:
            verdict.remarks.append(_about_clock(link, last))
        expected, previous = link["sequence"] + 1, link["sha256"]
        last = link["at"]
        verdict.events += 1
        if link["rows"]:
            yield link["id"], link["rows"]
    verdict.heads[stream] = (expected - 1, previous)
    broken = broken or _broken_head(stream, expected - 1, previous)
    if broken:
        verdict.breaks.append(broken)


def _broken(link: dict[str, Any], expected: int, previous: str) -> Break | None:
    """What is wrong with an event where one of that sequence is expected."""
    number, kind = link["sequence"], ""
    if number > expected:
        return Break(
            "missing",
            link["stream_id"],
            f"event {expected} is missing; event {number} comes next.",
            expected,
        )
    if number < expected:
        kind, says = "order", "its sequence was taken before."
    elif link["previous_sha256"] != previous:
        kind, says = "order", f"it does not follow on event {number - 1} as that is."
    elif _digest(link) != link["sha256"]:
        kind, says = "content", "its content is not what its hash was made of."
    if not kind:
        return None
    told = f"event {number} ({link['verb']}): {says}"
    return Break(
        kind, link["stream_id"], told, number, link["id"], "audit_event", link["id"]
    )


def _digest(link: dict[str, Any]) -> str:
    hashed = link["hashed_actor"]
    return digest_of_event(
        stream=link["stream_id"],
        sequence=link["sequence"],
        at=link["at"],
        actor=link["actor_id"] if hashed is None else hashed,
        verb=link["verb"],
        subject=link["subject"],
        detail=link["detail"],
        rows=link["rows"],
        previous=link["previous_sha256"],
    )


def _broken_head(stream: str, length: int, sha256: str) -> Break | None:
    """Whether the end of a chain is where its stream's row says."""
    head = Stream.objects.filter(name=stream).first()
    if head is None:
        if length == 0:
            return None
        says = f"the stream's own row is missing; {length} events are there."
        return Break("head", stream, says, length + 1, table="audit_stream")
    if (head.length, head.head_sha256) == (length, sha256):
        return None
    if head.length > length:
        says = f"events {length + 1} to {head.length} are missing at its end."
        return Break("missing", stream, says, length + 1, table="audit_stream")
    says = f"the head names event {head.length} with another hash than event {length}."
    return Break("head", stream, says, length + 1, table="audit_stream")


def _about_clock(link: dict[str, Any], last: datetime.datetime) -> str:
    seconds = (last - link["at"]).total_seconds()
    return (
        f"{link['stream_id']}: the clock went back by {seconds:.3f} s before event "
        f"{link['sequence']}; the order of the events is that of their sequence."
    )


def _rows(kept: "_Kept", verdict: Verdict, stream: str) -> None:
    """Hold every covered row against what was told of it last."""
    since = first_covered()
    for label, declared in COVERED.items():
        if stream and bool(declared.study) != (stream != SITE):
            continue
        model = apps.get_model(label)
        rows = model._default_manager.filter(**declared.while_)
        if stream and declared.study:
            rows = rows.filter(**{declared.study: stream})
        for part in _parts(numbered(label, rows)):
            _hold(part, label, model._meta.db_table, since.get(label, 0), kept, verdict)
    for name, event in kept.missing():
        if not stream or _belongs(name, stream):
            table = apps.get_model(label_of(name))._meta.db_table
            told = Event.objects.get(pk=event)
            verdict.breaks.append(
                Break(
                    "missing",
                    told.stream_id,
                    f"{name} is not in {table} any more; event {told.sequence} "
                    f"({told.verb}) told of it.",
                    told.sequence,
                    event,
                    table,
                    name=name,
                )
            )


def _hold(
    part: list[tuple[int, str, str]],
    label: str,
    table: str,
    since: int,
    kept: "_Kept",
    verdict: Verdict,
) -> None:
    """Compare some rows of a table with what was told of them."""
    told = kept.take([name for _, name, _ in part])
    for number, name, digest in part:
        verdict.rows += 1
        said, event = told.get(name, (None, None))
        if said == digest:
            continue
        if said is None and number <= since:
            verdict.not_covered[label] = verdict.not_covered.get(label, 0) + 1
            continue
        about = Event.objects.get(pk=event) if event else None
        if about is None:
            kind, says = "added", "no event tells of it"
        elif said is None:
            kind, says = "added", f"event {about.sequence} ({about.verb}) said it went"
        else:
            kind = "altered"
            says = f"it is not as event {about.sequence} ({about.verb}) said"
        verdict.breaks.append(
            Break(
                kind,
                about.stream_id if about else "",
                f"{table} row {number}, {name}: {says}.",
                about.sequence if about else None,
                event,
                table,
                number,
                name,
            )
        )


def first_covered() -> dict[str, int]:
    """By table the last row that was there before rows had digests."""
    found: dict[str, int] = {}
    for event in Event.objects.of_stream(SITE).filter(verb=COVERS):
        found = event.detail | found
    return found


def _belongs(name: str, stream: str) -> bool:
    declared = COVERED[label_of(name)]
    if stream == SITE or not declared.study:
        return stream == SITE and not declared.study
    key: list[Any] = json.loads(name.partition(" ")[2])
    return bool(key[0] == stream)


def _parts(
    rows: Iterable[tuple[int, str, str]],
) -> Iterator[list[tuple[int, str, str]]]:
    each = iter(rows)
    while part := list(islice(each, _AT_ONCE)):
        yield part


class _Kept:
    """What was told last of each row: a file that is gone once it is closed."""

    def __init__(self) -> None:
        self._file = sqlite3.connect("")
        self._file.execute(
            "CREATE TABLE told (name TEXT PRIMARY KEY, digest TEXT, event INTEGER, "
            "seen INTEGER DEFAULT 0) WITHOUT ROWID"
        )

    def close(self) -> None:
        self._file.close()

    def keep(self, told: tuple[int, Told]) -> None:
        """Keep what an event told, unless a later one told of the same row."""
        event, rows = told
        self._file.executemany(
            "INSERT INTO told (name, digest, event) VALUES (?, ?, ?) "
            "ON CONFLICT (name) DO UPDATE SET digest = excluded.digest, "
            "event = excluded.event WHERE excluded.event > event",
            [(name, digest, event) for name, digest in rows.items()],
        )

    def take(self, names: list[str]) -> dict[str, tuple[str | None, int]]:
        """Digest and event of rows by name; they count as seen."""
        marks = ", ".join("?" * len(names))
        found = self._file.execute(
            f"SELECT name, digest, event FROM told WHERE name IN ({marks})",  # noqa: S608
            names,
        ).fetchall()
        self._file.executemany("UPDATE told SET seen = 1 WHERE name = ?", zip(names))
        return {name: (digest, event) for name, digest, event in found}

    def missing(self) -> Iterator[tuple[str, int]]:
        """Name and event of what was told of and not seen."""
        yield from self._file.execute(
            "SELECT name, event FROM told WHERE digest IS NOT NULL AND seen = 0 "
            "ORDER BY event, name"
        )
