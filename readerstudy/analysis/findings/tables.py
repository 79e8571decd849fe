"""What is stored, as the statistics take it: label tables, texts, metrics."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from inference.chexpert import FINDINGS
from readerstudy.cases.models import Collection
from readerstudy.reports.labels.computing import current_reports, text_of
from readerstudy.reports.labels.models import LabelSet, MeasuredCase, MetricTable
from readerstudy.reports.models import Source

if TYPE_CHECKING:
    from readerstudy.analysis.statistics.findings import LabelTable
    from readerstudy.analysis.statistics.metrics import MetricTable as Metrics


def titles(sets: Sequence[LabelSet]) -> dict[int, str]:
    """Names for tables, by id; no two sets of a collection get the same.

    The source's, which is short, where no other set is of it or is named so.
    """

    def title(one: LabelSet) -> str:
        others = [each for each in sets if each.pk != one.pk]
        taken = {each.name for each in others}
        taken |= {each.source.name for each in others if each.source}
        short = one.source.name if one.source else ""
        return short if short and short not in taken else one.name

    return {each.pk: title(each) for each in sets}


def label_table(label_set: LabelSet, title: str) -> "LabelTable":
    """A label set by the codes of its cases; an answer that is unread says nothing."""
    import numpy as np

    from readerstudy.analysis.statistics.findings import LabelTable

    rows = list(
        label_set.cases.order_by("case__code").values_list("case__code", "values")
    )
    values = np.array(
        [[_number(held.get(name)) for name in FINDINGS] for _, held in rows],
        dtype=np.float64,
    ).reshape(len(rows), len(FINDINGS))
    columns = label_set.making.get("columns", FINDINGS)
    return LabelTable(
        name=title,
        ids=tuple(code for code, _ in rows),
        values=values,
        present=tuple(name for name in FINDINGS if name in columns),
        kind=_kind(label_set),
    )


def _kind(label_set: LabelSet) -> str:
    """What the labels are of, as presets call it: an answer is no label of an image."""
    is_answered = label_set.origin == LabelSet.Origin.ANSWERS
    return str(label_set.origin if is_answered else label_set.subject)


def _number(value: int | None) -> float:
    return float("nan") if value is None else float(value)


def texts_of(collection: Collection, source: Source) -> dict[str, str]:
    """The current texts of a source by the codes of the cases."""
    return {
        report.case.code: text_of(report)
        for report in current_reports(collection, source)
    }


def texts_sha256(collection: Collection, source: Source) -> str:
    """SHA-256 of the current texts of a source; one query, no text is read."""
    rows = current_reports(collection, source).values_list("case__code", "sha256")
    total = hashlib.sha256()
    for code, sha256 in rows:
        total.update(f"{code} {sha256}\n".encode())
    return total.hexdigest()


def newest_metrics(
    collection: Collection, source: Source
) -> dict[str, tuple[MetricTable, dict[str, float]]]:
    """Metrics made elsewhere by name: the newest table that has it, and its values."""
    found: dict[str, tuple[MetricTable, dict[str, float]]] = {}
    tables = MetricTable.objects.filter(collection=collection, source=source)
    for table in tables.order_by("-pk"):
        wanted = [name for name in table.columns if name not in found]
        rows = MeasuredCase.objects.filter(table=table).values_list(
            "case__code", "values"
        )
        if wanted:
            held = list(rows)
            for name in wanted:
                found[name] = (
                    table,
                    {code: values[name] for code, values in held if name in values},
                )
    return found


def metrics_of(
    collection: Collection,
    source: Source,
    reference: Mapping[str, str],
    *,
    title: str = "",
    codes: Mapping[str, str] | None = None,
    texts: Mapping[str, str] | None = None,
) -> "Metrics | None":
    """All metrics of a source's reports: of the texts, and those made elsewhere.

    reference   texts of the reference by case; without any, metrics made elsewhere
                stand alone
    title       the name in the table, such as that of an arm; else the source's
    codes       names of cases in the table by their codes; only those cases count
    texts       of the reports that are measured, by case; else the source's newest

    None where there is nothing to measure.
    """
    from readerstudy.analysis.statistics.metrics import MetricTable as Metrics
    from readerstudy.analysis.statistics.metrics import joined_metrics, text_metrics

    name = title or source.name
    tables: list[Metrics] = []

    def renamed(values: Mapping[str, Any]) -> dict[str, Any]:
        if codes is None:
            return dict(values)
        return {codes[code]: each for code, each in values.items() if code in codes}

    generated = renamed(texts_of(collection, source) if texts is None else texts)
    compared = renamed(reference)
    if set(generated) & set(compared):
        tables.append(text_metrics(compared, generated, source=name))
    own = set(tables[0].values) if tables else set()
    for metric, (table, values) in newest_metrics(collection, source).items():
        held = renamed(values)
        if metric in own or not held:
            continue  # ours is computed from the texts as they are
        tables.append(
            Metrics(
                source=name,
                ids=tuple(held),
                values={metric: tuple(held.values())},
                origin={metric: table.file_name},
            )
        )
    return joined_metrics(tables)[0] if tables else None
