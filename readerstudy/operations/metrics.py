"""The metrics page: what all web processes have counted, and the rows of the site."""

import hmac
import os

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from readerstudy import measures
from readerstudy.operations.collector import SiteCollector

# Set by gunicorn.conf.py: the folder into which every web process counts.
COUNTED = "PROMETHEUS_MULTIPROC_DIR"
_WAY = "Bearer "


@login_not_required
@never_cache
@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """What Prometheus reads; 404 without the token, as if there were no such page."""
    if not _may_read(request.headers.get("Authorization", "")):
        raise Http404
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)


def _may_read(authorization: str) -> bool:
    if not settings.METRICS_TOKEN or not authorization.startswith(_WAY):
        return False
    given = authorization.removeprefix(_WAY).encode()
    return hmac.compare_digest(given, settings.METRICS_TOKEN.encode())


def exposition() -> bytes:
    """All metrics in the text format of Prometheus."""
    site = CollectorRegistry()
    site.register(SiteCollector())
    folder = os.environ.get(COUNTED, "")
    if not folder:
        return generate_latest(measures.WEB) + generate_latest(site)
    processes = CollectorRegistry()
    MultiProcessCollector(processes, folder)  # type: ignore[no-untyped-call]
    return generate_latest(processes) + generate_latest(site)
