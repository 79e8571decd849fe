"""Writes on tables of reports: upload, say how it is read, confirm, store, drop."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePath
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import QuerySet

from readerstudy.accounts.models import User
from readerstudy.audit.services import record
from readerstudy.cases.dialects import (
    DELIMITERS,
    ENCODING_NAMES,
    ENCODINGS,
    Dialect,
    guess_encoding,
    undecodable_line,
)
from readerstudy.cases.fixing import fixed, hold
from readerstudy.cases.models import Case, Collection
from readerstudy.cases.names import shown
from readerstudy.cases.radiograph import Refused
from readerstudy.reports.models import Report, Source
from readerstudy.reports.services import kind_of, source_named, source_to_be
from readerstudy.reports.tables import staging
from readerstudy.reports.tables.checking import (
    Checked,
    KnownCase,
    check,
    texts_in,
    upload_of,
)
from readerstudy.reports.tables.mapping import ColumnMapping
from readerstudy.reports.tables.models import AT_ONCE, TableImport
from readerstudy.reports.tables.staging import Sheet
from readerstudy.work import leases

_BATCH = 1_000


def upload(
    *, collection: Collection, name: str, chunks: Iterable[bytes], actor: User
) -> TableImport:
    """Keep an uploaded table in staging, with a guess at how it is written."""
    drop_expired()
    table = TableImport(
        collection=collection,
        uploaded_by=actor,
        name=shown(PurePath(name.replace("\\", "/")).name)[-200:] or "table",
        status=TableImport.Status.HELD,
    )
    try:
        table.size, table.sha256 = staging.keep(table.token, chunks)
    except Refused as refusal:
        raise ValidationError(f"{table.name}: {refusal.reason}") from None
    path = staging.path_of(table.token)
    dialect = staging.guess(path, guess_encoding(path))
    _put(table, dialect)
    with transaction.atomic():
        table.save(force_insert=True)
        record(
            actor=actor,
            verb="reports.table_uploaded",
            subject=table.name,
            detail={"collection": collection.name, "sha256": table.sha256},
        )
    return table


def _put(table: TableImport, dialect: Dialect) -> None:
    table.encoding = dialect.encoding
    table.delimiter = dialect.delimiter
    table.has_header = dialect.has_header


def sheet_of(table: TableImport) -> Sheet:
    """The staged file, read in the way that was chosen."""
    return Sheet(staging.path_of(table.token), table.name, table.dialect)


def set_dialect(
    *, table: TableImport, encoding: str, delimiter: str, has_header: bool
) -> TableImport:
    """Say how a table is written. What was said of its columns is forgotten.

    The file is read through before the transaction: on SQLite nobody else could write.
    """
    if encoding not in ENCODINGS or delimiter not in DELIMITERS:
        raise ValidationError("Choose an encoding and a delimiter of the lists.")
    line = undecodable_line(staging.path_of(table.token), encoding)
    if line is not None:
        raise ValidationError(
            {
                "encoding": f"Line {line} is not {ENCODING_NAMES[encoding]} text. "
                "Choose another encoding."
            }
        )
    return _put_dialect(table, Dialect(encoding, delimiter, has_header))


@transaction.atomic
def _put_dialect(table: TableImport, dialect: Dialect) -> TableImport:
    table = _held(table)
    before = table.dialect
    _put(table, dialect)
    if table.dialect != before:
        table.mapping = {}
    table.checked = {}
    table.save()
    return table


@transaction.atomic
def set_mapping(
    *,
    table: TableImport,
    mapping: ColumnMapping,
    source: str,
    making: dict[str, str],
) -> TableImport:
    """Say which column is what, and whose the reports are."""
    table = _held(table)
    columns = sheet_of(table).columns()
    if problem := mapping.problem(columns):
        raise ValidationError(problem)
    if mapping.has_texts:
        _refuse_source(source)
    table.mapping = mapping.as_json()
    table.source = source if mapping.has_texts else ""
    table.making = {name: text for name, text in making.items() if text}
    table.checked = {}
    table.save()
    return table


def _refuse_source(name: str) -> None:
    """Raise ValidationError unless reports may be uploaded under a source's name."""
    if not name:
        raise ValidationError({"source": "Name the source of these reports."})
    if kind_of(name).is_written:
        raise ValidationError(
            {
                "source": f"Reports of {name} are written by the model on this site, "
                "which vouches for their making. Choose another name for reports that "
                "were written elsewhere."
            }
        )
    try:
        source_to_be(name)
    except ValidationError as problem:
        raise ValidationError({"source": problem.messages}) from problem


@dataclass(frozen=True)
class Ready:
    """A check with the cases and the reports that it knew of."""

    checked: Checked
    known: dict[str, KnownCase]
    there: dict[int, list[str]]


def ready(table: TableImport) -> Ready:
    """Check a table against what is there now. Raises Refused."""
    sheet, mapping = sheet_of(table), ColumnMapping(**table.mapping)
    known, there = known_cases(table.collection), _there(table)
    checked = check(
        sheet.rows(),
        columns=len(sheet.columns()),
        mapping=mapping,
        known=known,
        there=there,
    )
    return Ready(checked, known, there)


def checked_now(table: TableImport) -> Checked:
    """What the table would bring in as things are. Raises Refused."""
    return ready(table).checked


def known_cases(collection: Collection) -> dict[str, KnownCase]:
    """A collection's cases by their codes."""
    cases = Case.objects.filter(collection=collection)
    frozen = set(cases.filter(fixed()).values_list("pk", flat=True))
    rows = cases.values_list("pk", "code", "stratum", "indication")
    return {
        code: KnownCase(pk, code, stratum, indication, pk in frozen)
        for pk, code, stratum, indication in rows
    }


def _there(table: TableImport) -> dict[int, list[str]]:
    """Fingerprints of the source's reports by case, the oldest first."""
    found: dict[int, list[str]] = {}
    if not table.source:
        return found
    reports = Report.objects.filter(
        source__name=table.source, case__collection=table.collection
    )
    for case, fingerprint in reports.order_by("pk").values_list(
        "case_id", "fingerprint"
    ):
        found.setdefault(case, []).append(fingerprint)
    return found


def looked_through(table: TableImport) -> Checked:
    """Check a table as `look` does, and remember nothing. Raises ValidationError."""
    if not table.mapping:
        raise ValidationError("Say first which column is what.")
    try:
        return checked_now(table)
    except Refused as refusal:
        raise ValidationError(refusal.reason) from None


def look(*, table: TableImport) -> Checked:
    """Check a table, and remember what somebody gets to see.

    The table is read before the transaction: on SQLite nobody else could write.
    """
    checked = looked_through(table)
    with transaction.atomic():
        locked = _held(table)
        if (locked.dialect, locked.mapping, locked.source) != (
            table.dialect,
            table.mapping,
            table.source,
        ):
            raise ValidationError("The columns have changed. Look at the check again.")
        locked.checked = checked.told()
        locked.save()
    return checked


def confirm(
    *, table: TableImport, actor: User, leave_out: bool, shown: str
) -> TableImport:
    """Take in what was checked: at once, or by a worker where there are many rows.

    leave_out  the bad rows stay out; else a table that has any is refused
    shown      the digest of the check that the person saw
    """
    if table.checked.get("rows", 0) > AT_ONCE:
        return _confirm_later(table, actor, leave_out, shown)
    try:
        # Before the transaction: a long check must not keep others from writing.
        found = ready(table) if table.is_held and table.mapping else None
    except Refused as refusal:
        raise ValidationError(refusal.reason) from None
    return _confirm_now(table, actor, leave_out, shown, found)


@transaction.atomic
def _confirm_later(
    table: TableImport, actor: User, leave_out: bool, shown: str
) -> TableImport:
    table = _confirmed(table, leave_out, shown)
    table.status = TableImport.Status.QUEUED
    table.attempts, table.failure = 0, ""
    table.rung_at = table.lease_until = table.finished_at = None
    table.save()
    record(
        actor=actor,
        verb="reports.table_confirmed",
        subject=table.source or table.collection.name,
        detail={
            "import": table.pk,
            "collection": table.collection.name,
            "sha256": table.sha256,
            "check": table.checked,
            "leave_out": table.leave_out,
        },
    )
    leases.ring_on_commit(TableImport.objects.filter(pk=table.pk))
    return table


@transaction.atomic
def _confirm_now(
    table: TableImport,
    actor: User,
    leave_out: bool,
    shown: str,
    found: "Ready | None",
) -> TableImport:
    table = _confirmed(table, leave_out, shown)
    if found is None:
        raise ValidationError("Look at the check first.")
    store(table, actor=actor, ready=found)
    transaction.on_commit(lambda: staging.drop(table.token))
    return table


def _confirmed(table: TableImport, leave_out: bool, shown: str) -> TableImport:
    """The row, locked, if what was confirmed is what was shown. Raises
    ValidationError."""
    table = _held(table)
    if not table.checked:
        raise ValidationError("Look at the check first.")
    if shown != table.checked.get("digest", ""):
        raise ValidationError(
            "Another check was made since this page was shown, and has another "
            "outcome. Look at it again."
        )
    if table.checked["bad"] and not leave_out:
        raise ValidationError(
            f"{table.checked['bad']} rows cannot be taken. Mend the file and upload it "
            "again, or say that they are left out."
        )
    table.leave_out = leave_out and bool(table.checked["bad"])
    return table


def store(table: TableImport, *, actor: User, ready: Ready) -> None:
    """Store what a confirmed table brings, within the caller's transaction.

    `ready` may be from before the transaction: a long check must not keep the lock
    that everybody else writes under. Raises ValidationError where things are no longer
    as the check knew them, or as it was shown.
    """
    mapping, checked = ColumnMapping(**table.mapping), ready.checked
    source = _locked_source(table.source) if mapping.has_texts else None
    changed = {*checked.strata, *checked.indications}
    hold([checked.entries[number].case.id for number in sorted(changed)])
    as_known = (known_cases(table.collection), _there(table))
    if as_known != (ready.known, ready.there) or checked.told() != table.checked:
        raise ValidationError(
            "Reports or cases have changed since the check. Look at it again."
        )
    rows: list[QuerySet[Report]] = []
    try:
        if source is not None:
            rows = _store_reports(table, mapping, source, checked)
    except Refused as refusal:
        raise ValidationError(refusal.reason) from None
    _update_cases(checked)
    table.stored = {**checked.counts(), "left_out": len(checked.problems)}
    leases.finish(table)
    table.save()
    record(
        actor=actor,
        verb="reports.imported",
        subject=table.source or table.collection.name,
        detail={
            "stored": len(checked.new) + len(checked.changed),
            "origin": table.name,
            "sha256": table.sha256,
            "import": table.pk,
            "collection": table.collection.name,
            "counts": table.stored,
            "leave_out": table.leave_out,
            "mapping": table.mapping,
        },
        rows=rows,
    )


def _locked_source(name: str) -> Source:
    """The source, held until the transaction ends: two imports take turns."""
    return Source.objects.select_for_update().get(pk=source_named(name).pk)


def _store_reports(
    table: TableImport, mapping: ColumnMapping, source: Source, checked: Checked
) -> "list[QuerySet[Report]]":
    """Read the table a second time and store the texts of the rows that count.

    Returns what was stored, a batch at a time.
    """
    wanted = checked.new | checked.changed
    making = _making_of(table)

    def reports() -> Iterator[Report]:
        for number, cells in sheet_of(table).rows():
            if number not in wanted:
                continue
            entry = checked.entries[number]
            upload = upload_of(entry.case.code, texts_in(cells, mapping))
            if upload.sha256() != entry.fingerprint:
                raise Refused("The uploaded table has changed. Upload it again.")
            yield Report(
                case_id=entry.case.id,
                source=source,
                findings=upload.findings,
                impression=upload.impression,
                text=upload.text,
                sha256=entry.fingerprint,
                fingerprint=entry.fingerprint,
                provenance=making | {"row": number},
            )

    rows = reports()
    stored: list[QuerySet[Report]] = []
    while batch := list(islice(rows, _BATCH)):
        made = Report.objects.bulk_create(batch)
        stored.append(Report.objects.filter(pk__in=[report.pk for report in made]))
    return stored


def _making_of(table: TableImport) -> dict[str, Any]:
    """What every report of a table carries with it; who uploaded it stays out."""
    columns = {part: title for part, title in table.mapping["titles"].items() if title}
    return {
        "origin": table.name,
        "file_sha256": table.sha256,
        "import": table.pk,
        "encoding": table.encoding,
        "columns": columns,
        **({"made": table.making} if table.making else {}),
    }


def _update_cases(checked: Checked) -> None:
    """Set strata and indications that the table says otherwise."""
    for stratum in Case.Stratum.values:
        ids = [
            checked.entries[number].case.id
            for number in sorted(checked.strata)
            if checked.entries[number].stratum == stratum
        ]
        for start in range(0, len(ids), _BATCH):
            some = Case.objects.filter(pk__in=ids[start : start + _BATCH])
            some.update(stratum=stratum)
    entries = [checked.entries[number] for number in sorted(checked.indications)]
    with connection.cursor() as cursor:
        # A statement for each: one statement for a thousand takes far longer.
        cursor.executemany(
            "UPDATE cases_case SET indication = %s WHERE id = %s",
            [(entry.indication, entry.case.id) for entry in entries],
        )


@transaction.atomic
def drop(*, table: TableImport, actor: User) -> None:
    """Forget an upload that was not taken in."""
    table = _held(table)
    table.delete()
    record(
        actor=actor,
        verb="reports.table_dropped",
        subject=table.name,
        detail={"collection": table.collection.name, "sha256": table.sha256},
    )
    transaction.on_commit(lambda: staging.drop(table.token))


@transaction.atomic
def drop_expired() -> None:
    """Remove uploads that nobody came back to for a week."""
    for table in TableImport.objects.select_for_update(of=["self"]).expired():
        drop(table=table, actor=table.uploaded_by)


def _held(table: TableImport) -> TableImport:
    """The row, locked, as long as nothing of it is taken in."""
    found = TableImport.objects.select_for_update(of=["self"]).select_related(
        "collection", "uploaded_by"
    )
    locked = found.filter(pk=table.pk).first()
    if locked is None:
        raise ValidationError("This upload was dropped. Upload the table again.")
    if not locked.is_held:
        raise ValidationError("This table is being stored, or is stored already.")
    return locked
