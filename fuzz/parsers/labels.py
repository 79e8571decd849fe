"""Tables of labels and of metrics, and the answers of a model."""

from contextlib import suppress

from readerstudy.analysis.statistics.findings.label_csv import read_label_table
from readerstudy.analysis.statistics.findings.label_tables import BadLabels
from readerstudy.analysis.statistics.metrics.metric_tables import (
    BadMetrics,
    read_metric_table,
)
from readerstudy.cases.radiograph import Refused
from readerstudy.reports.labels.checking import (
    check_answers,
    check_labels,
    check_metrics,
)

REFUSALS = (Refused, BadLabels, BadMetrics)
_KNOWN = {"CXR1": 1, "CXR2": 2, "a": 3}


def parse(content: bytes) -> None:
    for by_row in (False, True):
        with suppress(BadLabels):
            read_label_table(content, name="a.csv", by_row=by_row)
    with suppress(BadMetrics):
        read_metric_table(content, source="model", name="a.csv")
    for check in (check_labels, check_metrics, check_answers):
        with suppress(Refused):
            check(content, "a.csv", _KNOWN)
