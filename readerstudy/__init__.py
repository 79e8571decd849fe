"""readerstudy: blinded reader studies of AI-written chest X-ray reports.

One app per stage of the data flow; docs/explanation/architecture.md has the picture.
"""

from readerstudy.celery import app as celery_app

__all__ = ["VERSION", "celery_app"]

VERSION = "0.1.0"
