"""What workers have counted, brought to whoever is asked for the metrics.

Workers answer no requests and may run on other machines. Each leaves its figures in the
cache that all processes share, under its own name, every few seconds; one that is gone
leaves with them.
"""

import sys
from collections.abc import Iterable

from django.core.cache import cache
from prometheus_client.core import Metric

from readerstudy import measures
from readerstudy.work.models import WorkerPulse
from readerstudy.work.worker import worker_name

EVERY_SECONDS = 10
KEPT_SECONDS = 60


def publish() -> None:
    """Leave this worker's figures in the shared cache."""
    _look_at_gpus()
    cache.set(_place(worker_name()), list(measures.WORKER.collect()), KEPT_SECONDS)


def _place(worker: str) -> str:
    return f"measures:{worker}"


def _look_at_gpus() -> None:
    """Note the memory of each GPU, where this worker has a model on one."""
    cuda = sys.modules.get("torch.cuda")
    # It may be in the midst of being imported, and lack what it will have.
    is_initialized = getattr(cuda, "is_initialized", None)
    if cuda is None or is_initialized is None or not is_initialized():
        return
    for number in range(cuda.device_count()):
        free, total = cuda.mem_get_info(number)
        memory = measures.gpu_memory
        memory.labels(f"cuda:{number}", "total").set(total)
        memory.labels(f"cuda:{number}", "used").set(total - free)


def of_workers() -> Iterable[Metric]:
    """The figures of the living workers, each sample with its worker; two queries."""
    names = [pulse.process for pulse in WorkerPulse.objects.alive()]
    workers = {_place(name): name for name in names}
    together: dict[str, Metric] = {}
    for place, metrics in cache.get_many(workers).items():
        for metric in metrics:
            there = together.setdefault(
                metric.name, Metric(metric.name, metric.documentation, metric.type)
            )
            for sample in metric.samples:
                labels = sample.labels | {"worker": workers[place]}
                there.samples.append(sample._replace(labels=labels))
    return together.values()
