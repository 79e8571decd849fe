"""The Celery application. A message only rings the bell; the Job table is the truth."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "readerstudy.settings")

app = Celery("readerstudy")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["readerstudy.reports"])
# By name: the step needs the models, which are not loaded yet.
app.steps["worker"].add("readerstudy.reports.pulse:Pulse")
