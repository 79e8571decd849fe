"""What is known of the sources of reports: counts, makings, uploads."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Min

from readerstudy.cases.models import Collection
from readerstudy.reports.models import (
    EndpointAnswer,
    Report,
    ReportQuerySet,
    Source,
)
from readerstudy.reports.services import model_card
from readerstudy.reports.sources import sending
from readerstudy.reports.tables.models import TableImport
from readerstudy.studies.models import Study

# So many ways of refusing are shown.
REFUSALS_SHOWN = 5


@dataclass(frozen=True)
class Listed:
    """A source with the number of its current reports by collection."""

    source: Source
    collections: list[tuple[str, int]]
    arms: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        return sum(count for _, count in self.collections)

    @property
    def checkpoint(self) -> str:
        """What a model's reports are written with from now on."""
        if self.source.kind == Source.Kind.CXR_LLAVA:
            return model_card(self.source).checkpoint
        return " at ".join(filter(None, (self.source.checkpoint, self.source.address)))


def listed(reports: ReportQuerySet, sources: Iterable[Source]) -> list[Listed]:
    """Sources with their counts over these reports; one query."""
    counts = (
        reports.order_by()
        .values_list("source_id", "case__collection__name")
        .annotate(count=Count("id"))
        .order_by("case__collection__name")
    )
    found: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for source, collection, count in counts:
        found[source].append((collection, count))
    return [Listed(source, found[source.pk]) for source in sources]


def of_study(study: Study) -> tuple[list[Listed], list[str]]:
    """The sources of a study's arms over its cases, and names that nothing has yet."""
    labels = {arm.source: arm.label for arm in study.arm_set.all()}
    sources = Source.objects.filter(name__in=labels).order_by("name")
    reports = Report.objects.current().filter(
        case__studycase__case_set__study=study, source__in=sources
    )
    rows = [
        Listed(row.source, row.collections, (labels[row.source.name],))
        for row in listed(reports, sources)
    ]
    there = {row.source.name for row in rows}
    return rows, [name for name in labels if name not in there]


@dataclass(frozen=True)
class MadeBy:
    """Reports of one source that one making brought: a model's, a table's or another.

    facts  label and value of each thing that is known of it
    """

    title: str
    count: int
    first: Any
    last: Any
    facts: list[tuple[str, str]]
    prompt: list[tuple[str, str]]


def makings(source: Source) -> list[MadeBy]:
    """How the reports of a source came about; a handful of queries."""
    reports = Report.objects.filter(source=source)
    return [*_by_models(source), *_by_tables(reports), *_by_files(reports)]


def _grouped(reports: ReportQuerySet, by: str) -> list[dict[str, Any]]:
    """Reports by a column: how many, from when to when, and one of them."""
    groups: Any = (
        reports.order_by()
        .values(by)
        .annotate(
            count=Count("id"),
            first=Min("created_at"),
            last=Max("created_at"),
            example=Min("id"),
        )
    )
    return sorted(groups, key=lambda group: group["first"], reverse=True)


def _by_models(source: Source) -> list[MadeBy]:
    written = Report.objects.filter(source=source, job__isnull=False)
    rows = _grouped(written, "fingerprint")
    examples = Report.objects.in_bulk([row["example"] for row in rows])
    return [
        MadeBy(
            title="Written by the model",
            count=row["count"],
            first=row["first"],
            last=row["last"],
            facts=facts_of(examples[row["example"]]),
            prompt=prompt_of(examples[row["example"]]),
        )
        for row in rows
    ]


def _by_tables(reports: ReportQuerySet) -> list[MadeBy]:
    rows = _grouped(reports.filter(provenance__has_key="import"), "provenance__import")
    numbers = [row["provenance__import"] for row in rows]
    tables = TableImport.objects.select_related("uploaded_by").in_bulk(numbers)
    return [
        MadeBy(
            title="From a table",
            count=row["count"],
            first=row["first"],
            last=row["last"],
            facts=_table_facts(tables[row["provenance__import"]]),
            prompt=[],
        )
        for row in rows
        if row["provenance__import"] in tables
    ]


def _table_facts(table: TableImport) -> list[tuple[str, str]]:
    columns = "; ".join(f"{part}: {name}" for part, name in _titles(table).items())
    facts = [
        *_made(table.making),
        ("File", table.name),
        ("SHA-256 of the file", table.sha256),
        ("Encoding", table.encoding),
        ("Columns", columns),
        ("Uploaded by", str(table.uploaded_by)),
    ]
    if table.leave_out:
        facts.append(("Bad rows left out", str(table.stored["left_out"])))
    return [(label, value) for label, value in facts if value]


def _titles(table: TableImport) -> dict[str, str]:
    titles: dict[str, str] = table.mapping.get("titles", {})
    return titles


def _made(making: dict[str, str]) -> list[tuple[str, str]]:
    labels = {
        "model": "Model",
        "version": "Version",
        "maker": "Who let it write, or wrote",
        "made_on": "Date of writing",
        "settings": "Prompt and settings",
    }
    return [(words, making.get(name, "")) for name, words in labels.items()]


def _by_files(reports: ReportQuerySet) -> list[MadeBy]:
    """What commands on the server brought."""
    others = reports.filter(job=None).exclude(provenance__has_key="import")
    rows = _grouped(others, "provenance__origin")
    return [
        MadeBy(
            title="Imported on the server",
            count=row["count"],
            first=row["first"],
            last=row["last"],
            facts=[("File", row["provenance__origin"] or "not known")],
            prompt=[],
        )
        for row in rows
    ]


def facts_of(report: Report) -> list[tuple[str, str]]:
    """Label and value of what is known of the making of one report."""
    kept, decoding = report.provenance, report.provenance.get("decoding", {})
    libraries = kept.get("libraries", {})
    columns = kept.get("columns", {})
    facts = [
        *_made(kept.get("made", {})),
        ("Checkpoint", kept.get("checkpoint", "")),
        ("Model", kept.get("model", "")),
        ("Address", kept.get("address", "")),
        ("Command", kept.get("command", "")),
        ("Command line", " ".join(kept.get("command_line", []))),
        ("Version", kept.get("version", "")),
        ("SHA-256 of its files", _pairs(kept.get("files_sha256", {}))),
        ("Revision", kept.get("revision", "")),
        ("SHA-256 of the weights", kept.get("weights_sha256", "")),
        ("Decoding", _pairs(decoding)),
        ("Libraries", _pairs(libraries)),
        ("Number type", kept.get("dtype", "")),
        ("Device", kept.get("device", "")),
        ("File", kept.get("origin", "")),
        ("SHA-256 of the file", kept.get("file_sha256", "")),
        ("Columns", "; ".join(f"{part}: {title}" for part, title in columns.items())),
        ("Fingerprint", report.fingerprint),
    ]
    return [(label, str(value)) for label, value in facts if value]


def own_facts(report: Report) -> list[tuple[str, str]]:
    """What is particular to one report of its making."""
    kept = report.provenance
    ends = {"stop": "by itself", "length": "cut off at the most tokens"}
    asked = {"first": "the first prompt", "alternative": "the alternative prompt"}
    rendering, charged = kept.get("rendering", {}), kept.get("charged", {})
    facts = [
        ("Row of the table", kept.get("row", "")),
        ("Answered by", kept.get("answered_by", "")),
        ("System fingerprint", kept.get("system_fingerprint") or ""),
        ("Written after", asked.get(kept.get("asked_with", ""), "")),
        ("Refusals before", kept.get("refusals") or ""),
        ("Charged", _charged(charged)),
        ("Ended", ends.get(kept.get("finish", ""), "")),
        ("New tokens", kept.get("new_tokens", "")),
        ("Seconds", kept.get("seconds", "")),
        ("Written together with", kept.get("batch", "")),
        ("SHA-256 of what the model saw", rendering.get("rendered_sha256", "")),
        ("SHA-256 of the PNG that was sent", kept.get("sent_sha256", "")),
        ("SHA-256 of the text", report.sha256),
    ]
    return [(label, str(value)) for label, value in facts if value != ""]


def _charged(charged: dict[str, Any]) -> str:
    """Tokens and money of one report, refusals before it included."""
    if not charged:
        return ""
    tokens = f"{charged['tokens_in']} tokens in, {charged['tokens_out']} out"
    cost = f"; {charged['cost']} {charged['currency']}" if "cost" in charged else ""
    return tokens + cost


def open_collections(source: Source) -> list[tuple[Collection, bool]]:
    """Every collection with whether its radiographs may go to an endpoint."""
    if not source.sends_images_away:
        return []
    may_go = sending.open_to(source)
    collections = Collection.objects.order_by("name")
    return [(each, each.pk in may_go) for each in collections]


def refusals_of(source: Source) -> list[Any]:
    """How an endpoint has refused, the commonest words first; one query."""
    refused = EndpointAnswer.objects.filter(source=source, is_refusal=True)
    said = refused.order_by().values("said").annotate(count=Count("id"))
    return list(said.order_by("-count", "said")[:REFUSALS_SHOWN])


def prompt_of(report: Report) -> list[tuple[str, str]]:
    """Role and words of each message that a model was given."""
    messages = report.provenance.get("prompt", [])
    return [(message["role"], message["content"]) for message in messages]


def _pairs(values: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in sorted(values.items()))
