"""Prometheus reads the metrics with a token; nobody learns who wrote what by them."""

import re
import sys
from datetime import timedelta
from types import ModuleType

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from readerstudy import measures
from readerstudy.cases.models import Case
from readerstudy.operations import published
from readerstudy.reports.models import Job, Source
from readerstudy.work.models import WorkerPulse
from readerstudy.work.worker import worker_name
from tests import worlds
from tests.people import rosa
from tests.test_query_counts import reads

pytestmark = pytest.mark.django_db
TOKEN = "a token of more than two dozen signs"
# None of these tells studies, arms, sources, cases or people apart.
LABELS = {
    *("part", "method", "status", "le", "kind", "outcome", "worker", "device", "what"),
    *("check", "folder"),
}


@pytest.fixture(autouse=True)
def _token(settings, tmp_path):
    settings.METRICS_TOKEN = TOKEN
    settings.MEDIA_ROOT = tmp_path


def scraped() -> str:
    answer = Client(headers={"authorization": f"Bearer {TOKEN}"}).get("/metrics")
    assert answer.status_code == 200
    return answer.content.decode()


def samples() -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (each.name, frozenset(each.labels.items())): each.value
        for family in text_string_to_metric_families(scraped())
        for each in family.samples
    }


def worker_that_counted() -> None:
    WorkerPulse.objects.create(worker=worker_name(), seen_at=timezone.now())
    measures.lease_expiries.labels("reports.job").inc()
    measures.work_ended.labels("reports.job", "done").inc()
    measures.report_seconds.labels("reports.job").observe(2.0)
    measures.gpu_memory.labels("cuda:0", "used").set(1e9)
    published.publish()


@pytest.mark.parametrize(
    "given", [None, "Bearer ", "Bearer wrong", f"Token {TOKEN}", TOKEN]
)
def test_without_the_token_there_is_no_such_page(given):
    headers = {"authorization": given} if given else {}
    assert Client(headers=headers).get("/metrics").status_code == 404


def test_where_no_token_is_set_nothing_opens_it(settings):
    settings.METRICS_TOKEN = ""
    for given in ("Bearer ", "Bearer None"):
        client = Client(headers={"authorization": given})
        assert client.get("/metrics").status_code == 404


def test_a_worker_counts_while_torch_is_on_its_way_in(monkeypatch):
    for name in ("torch", "torch.cuda"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    worker_that_counted()
    assert any(name == "readerstudy_report_seconds_count" for name, _ in samples())


def test_what_workers_have_counted_comes_with_their_name():
    worker_that_counted()
    found = samples()
    own = {("kind", "reports.job"), ("worker", worker_name())}
    assert found["readerstudy_lease_expiries_total", frozenset(own)] >= 1
    assert found["readerstudy_report_seconds_sum", frozenset(own)] >= 2
    gpu = {("device", "cuda:0"), ("what", "used"), ("worker", worker_name())}
    assert found["readerstudy_gpu_memory_bytes", frozenset(gpu)] == 1e9
    WorkerPulse.objects.all().delete()
    assert not any("lease_expiries" in name for name, _ in samples())


def test_the_queue_is_told_by_kind_with_its_age():
    study = worlds.draft_study()
    study_case = study.caseset.studycase_set.first()
    source = Source.objects.get(name="cxr_llava")
    job = Job.objects.create(
        case=study_case.case, source=source, fingerprint="f", checkpoint="c"
    )
    hour_ago = timezone.now() - timedelta(hours=1)
    Job.objects.filter(pk=job.pk).update(created_at=hour_ago)
    found, of_jobs = samples(), frozenset({("kind", "reports.job")})
    assert found["readerstudy_work_waiting", of_jobs] == 1
    assert 3600 <= found["readerstudy_work_oldest_seconds", of_jobs] < 3700


def test_a_read_is_counted_and_nothing_says_of_what():
    """The figures name parts of the site and kinds of work; of a study, nothing."""
    study = worlds.open_study()
    before = measures.grade_seconds._sum.get()
    reads(study, rosa())
    assert measures.grade_seconds._sum.get() > before
    worker_that_counted()
    text = scraped()
    families = list(text_string_to_metric_families(text))
    labels = {
        name for each in families for sample in each.samples for name in sample.labels
    }
    assert labels <= LABELS
    values = {
        value for each in families for one in each.samples
        for name, value in one.labels.items() if name not in {"le", "kind"}
    }  # fmt: skip
    secrets = {study.code, "rosa", *study.arm_set.values_list("name", flat=True)}
    secrets |= set(study.arm_set.values_list("source", flat=True))
    secrets |= set(Case.objects.values_list("code", flat=True))
    assert not {
        secret for secret in secrets for value in values if secret.lower() in value
    }
    # Metrics with two figures for one thing are refused by Prometheus.
    assert len({each.name for each in families}) == len(families)


def test_a_scrape_asks_the_same_however_much_there_is():
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            scraped()
        return len(asked)

    worker_that_counted()
    first = queries()
    worlds.open_study(cases=5)
    assert queries() == first < 40


def test_an_address_that_there_is_not_makes_no_series_of_its_own():
    for made_up in ("/no-such-page-1/", "/no-such-page-2/"):
        Client().get(made_up)
        Client().generic("BREW", made_up)
    text = scraped()
    assert not re.search("no-such-page|BREW", text)
    assert 'part="other"' in text


def test_what_a_worker_left_is_forgotten_by_itself():
    worker_that_counted()
    assert cache.get(f"measures:{worker_name()}")
    assert published.KEPT_SECONDS <= 60
