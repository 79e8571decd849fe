"""Is the process up, and do its neighbours answer?"""

import logging

from celery.exceptions import OperationalError as BrokerDown
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from kombu.exceptions import KombuError

from readerstudy.celery import app
from readerstudy.media_store import store

logger = logging.getLogger(__name__)


@login_not_required
@never_cache
@require_GET
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@login_not_required
@never_cache
@require_GET
def readyz(request: HttpRequest) -> JsonResponse:
    """Database, broker and storage answer; 503 where one does not."""
    checks = {
        "database": _database_answers(),
        "broker": _broker_answers(),
        "storage": _storage_answers(),
    }
    ready = all(checks.values())
    return JsonResponse(
        {"status": "ok" if ready else "unavailable", "checks": checks},
        status=200 if ready else 503,
    )


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return True
    except DatabaseError:
        logger.warning("the database does not answer", exc_info=True)
        return False


def _broker_answers() -> bool:
    try:
        with app.connection_for_write(connect_timeout=3) as broker:
            broker.ensure_connection(max_retries=1, timeout=3)
            return True
    except (BrokerDown, KombuError, OSError):
        logger.warning("the broker does not answer", exc_info=True)
        return False


def _storage_answers() -> bool:
    try:
        store().prove()
        return True
    except OSError:
        logger.warning("the storage does not answer", exc_info=True)
        return False
