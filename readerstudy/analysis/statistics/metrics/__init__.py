"""Text metrics of reports, metrics made elsewhere, and their agreement with grades.

Knows no Django. `text_metrics` needs no download; `read_metric_table` takes what other
tools made (RadGraph-F1, RadCliQ, GREEN, RaTEScore); `joined_metrics` puts both into one
table; `agreement_with_grades` compares every metric with the readers' grades.
"""

from readerstudy.analysis.statistics.metrics.metric_tables import (
    BadMetrics as BadMetrics,
)
from readerstudy.analysis.statistics.metrics.metric_tables import (
    MetricTable as MetricTable,
)
from readerstudy.analysis.statistics.metrics.metric_tables import (
    joined_metrics as joined_metrics,
)
from readerstudy.analysis.statistics.metrics.metric_tables import (
    read_metric_table as read_metric_table,
)
from readerstudy.analysis.statistics.metrics.tau import (
    agreement_with_grades as agreement_with_grades,
)
from readerstudy.analysis.statistics.metrics.text_metrics import (
    text_metrics as text_metrics,
)
