"""Computing a result set: from the reads' CSV text alone, stored by its hash."""

from django.db import transaction

import readerstudy
from readerstudy.analysis.models import AnalysisRun
from readerstudy.analysis.reads import reads_csv
from readerstudy.analysis.statistics.design import Design, design_of_protocol
from readerstudy.analysis.statistics.reads_csv import read_csv
from readerstudy.analysis.statistics.results import REVISION, ResultSet, result_set
from readerstudy.studies.models import Study
from readerstudy.studies.protocol import sha256_of


def results_of_csv(
    content: bytes | str, design: Design, *, name: str = "reads.csv", seed: int = 0
) -> ResultSet:
    """Compute the result set of tidy reads under a design; the one code path.

    Raises BadTable, in a sentence that names file, row and column.
    """
    return result_set(
        read_csv(content, name=name),
        arms=design.arms,
        reference=design.reference,
        margin=design.margin,
        seed=seed,
    )


@transaction.atomic
def run_of(study: Study) -> AnalysisRun:
    """Return the analysis of a study's reads, computing it where there is none yet."""
    text = reads_csv(study)
    run, _ = AnalysisRun.objects.get_or_create(
        study=study,
        reads_sha256=sha256_of(text),
        version=f"{readerstudy.VERSION} r{REVISION}",
        defaults={
            "results": results_of_csv(
                text, design_of_protocol(study.locked_protocol)
            ).as_json()
        },
    )
    return run
