"""Metrics beside the grades of a closed study: who ranks the reports alike.

Exploratory: no protocol names it. It stands beside the result set and is no part of it,
so that the reads alone still give the result set to the last digit.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.db import transaction

from readerstudy.accounts.models import User
from readerstudy.analysis.findings.models import MetricAgreement
from readerstudy.analysis.findings.presented import (
    doubts,
    presented_sha256,
    presented_texts,
)
from readerstudy.analysis.findings.tables import (
    metrics_of,
    newest_metrics,
    texts_of,
    texts_sha256,
)
from readerstudy.analysis.reads import case_labels, reads_csv
from readerstudy.analysis.services import refuse_unless_closed
from readerstudy.analysis.state import software, state_of
from readerstudy.audit.services import record
from readerstudy.cases.models import Case
from readerstudy.reports.labels.models import MetricTable
from readerstudy.reports.models import GROUND_TRUTH, Source
from readerstudy.studies.models import Arm, Study
from readerstudy.studies.protocol import canonical_json, sha256_of
from readerstudy.work import leases
from readerstudy.work.asking import made_or_waiting

if TYPE_CHECKING:
    from readerstudy.analysis.statistics.metrics import MetricTable as Metrics

DRAWS, SEED = 1_000, 0


def order(*, study: Study, actor: User | None) -> MetricAgreement:
    """Let a worker compare metrics and grades; one that is under way is returned."""
    refuse_unless_closed(study)
    with transaction.atomic():
        job, is_new = made_or_waiting(
            MetricAgreement, {"study": study}, requested_by=actor
        )
        if not is_new:
            return job
        record(
            actor=actor,
            verb="metrics.queued",
            stream=study.code,
            detail={"job": job.pk},
        )
        leases.ring_on_commit(MetricAgreement.objects.filter(pk=job.pk))
    return job


def inputs_sha256(study: Study) -> str:
    """SHA-256 of the grades, the texts and the metrics that are there now."""
    collection = study.caseset.collection
    sources = _sources(study)
    tables = MetricTable.objects.filter(
        collection=collection, source__in=sources.values()
    )
    reference = _reference(study) if _reference_arm(study) is None else None
    return sha256_of(
        canonical_json(
            {
                "grades": state_of(study),
                "texts": presented_sha256(study),
                "reference": texts_sha256(collection, reference) if reference else "",
                "metrics": sorted(tables.values_list("pk", flat=True)),
                "version": software(),
            }
        )
    )


def _sources(study: Study) -> dict[str, Source]:
    """The sources of a study's arms, by the names of the arms."""
    named = {each.name: each for each in Source.objects.all()}
    arms = study.arm_set.order_by("position")
    return {arm.name: named[arm.source] for arm in arms if arm.source in named}


def _reference_arm(study: Study) -> Arm | None:
    return study.arm_set.filter(is_reference=True).first()


def _reference(study: Study) -> Source | None:
    """Whose texts the others are measured against."""
    arm = _reference_arm(study)
    name = arm.source if arm else GROUND_TRUTH
    return Source.objects.filter(name=name).first()


def agreement(study: Study) -> dict[str, Any]:
    """Kendall's tau of every metric with the grades. Raises ValueError in a sentence.

    Texts are those that the readers saw; without an arm of the reference its texts are
    the current ones. The reference is not measured against itself.
    """
    from readerstudy.analysis.statistics.metrics import agreement_with_grades
    from readerstudy.analysis.statistics.reads_csv import read_csv

    tables = _measured(study)
    if not tables:
        raise ValueError(
            "There is nothing to compare with the grades: import metrics of the "
            "reports, or a reference that their texts can be measured against."
        )
    reads = read_csv(reads_csv(study))
    return agreement_with_grades(reads, tables, draws=DRAWS, seed=SEED)


def _measured(study: Study) -> list["Metrics"]:
    """The metrics of each arm by the labels of cases, with what is doubtful of them."""
    collection = study.caseset.collection
    labels = case_labels(study)
    codes = {
        code: labels[pk]
        for pk, code in Case.objects.of_study(study).values_list("pk", "code")
        if pk in labels
    }
    reference, reference_arm = _reference(study), _reference_arm(study)
    presented = presented_texts(study)
    compared: dict[str, str] = {}
    if reference_arm:
        compared = presented[reference_arm.name]
    elif reference:
        compared = texts_of(collection, reference)
    arms = {arm.name: arm for arm in study.arm_set.all()}
    found = []
    for name, source in _sources(study).items():
        own = {} if source == reference else compared
        texts = presented[name]
        table = metrics_of(
            collection, source, own, title=name, codes=codes, texts=texts
        )
        if table is None:
            continue
        imported = {
            metric: brought
            for metric, (brought, _) in newest_metrics(collection, source).items()
            if table.origin.get(metric) == brought.file_name
        }
        notes = (*table.notes, *doubts(arms[name], imported))
        found.append(replace(table, notes=notes))
    return found


def do(claimed: leases.Claim) -> None:
    """Compare what a job asks for and store it, if the claim still holds."""
    job = MetricAgreement.objects.select_related("study", "requested_by").get(
        pk=claimed.id
    )
    refuse_unless_closed(job.study)
    sha256 = inputs_sha256(job.study)
    result = agreement(job.study)
    with transaction.atomic():
        held: MetricAgreement | None = leases.held(claimed).select_for_update().first()
        if held is None:
            return
        held.inputs_sha256, held.result = sha256, result
        leases.finish(held)
        held.save()
        record(
            actor=job.requested_by,
            verb="metrics.compared",
            stream=job.study.code,
            detail={"job": job.pk, "inputs_sha256": sha256},
        )
