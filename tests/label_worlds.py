"""Labels and comparisons for tests, made through the services that the site uses."""

import pytest

from readerstudy.analysis.findings import comparing
from readerstudy.analysis.findings.comparing import Asked
from readerstudy.analysis.findings.models import FindingsJob, FindingsRun
from readerstudy.cases.models import Case, Collection
from readerstudy.reports.labels import computing, importing
from readerstudy.reports.labels.models import (
    Labelling,
    LabelSet,
    LabelStoring,
    LabelUpload,
    MetricTable,
)
from readerstudy.reports.services import UploadedReport, source_named, store_reports
from readerstudy.work import leases
from readerstudy.work.models import Work, WorkQuerySet
from tests.people import cora


def reports(made: Collection, source: str, *texts: str) -> None:
    """Store these texts as the newest reports of a source, case by case."""
    cases = {
        case.code: case
        for case in Case.objects.filter(collection=made).order_by("pk")[: len(texts)]
    }
    store_reports(
        source=source_named(source),
        cases=cases,
        uploads=[
            UploadedReport(code, text=text)
            for code, text in zip(cases, texts, strict=True)
        ],
        actor=cora().user,
        origin="reports.csv",
    )


def ordered(made: Collection, source: str = "ground_truth") -> Labelling:
    """Cora asks for labels of a source's reports."""
    return computing.order(
        collection=made, source=source_named(source), actor=cora().user
    )


def labels(made: Collection, source: str = "ground_truth") -> LabelSet:
    """The labels that a worker makes of a source's reports."""
    job = ordered(made, source)
    claimed = leases.claim(Labelling, id=job.pk, worker="a worker")
    assert claimed is not None
    found = computing.labelled_reports(job, lambda labelled: None)
    label_set = computing.finish(claimed, found)
    assert label_set is not None
    return label_set


def uploaded(
    made: Collection, content: bytes, *, kind: str = "labels", **asked: str
) -> LabelUpload:
    """A file that Cora has uploaded and not confirmed yet."""
    named = {"subject": "images", "labeler": "two radiologists"} | asked
    return importing.upload(
        collection=made,
        kind=kind,
        name="labels.jsonl" if kind == "answers" else "labels.csv",
        chunks=[content],
        actor=cora().user,
        asked=named,
    )


def awaited(made: Collection, name: str) -> Labelling | LabelStoring:
    """Work that Cora waits for on the page of this name; made on first use."""
    if name == "storing":
        return stored_later(made)
    return Labelling.objects.first() or ordered(made)


def stored_later(made: Collection) -> LabelStoring:
    """A file that Cora has confirmed and a worker is asked to store; made once."""
    job = LabelStoring.objects.filter(collection=made).first()
    if job is not None:
        return job
    upload = uploaded(made, b"study_id,Edema\nCXR1,1\n")
    return LabelStoring.objects.create(
        upload=upload,
        collection=made,
        file_name=upload.name,
        cases=1,
        asked_by=upload.uploaded_by,
    )


def imported(
    made: Collection, content: bytes, *, kind: str = "labels", **asked: str
) -> LabelSet | MetricTable:
    """A file that Cora has uploaded, looked at and confirmed."""
    upload = uploaded(made, content, kind=kind, **asked)
    made_at_once = importing.confirm(upload=upload, actor=cora().user, leave_out=False)
    assert not isinstance(made_at_once, LabelStoring)
    return made_at_once


def asked(reference: LabelSet, *predicted: LabelSet, **rules: object) -> Asked:
    """A comparison under the paper's rule, with few draws."""
    chosen = {
        "preset": "report_to_report_indiana",
        "policy": "definite_joint",
        "minimum_share": 0.0,
        "minimum_count": 1,
        "counted_on": "reference_definite",
        "draws": 100,
        "permutations": 100,
        "seed": 0,
    } | rules
    return Asked(
        reference=reference.pk,
        predicted=tuple(each.pk for each in predicted),
        **chosen,  # type: ignore[arg-type]
    )


def compared(reference: LabelSet, *predicted: LabelSet, **rules: object) -> FindingsRun:
    """The comparison that a worker computes."""
    job = comparing.order(
        collection=reference.collection,
        asked=asked(reference, *predicted, **rules),
        actor=cora().user,
    )
    claimed = leases.claim(FindingsJob, id=job.pk, worker="a worker")
    assert claimed is not None
    comparing.do(claimed)
    job.refresh_from_db()
    assert job.run is not None
    return job.run


def ends_when_looked_for(monkeypatch: pytest.MonkeyPatch, job: Work) -> None:
    """A worker gives a job up at the very moment when somebody looks for it."""
    looked_for = WorkQuerySet.unfinished

    def unfinished(rows: WorkQuerySet[Work]) -> WorkQuerySet[Work]:
        type(job)._default_manager.filter(pk=job.pk).update(status=Work.Status.FAILED)
        return looked_for(rows)

    monkeypatch.setattr(WorkQuerySet, "unfinished", unfinished)
