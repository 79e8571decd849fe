"""What a process counts of itself, for Prometheus. Knows nothing of Django.

A web process counts into WEB, a worker into WORKER. No label names a study, an arm, a
source, a case or a person: whoever reads the figures learns nothing of who wrote what.
docs/reference/metrics.md lists them.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

WEB = CollectorRegistry()
WORKER = CollectorRegistry()

_OF_A_PAGE = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)
_OF_A_REPORT = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 180.0)

requests = Counter(
    "readerstudy_requests_total",
    "Requests that were answered, by part of the site.",
    ["part", "method", "status"],
    registry=WEB,
)
request_seconds = Histogram(
    "readerstudy_request_seconds",
    "How long an answer took, by part of the site.",
    ["part"],
    buckets=_OF_A_PAGE,
    registry=WEB,
)
grade_seconds = Histogram(
    "readerstudy_grade_seconds",
    "How long it took to store a grade and acknowledge it.",
    buckets=_OF_A_PAGE,
    registry=WEB,
)

work_ended = Counter(
    "readerstudy_work_ended_total",
    "Attempts of workers at work of a kind, by how they ended.",
    ["kind", "outcome"],
    registry=WORKER,
)
lease_expiries = Counter(
    "readerstudy_lease_expiries_total",
    "Work that was taken from a worker which showed no sign of life.",
    ["kind"],
    registry=WORKER,
)
report_seconds = Histogram(
    "readerstudy_report_seconds",
    "How long the writing of a report took, without the time that it waited.",
    ["kind"],
    buckets=_OF_A_REPORT,
    registry=WORKER,
)
gpu_memory = Gauge(
    "readerstudy_gpu_memory_bytes",
    "Memory of a GPU that a worker has a model on: total, and in use by anybody.",
    ["device", "what"],
    registry=WORKER,
)
