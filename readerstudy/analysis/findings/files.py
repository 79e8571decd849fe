"""The files of a comparison: scores, labels, evidence, metrics; and all in one ZIP."""

import io
import json
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from readerstudy.analysis.findings.models import FindingsRun
from readerstudy.csv_text import csv_text
from readerstudy.reports.labels.files import evidence, wide
from readerstudy.reports.labels.models import LabelSet

# Files carry no moment of their own: equal results make equal bytes.
_MOMENT = (2026, 1, 1, 0, 0, 0)
TYPES = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "tex": "text/plain; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "svg": "image/svg+xml",
    "png": "image/png",
    "pdf": "application/pdf",
    "zip": "application/zip",
}


def score_files(run: FindingsRun) -> dict[str, bytes]:
    """The files of the scores by name; matplotlib takes a second to load."""
    from readerstudy.analysis.documents.findings import finding_files

    return finding_files(run.results)


def metrics_csv(run: FindingsRun) -> bytes:
    """The texts' metrics, one report a row."""
    rows = run.metrics["by_case"]
    # In the order of the summary: a database may keep the cells of a row in another.
    metrics = dict.fromkeys(each["metric"] for each in run.metrics["rows"])
    return csv_text(["source", "case", *metrics], rows).encode()


def archive(run: FindingsRun) -> bytes:
    """Everything of a comparison: what was asked, scores, labels, evidence, metrics."""
    files = dict(score_files(run))
    if run.metrics.get("rows"):
        files["metrics.csv"] = metrics_csv(run)
    files["asked.json"] = _json(
        {"asked": run.asked, "inputs": run.inputs, "version": run.version}
    )
    for number, label_set in enumerate(sets_of(run)):
        name = "reference" if not number else f"compared-{number}"
        files[f"labels/{name}.csv"] = "".join(wide(label_set)).encode()
        if label_set.origin == LabelSet.Origin.COMPUTED:
            files[f"evidence/{name}.csv"] = "".join(evidence(label_set)).encode()
    found = io.BytesIO()
    with ZipFile(found, "w") as packed:
        for name in sorted(files):
            entry = ZipInfo(name, _MOMENT)
            entry.compress_type = ZIP_DEFLATED
            packed.writestr(entry, files[name])
    return found.getvalue()


def sets_of(run: FindingsRun) -> list[LabelSet]:
    """The reference, then what was compared with it."""
    return [run.reference, *run.predicted.order_by("pk")]


def _json(values: object) -> bytes:
    text = json.dumps(values, ensure_ascii=False, indent=1, sort_keys=True)
    return f"{text}\n".encode()


def named(run: FindingsRun, name: str) -> bytes | None:
    """One file of a comparison; None where there is none of that name."""
    if name == "findings.zip":
        return archive(run)
    if name == "metrics.csv":
        return metrics_csv(run) if run.metrics.get("rows") else None
    if name.startswith("figures/findings."):
        return _figure(run, name.removeprefix("figures/findings."))
    return score_files(run).get(name)


def _figure(run: FindingsRun, kind: str) -> bytes | None:
    from readerstudy.analysis.figures.findings import figure_files
    from readerstudy.analysis.figures.style import FILE_KINDS

    for known in FILE_KINDS:
        if known == kind:
            return figure_files(run.results, known).get(known)
    return None
