"""The web process. It never imports torch: models run in the worker."""

import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application
from django.urls import resolve

from readerstudy.departed import for_those_present

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "readerstudy.settings")
import_module("readerstudy.starting")

application = for_those_present(get_wsgi_application())
# Every view is loaded before the first request comes; with gunicorn's --preload once
# for all of its workers, so that one which was killed is back at once.
resolve("/healthz")
