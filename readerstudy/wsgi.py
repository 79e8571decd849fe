"""The web process. It never imports torch: models run in the worker."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "readerstudy.settings")

application = get_wsgi_application()
