"""Computing a result set: from the reads' CSV text alone, stored by its hash.

scipy, pandas and statsmodels take seconds to load. They come with the first result set,
so that commands, the worker and the site start without them.
"""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import readerstudy
from readerstudy.analysis.models import AnalysisRun
from readerstudy.analysis.reads import reads_csv
from readerstudy.analysis.statistics import REVISION
from readerstudy.analysis.statistics.design import Design, design_of_protocol
from readerstudy.analysis.statistics.reads_csv import read_csv
from readerstudy.studies.models import Study
from readerstudy.studies.protocol import sha256_of

if TYPE_CHECKING:
    from readerstudy.analysis.statistics.results import ResultSet


def results_of_csv(
    content: bytes | str, design: Design, *, name: str = "reads.csv", seed: int = 0
) -> "ResultSet":
    """Compute the result set of tidy reads under a design; the one code path.

    Raises BadTable, in a sentence that names file, row and column.
    """
    from readerstudy.analysis.statistics.results import result_set

    return result_set(read_csv(content, name=name), design, seed=seed)


def result_files(
    result: "ResultSet",
    protocol: Mapping[str, Any] | None = None,
    *,
    reads_sha256: str = "",
) -> dict[str, bytes]:
    """Every file of a result set by name: for machines, then for people.

    A protocol gives arms their labels and the methods their facts.
    """
    from readerstudy.analysis.documents.files import documents

    return machine_files(result) | documents(
        result.as_json(), protocol, reads_sha256=reads_sha256
    )


def machine_files(result: "ResultSet") -> dict[str, bytes]:
    """results.json and its tables, by name."""
    from readerstudy.analysis.statistics.files import write_result_set

    with TemporaryDirectory() as folder:
        names = write_result_set(result, Path(folder))
        return {name: (Path(folder) / name).read_bytes() for name in names}


def run_of(study: Study) -> AnalysisRun:
    """Return the analysis of a study's reads, computing it where there is none yet.

    Computing takes seconds, so no transaction is held open meanwhile.
    """
    text = reads_csv(study)
    identity = {
        "study": study,
        "reads_sha256": sha256_of(text),
        "version": f"{readerstudy.VERSION} r{REVISION}",
    }
    run = AnalysisRun.objects.filter(**identity).first()
    if run is None:
        results = results_of_csv(text, design_of_protocol(study.locked_protocol))
        run, _ = AnalysisRun.objects.get_or_create(
            **identity, defaults={"results": results.as_json()}
        )
    return run
