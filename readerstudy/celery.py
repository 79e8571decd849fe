"""The Celery application. A message only rings the bell; the Job table is the truth."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "readerstudy.settings")
# torch's threads spin while they wait for each other: where other processes share the
# cores, a report takes ten times as long. It is read once, when torch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

app = Celery("readerstudy", task_cls="readerstudy.tracing:TracedTask")
# As django.conf has them; nonsense ends the process with a sentence.
app.config_from_object("readerstudy.starting:settings", namespace="CELERY")
_STAGES = (
    "studies.account",
    "studies.webhooks",
    "cases.intake",
    "cases.deidentification",
    "reports",
    "reports.console",
    "reports.labels",
    "grading",
    "presentation.blinding_audit",
    "reports.tables",
    "analysis",
    "analysis.findings",
    "export",
    "operations",
)
app.autodiscover_tasks([f"readerstudy.{stage}" for stage in _STAGES])
# By name: the step needs the models, which are not loaded yet.
app.steps["worker"].add("readerstudy.work.pulse:Pulse")
