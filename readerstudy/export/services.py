"""Handing out the bundle of a closed study: at once, by a worker, or into a folder."""

import json
from collections.abc import Iterable
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import transaction

from readerstudy.accounts.models import User
from readerstudy.analysis.deviations import deviation_rows
from readerstudy.analysis.services import (
    fresh_run,
    refuse_unless_closed,
    result_files,
    stored_results,
)
from readerstudy.analysis.statistics.files import (
    RESULT_COLUMNS,
    table_csv,
    table_parquet,
)
from readerstudy.analysis.statistics.files import result_files as number_files
from readerstudy.analysis.statistics.result_tables import ResultTable, result_tables
from readerstudy.audit.services import record
from readerstudy.export.archive import Kept, keep, workshop
from readerstudy.export.bundle import Tell, build, codebook, sha256_of_file
from readerstudy.export.checklists.files import REQUIRED
from readerstudy.export.contents import sentence_of
from readerstudy.export.interchange.files import INTERCHANGE_COLUMNS
from readerstudy.export.models import BundleOrder, ExportBundle
from readerstudy.export.tables import (
    TABLES_WITH_TYPES,
    table_as_parquet,
    table_lines,
    table_names,
    table_rows,
)
from readerstudy.presentation.models import Slot
from readerstudy.studies.models import Study
from readerstudy.studies.protocol import canonical_json
from readerstudy.work import leases

# So many reads are exported in seconds, while somebody waits; more go to a worker.
AT_ONCE_SLOTS = 20_000
_KINDS = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
}
# What the page offers alone, by what has to be computed for it.
_TABLES_ALONE = (
    "reads.csv",
    "versions.csv",
    "marks.csv",
    "visits.csv",
    "sessions.csv",
    "allocation.csv",
    "flow.csv",
)
_NUMBERS_ALONE = (
    "results.json",
    "results.xlsx",
    "table5.csv",
    "pairs.csv",
    "agreement.csv",
    "by_case.csv",
)
_DOCUMENTS_ALONE = ("report.html", "methods.md", "tables.docx", "table5.tex")
_EXPLAINING_ALONE = ("codebook.csv", "protocol.json")


def described_files() -> list[tuple[str, str]]:
    """The files that the page offers alone, with a sentence about each."""
    return [
        (name, sentence_of(name))
        for name in (
            *_TABLES_ALONE,
            *_NUMBERS_ALONE,
            *_DOCUMENTS_ALONE,
            *_EXPLAINING_ALONE,
        )
    ]


def is_built_at_once(study: Study) -> bool:
    """Whether a study is small enough to be exported while somebody waits."""
    return Slot.objects.of_study(study).count() <= AT_ONCE_SLOTS


def _codebook() -> bytes:
    """The codebook of a bundle without the checklists that are optional."""
    required = [f"checklists/{each.name}.csv" for each in REQUIRED]
    tables = [*table_names(), *RESULT_COLUMNS, *INTERCHANGE_COLUMNS, *required]
    stems = (
        "reads",
        "versions",
        *(name.removesuffix(".csv") for name in RESULT_COLUMNS),
    )
    return codebook([*tables, *(f"parquet/{stem}.parquet" for stem in stems)]).encode()


def file_of(study: Study, name: str, *, actor: User) -> bytes | None:
    """One file of the bundle, with no more computed than it needs; None if unknown.

    Raises Awaited while a worker has the results in hand.
    """
    if name in table_names():
        return "".join(table_lines(study, name)).encode()
    if name == "codebook.csv":
        return _codebook()
    if name == "protocol.json":
        return canonical_json(study.locked_protocol).encode()
    if name in RESULT_COLUMNS:
        return table_csv(_result_table(study, actor, name)).encode()
    if name in (*_NUMBERS_ALONE, *_DOCUMENTS_ALONE):
        run = fresh_run(study=study, actor=actor)
        result = stored_results(run)
        if name in _NUMBERS_ALONE:
            return number_files(result)[name]
        protocol = study.locked_protocol
        files = result_files(
            result,
            protocol,
            reads_sha256=run.reads_sha256,
            deviations=list(deviation_rows(study)),
        )
        return files[name]
    return None


def _result_table(study: Study, actor: User, file: str) -> ResultTable:
    """A table of the newest analysis, without computing what is stored."""
    from readerstudy.analysis.statistics.results import ResultSet

    run = fresh_run(study=study, actor=actor)
    known = stored_results(run) if file == "by_case.csv" else ResultSet(run.results, ())
    name = file.removesuffix(".csv")
    return next(table for table in result_tables(known) if table.name == name)


def kinds_of(file: str) -> list[str]:
    """The kinds of file in which a table is handed out, by the name of its CSV."""
    has_types = file in RESULT_COLUMNS or file in TABLES_WITH_TYPES
    return [kind for kind in _KINDS if kind != "parquet" or has_types]


def table_in(
    study: Study, name: str, kind: str, *, actor: User
) -> tuple[bytes, str] | None:
    """A table as csv, json or parquet with its content type; None if unknown.

    Raises Awaited while a worker has the results in hand.
    """
    if f"{name}.csv" in table_names():
        if kind == "parquet" and f"{name}.csv" in TABLES_WITH_TYPES:
            return table_as_parquet(study, f"{name}.csv"), _KINDS[kind]
        if kind == "json":
            rows = json.dumps(list(table_rows(study, f"{name}.csv"))).encode()
            return rows, _KINDS[kind]
        return None
    if f"{name}.csv" not in RESULT_COLUMNS or kind not in _KINDS:
        return None
    found = _result_table(study, actor, f"{name}.csv")
    content = {
        "csv": lambda: table_csv(found).encode(),
        "json": lambda: json.dumps(found.rows).encode(),
        "parquet": lambda: table_parquet(found),
    }[kind]()
    return content, _KINDS[kind]


@transaction.atomic
def record_bundle(
    *,
    study: Study,
    actor: User | None,
    manifest_sha256: str,
    kept: Kept | None = None,
) -> ExportBundle:
    """Note that a bundle was made, with the hash of its manifest and where it lies."""
    refuse_unless_closed(study)
    bundle = ExportBundle.objects.create(
        study=study,
        made_by=actor,
        manifest_sha256=manifest_sha256,
        file=kept.file if kept else "",
        sha256=kept.sha256 if kept else "",
        size=kept.size if kept else None,
    )
    record(
        actor=actor,
        verb="study.exported",
        stream=study.code,
        detail={"manifest_sha256": manifest_sha256, "zip_sha256": bundle.sha256},
        rows=[bundle],
    )
    return bundle


def make_bundle(
    *, study: Study, actor: User, checklists: Iterable[str] = ()
) -> ExportBundle:
    """Build and keep a bundle while somebody waits, and record that it was made."""
    with workshop() as folder:
        kept = keep(study, folder, build(study, folder, checklists=checklists))
    return record_bundle(
        study=study, actor=actor, manifest_sha256=kept.manifest_sha256, kept=kept
    )


def write_bundle(
    *,
    study: Study,
    actor: User | None,
    directory: Path,
    checklists: Iterable[str] = (),
    tell: Tell = lambda number, steps, title: None,
) -> list[str]:
    """Write the bundle's files into a directory and record it; returns the names."""
    refuse_unless_closed(study)
    directory.mkdir(parents=True, exist_ok=True)
    names = build(study, directory, checklists=checklists, tell=tell)
    manifest = sha256_of_file(directory / "manifest.json")
    record_bundle(study=study, actor=actor, manifest_sha256=manifest)
    return names


@transaction.atomic
def order_bundle(
    *, study: Study, actor: User, checklists: Iterable[str] = ()
) -> BundleOrder:
    """Let a worker build a bundle; refused while another of the study is built."""
    locked = Study.objects.select_for_update().get(pk=study.pk)
    refuse_unless_closed(locked)
    if BundleOrder.objects.filter(study=locked).unfinished().exists():
        raise ValidationError(
            "A bundle of this study is being built already; it is offered here when "
            "it is done."
        )
    order = BundleOrder.objects.create(
        study=locked, asked_by=actor, checklists=list(checklists)
    )
    record(actor=actor, verb="study.export_ordered", stream=study.code)
    leases.ring_on_commit(BundleOrder.objects.filter(pk=order.pk))
    return order


@transaction.atomic
def retry(*, order: BundleOrder, actor: User) -> BundleOrder:
    """Put an order that failed before the worker again."""
    refuse_unless_closed(order.study)
    locked = BundleOrder.objects.select_for_update().get(pk=order.pk)
    if locked.status != BundleOrder.Status.FAILED:
        raise ValidationError("This bundle has not failed.")
    if BundleOrder.objects.filter(study=locked.study_id, pk__gt=locked.pk).exists():
        raise ValidationError("A later bundle was asked for. Ask for a new one.")
    leases.start_anew(locked)
    locked.step, locked.doing = 0, ""
    locked.save()
    record(actor=actor, verb="study.export_retried", stream=locked.study.code)
    leases.ring_on_commit(BundleOrder.objects.filter(pk=locked.pk))
    return locked


@transaction.atomic
def finish(claimed: leases.Claim, *, kept: Kept) -> BundleOrder | None:
    """Record the bundle that a worker built, if its claim still holds."""
    order: BundleOrder | None = leases.held(claimed).select_for_update().first()
    if order is None:
        return None
    order.bundle = record_bundle(
        study=order.study,
        actor=order.asked_by,
        manifest_sha256=kept.manifest_sha256,
        kept=kept,
    )
    leases.finish(order)
    order.save()
    return order
